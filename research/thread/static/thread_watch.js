// "Watch live": the transcript follows what is committed. The server sends the article as its page draws it; what has
// changed in it is put in place, by its id. What is being read, marked or unfolded stays as it is: a message that holds a
// selection is changed once that is gone. Whoever draws into messages hears "room:changed" and does so again.
import { elements, listen } from "./stream.js";

const article = document.querySelector("article.thread");
const button = document.getElementById("watch");
const SAID = { off: "Watch live", live: "Watching live", away: "Reconnecting…", out: "Signed out" };
const NEAR = 160; // px from the end that are still the end

const known = new Map(); // key -> HTML, as the server drew it
const keys = new WeakMap(); // element -> key: of what has no id it is what it was drawn from
let last = null;
let stop = null;

// What the transcript is made of, each with its key; of two that are drawn alike each has its own.
const isOurs = (one) => !one.matches("header, footer, nav, #tools");
function keyed(from) {
  const counts = new Map();
  return [...from.children].filter(isOurs).map((one) => {
    const key = keys.get(one) ?? (one.id || one.outerHTML);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return [counts.get(key) > 1 && !keys.has(one) ? `${key} ${counts.get(key)}` : key, one];
  });
}

function nextOf(one) {
  let next = one.nextElementSibling;
  while (next && !isOurs(next)) next = next.nextElementSibling;
  return next;
}

for (const [key, one] of keyed(article)) {
  keys.set(one, key);
  known.set(key, one.outerHTML);
}

const isAtEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - NEAR;
const toEnd = () => scrollTo({ top: document.documentElement.scrollHeight });

function holdsSelection(one) {
  const selection = getSelection();
  return !selection.isCollapsed && selection.rangeCount > 0 && selection.getRangeAt(0).intersectsNode(one);
}

function swap(old, fresh) {
  const unfolded = [...old.querySelectorAll("details")].map((one) => one.open);
  [...fresh.querySelectorAll("details")].forEach((one, at) => (one.open = unfolded[at] ?? one.open));
  if (old.matches("details")) fresh.open = old.open;
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(fresh);
  if (!hadFocus) return;
  fresh.tabIndex = -1;
  fresh.focus({ preventScroll: true });
}

function draw() {
  if (last === null) return;
  const fresh = elements(last).firstElementChild;
  const followed = isAtEnd();
  const there = new Map(keyed(article));
  const changed = [];
  let at = document.getElementById("tools");
  let waits = false;
  for (const [key, one] of keyed(fresh)) {
    const html = one.outerHTML;
    let place = there.get(key);
    there.delete(key);
    if (!place) {
      at.after(one);
      place = one;
      changed.push(one);
    } else if (known.get(key) !== html) {
      if (holdsSelection(place)) {
        waits = true;
        at = place;
        continue;
      }
      swap(place, one);
      place = one;
      changed.push(one);
    }
    if (nextOf(at) !== place) at.after(place);
    keys.set(place, key);
    known.set(key, html);
    at = place;
  }
  for (const [key, one] of there) {
    if (!known.has(key)) continue; // a script has put it there
    known.delete(key);
    one.remove();
  }
  for (const part of [".about .panel", ".outstanding", "#tools .strip", "#strip-key"]) {
    const [old, new_] = [article.querySelector(part), fresh.querySelector(part)];
    if (old && new_ && old.outerHTML !== new_.outerHTML) {
      new_.open = old.open;
      old.replaceWith(new_);
    } else if (!old && new_) {
      if (part === ".outstanding") article.querySelector(".about").after(new_);
      else document.getElementById("tools").append(new_);
    }
  }
  if (!waits) last = null;
  if (!changed.length) return;
  if (followed) toEnd();
  dispatchEvent(new CustomEvent("room:changed", { detail: { elements: changed } }));
}

document.addEventListener("selectionchange", () => last !== null && getSelection().isCollapsed && draw());

function tell(state) {
  button.textContent = SAID[state];
  button.setAttribute("aria-pressed", String(state === "live" || state === "away"));
}

function begin() {
  const heard = ({ html }) => {
    last = html;
    draw();
  };
  stop = listen(`${location.pathname}/stream${location.search}`, { thread: heard }, tell);
  tell("away");
}

function end() {
  stop?.();
  stop = null;
  tell("off");
}

button.addEventListener("click", () => (stop ? end() : begin()));
// From the page of who is here: at the newest words, unless the address points somewhere.
if (new URLSearchParams(location.search).get("watch") === "yes") {
  begin();
  if (!location.hash) toEnd();
}
