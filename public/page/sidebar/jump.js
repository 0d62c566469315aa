// Into a thread, to one of its messages, which is marked for a moment.
import { go, openThread } from "../base/dom.js";
import { showEarlierUntil } from "../earlier.js";

const MARKED_MS = 2_500;
const still = matchMedia("(prefers-reduced-motion: reduce)");

// Opens a thread; with the id of a message, there.
export async function openMessage(thread, step) {
  if (openThread() !== thread) go(`/thread/${thread}`);
  const found = step ? await showEarlierUntil(step) : null;
  if (found) mark(found);
}

function mark(found) {
  const there = () => found.scrollIntoView({ block: "center" });
  there();
  setTimeout(there, 200); // The messages scroll to their own end once more when they have just been drawn.
  found.classList.add("found-message");
  setTimeout(() => found.classList.remove("found-message"), still.matches ? 2 * MARKED_MS : MARKED_MS);
}
