// A passing line at the foot of the page, with at most one thing to do: Undo.
import { getComposer } from "./chainlit.js";
import { make } from "./dom.js";

const LASTS_MS = 8000;
const GAP = 8;
let shelf = null;

// Above the field to write in, which grows, and in its middle; where there is none, base.css says where.
function place() {
  const field = getComposer()?.getBoundingClientRect();
  Object.assign(shelf.style, {
    bottom: field ? `${Math.round(innerHeight - field.top) + GAP}px` : "",
    left: field ? `${Math.round(field.left)}px` : "",
    right: field ? `${Math.round(document.documentElement.clientWidth - field.right)}px` : "",
  });
}

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
  place();
  shelf.append(line);
  wait();
  return away;
}
