// A study that has ended: its text stands above the field, which can be read and copied from but sends nothing. What is
// there to read, save and share stays.
import { CONFIRM_EDIT, EDIT, STARTER, getComposer, getField } from "./base/chainlit.js";
import { make, onChange } from "./base/dom.js";
import { onArrive } from "./base/wire.js";
import { fill } from "./draft.js";
import { takeBack } from "./delivery.js";

let ended = false;

export const hasEnded = () => ended;

function learn(state) {
  ended = state === "ended";
  if (ended) document.documentElement.dataset.study = "ended"; // ended.css
  else delete document.documentElement.dataset.study;
  draw();
}

onArrive("study_state", ({ state, not_taken: id }) => {
  learn(state);
  const words = id ? takeBack(id) : "";
  const field = getField();
  if (words && field) fill(field, field.value ? `${words}\n\n${field.value}` : words);
  return null;
});

function draw() {
  const composer = getComposer();
  const field = getField();
  if (!composer || !field) return;
  let line = document.getElementById("study-ended");
  if (!ended) line?.remove();
  else if (line?.nextElementSibling !== composer) {
    line ??= make("div", { id: "study-ended", role: "status" });
    composer.before(line);
    const text = document.getElementById("study-ended-text"); // page/chainlit/index_page.py
    if (text && !line.firstChild) line.append(text.content.cloneNode(true));
  }
  if (field.readOnly !== ended) field.readOnly = ended; // not `disabled`: that is connection.js's
}

onChange(draw);

// What would begin a turn; the server refuses it as well.
const BEGINS = `${STARTER}, ${EDIT}, [data-do="again"], ${CONFIRM_EDIT}`;
addEventListener(
  "click",
  (event) => {
    if (!ended || !event.target?.closest?.(BEGINS)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);
