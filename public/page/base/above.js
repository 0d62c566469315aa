// The lines above the field to write in. Each has its place, by the one next to it: two that both wanted to stand
// next to the field would push each other aside in every frame, and a press on a button that moves is none.
import { getComposer } from "./chainlit.js";

const NEAREST_FIRST = ["connection", "study-ended", "stage", "intent-now"];

// Puts a line where it belongs, and moves it only when it stands elsewhere: Chainlit draws the field anew.
export function standAbove(line) {
  const composer = getComposer();
  if (!composer) return;
  const nearer = NEAREST_FIRST.slice(0, NEAREST_FIRST.indexOf(line.id)).map((id) => document.getElementById(id));
  const below = nearer.findLast((one) => one !== null) ?? composer;
  if (line.nextElementSibling !== below) below.before(line);
}
