// The newest words stay in sight. Chainlit goes to the end whenever a message changes; what grows after that
// (formulas, pictures, the buttons under a reply, the field to write in) would push them out again. Who has
// scrolled up is left there, and what somebody opens stays where it was opened.
import { SCROLLER, STEP, isReplying } from "./base/chainlit.js";
import { onChange, openThread } from "./base/dom.js";

const NEAR = 10; // px from the end that are still the end, as Chainlit has it
const OPENS_MS = 500;

let place = null; // what scrolls
let follows = true;
let top = 0;
let thread = null;
const watched = new Set();

const left = () => place.scrollHeight - place.clientHeight - place.scrollTop;

function stay() {
  if (follows && place?.isConnected && left() > 1) place.scrollTop = place.scrollHeight;
}

function scrolled() {
  if (left() <= NEAR) follows = true;
  else if (place.scrollTop < top) follows = false; // upwards: by the reader, or to a message that was found
  top = place.scrollTop;
}

function opened() {
  if (isReplying()) return; // a reply grows by itself
  follows = false;
  setTimeout(() => place?.isConnected && scrolled(), OPENS_MS);
}

// From here one reads on from the beginning of an element, which may be taller than the window.
export function readFrom(element) {
  follows = false;
  element.scrollIntoView({ block: "start" });
  if (place) top = place.scrollTop;
}

// To the newest words, and with them.
export function goToEnd() {
  follows = true;
  stay();
}

const grown = new ResizeObserver(stay);

function find() {
  const found = document.querySelector(STEP)?.closest(SCROLLER) ?? null;
  if (found && found !== place) {
    place = found;
    top = found.scrollTop;
    found.addEventListener("scroll", scrolled, { passive: true });
    found.addEventListener("click", opened);
  }
  const now = found ? [found, ...found.children] : [];
  for (const one of watched) {
    if (now.includes(one)) continue;
    watched.delete(one);
    grown.unobserve(one);
  }
  for (const one of now) {
    if (watched.has(one)) continue;
    watched.add(one);
    grown.observe(one);
  }
}

onChange(() => {
  if (openThread() !== thread) {
    thread = openThread();
    follows = true;
  }
  find();
});
