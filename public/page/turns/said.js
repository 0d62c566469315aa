// One line that is read out and not seen.
import { make } from "../base/dom.js";

let line = null;

export function announce(text) {
  if (!line?.isConnected) {
    line = make("p", { id: "turn-said", class: "unseen", role: "status", "aria-live": "polite" });
    document.body.append(line);
  }
  line.textContent = "";
  setTimeout(() => {
    line.textContent = text; // In a turn of its own: the same words twice are told twice.
  }, 50);
}
