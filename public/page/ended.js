// A study that has ended, or a limit that is reached (limits.js): a text stands above the field, which can be read and
// copied from but sends nothing. What is there to read, save and share stays.
import { CONFIRM_EDIT, EDIT, STARTER, getComposer, getField } from "./base/chainlit.js";
import { make, onChange } from "./base/dom.js";
import { standAbove } from "./base/above.js";
import { onArrive } from "./base/wire.js";
import { fill } from "./draft.js";
import { takeBack } from "./delivery.js";

let over = false; // the study
let reached = null; // the words of a limit: text, or a template's nodes
let said = null; // what the line was made of

export const hasEnded = () => over || reached !== null;

// Closes the field for the words of a limit; null opens it again.
export function closeFor(words) {
  reached = words;
  learn();
}

// Words that were sent and not taken stand in the field again.
export function giveBack(id) {
  const words = id ? takeBack(id) : "";
  const field = getField();
  if (words && field) fill(field, field.value ? `${words}\n\n${field.value}` : words);
}

function learn() {
  if (hasEnded()) document.documentElement.dataset.study = "ended"; // ended.css
  else delete document.documentElement.dataset.study;
  draw();
}

onArrive("study_state", ({ state, not_taken: id }) => {
  over = state === "ended";
  learn();
  giveBack(id);
  return null;
});

// The study's own end comes before a limit's.
function words() {
  if (over) return document.getElementById("study-ended-text")?.content.cloneNode(true); // page/chainlit/index_page.py
  return reached instanceof Node ? reached.cloneNode(true) : make("p", {}, reached);
}

function draw() {
  const field = getField();
  if (!getComposer() || !field) return;
  const ended = hasEnded();
  const of = over || reached;
  let line = document.getElementById("study-ended");
  if (!ended || of !== said) line?.remove();
  said = of;
  if (ended) {
    line = document.getElementById("study-ended") ?? make("div", { id: "study-ended", role: "status" });
    standAbove(line);
    const text = line.firstChild ? null : words();
    if (text) line.append(text);
  }
  if (field.readOnly !== ended) field.readOnly = ended; // not `disabled`: that is connection.js's
}

onChange(draw);

// What would begin a turn; the server refuses it as well.
const BEGINS = `${STARTER}, ${EDIT}, [data-do="again"], ${CONFIRM_EDIT}`;
addEventListener(
  "click",
  (event) => {
    if (!hasEnded() || !event.target?.closest?.(BEGINS)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
