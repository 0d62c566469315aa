// Small helpers for what stands beside Chainlit's own elements.
import { below, place } from "./below.js";

const lookers = new Set();
let waiting = false;

function look() {
  waiting = false;
  for (const looker of lookers) {
    try {
      looker();
    } catch (error) {
      console.error(error); // One part that fails must not take the others with it.
    }
  }
}

function soon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(look);
}

// Called once a frame at most, however much of the page has changed: a streaming reply changes it all the
// time. A looker must leave the page as it is when nothing is to be done, or it calls itself for ever.
export function onChange(looker) {
  lookers.add(looker);
  soon();
}

new MutationObserver(soon).observe(document.documentElement, { childList: true, subtree: true });

// make("button", {class: "x", onclick: f}, "text", child): an element. Text is text, never HTML.
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

// An icon of ours: paths on a field of 24, drawn with the text's colour.
export function icon(...paths) {
  const drawn = document.createElementNS(SVG, "svg");
  const settings = { viewBox: "0 0 24 24", width: 20, height: 20, fill: "none", stroke: "currentColor" };
  Object.assign(settings, { "stroke-width": 1.75, "stroke-linecap": "round", "stroke-linejoin": "round" });
  for (const [name, value] of Object.entries(settings)) drawn.setAttribute(name, value);
  drawn.setAttribute("aria-hidden", "true");
  for (const path of paths) {
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", path);
    drawn.append(line);
  }
  return drawn;
}

// The thread that is open: the address names it, also on a phone (address.js).
export const openThread = () => /^\/thread\/([^/]+)/.exec(place())?.[1] ?? null;

// Goes to another address of Chainlit's page without loading it anew: its router hears popstate.
export function go(path) {
  history.pushState(null, "", below(path));
  dispatchEvent(new PopStateEvent("popstate", { state: null }));
}
