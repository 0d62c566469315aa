// Writing: when Enter sends and when it breaks the line, how many characters are left, what cannot go yet.
import { SEND, UPLOADING, getComposer, getField, isField } from "./base/chainlit.js";
import { count, data } from "./base/data.js";
import { make, onChange } from "./base/dom.js";
import { hasEnded } from "./ended.js";

const LIMIT = data.study.message_length ?? Infinity;
// From how many characters before the limit they are counted.
const NEAR = Math.min(1000, Math.ceil(LIMIT / 5));
// Where a keyboard is drawn on the screen, Enter breaks the line: the button beside it sends.
const drawnKeyboard = matchMedia("(hover: none) and (pointer: coarse)");

// Whether a key sends what is written. An Enter that ends a composition chooses a word; Safari sends it after
// the composition, as key 229.
export const sends = (event) => isField(event.target) && isSending(event);

// The same in a message that is being changed (turns/changing.js).
export function isSending(event) {
  if (event.key !== "Enter" || event.shiftKey) return false;
  if (event.isComposing || event.keyCode === 229) return false;
  return !drawnKeyboard.matches || event.ctrlKey || event.metaKey;
}

// As the server counts: by characters, not by the halves that JavaScript keeps some of them in.
function lengthOf(text) {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

// How many characters of a text are too many.
export const overIn = (text) => (text.length > LIMIT ? lengthOf(text) - LIMIT : 0);
const over = () => overIn(getField()?.value ?? "");
// Chainlit sends what has been uploaded by then, without a word about the rest.
const uploading = () => document.querySelector(UPLOADING) !== null;

function show() {
  const composer = getComposer();
  const text = getField()?.value;
  if (!composer || text === undefined) return;
  const left = text.length < LIMIT - NEAR ? Infinity : LIMIT - lengthOf(text);
  let line = document.getElementById("characters");
  if (left > NEAR) line?.remove();
  else {
    if (line?.parentElement !== composer) {
      line?.remove();
      line = make("p", { id: "characters", role: "status" });
      composer.append(line);
    }
    const said = left < 0 ? count("characters_over", -left) : count("characters_left", left);
    if (line.textContent !== said) line.textContent = said;
  }
  const waits = hasEnded() ? "ended" : left < 0 ? "too-long" : uploading() ? "uploading" : "";
  if ((composer.dataset.waits ?? "") !== waits) {
    if (waits) composer.dataset.waits = waits;
    else delete composer.dataset.waits;
  }
  // React holds `disabled` and knows nothing of these reasons.
  const send = document.querySelector(SEND);
  const off = waits ? "true" : null;
  if (send && send.getAttribute("aria-disabled") !== off) {
    if (off) send.setAttribute("aria-disabled", off);
    else send.removeAttribute("aria-disabled");
  }
}

onChange(show);
document.addEventListener("input", (event) => isField(event.target) && show());

function keep(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

// Before React, which listens at its root.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Enter" || event.shiftKey || !isField(event.target)) return;
    // Chainlit's page takes every Enter for the one that sends.
    if (!sends(event)) event.stopImmediatePropagation();
    else if (hasEnded() || over() || uploading()) keep(event);
  },
  true,
);
document.addEventListener(
  "click",
  (event) => {
    if (event.target.closest?.(SEND) && (hasEnded() || over() || uploading())) keep(event);
  },
  true,
);
