// A passing line at the foot of the page, with at most one thing to do: Undo.
import { make } from "./dom.js";

const LASTS_MS = 8000;
let shelf = null;

// Returns a function that takes the line away.
export function toast(text, { action = null, lasts = LASTS_MS, urgent = false } = {}) {
  if (!shelf?.isConnected) {
    shelf = make("div", { id: "toasts", role: "region", "aria-live": "polite" });
    document.body.append(shelf);
  }
  const line = make("div", { class: "toast", role: urgent ? "alert" : "status" }, make("span", {}, text));
  let timer = 0;
  const away = () => {
    clearTimeout(timer);
    line.remove();
  };
  const wait = () => {
    if (lasts) timer = setTimeout(away, lasts);
  };
  if (action) {
    const press = () => {
      away();
      action.run();
    };
    line.append(make("button", { type: "button", onclick: press }, action.label));
  }
  // Who reads it, or reaches for its button, is not hurried.
  for (const event of ["pointerenter", "focusin"]) line.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["pointerleave", "focusout"]) line.addEventListener(event, wait);
  shelf.append(line);
  wait();
  return away;
}
