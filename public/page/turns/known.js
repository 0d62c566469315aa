// What the page knows of each message beside what Chainlit draws: its words, and what its participant has
// made of it. It comes with the steps (data_layer/conversations/branches.py, `marks`), and anew after each walk.
import { onArrive, onLeave } from "../base/wire.js";

const steps = new Map(); // id -> {text, streaming, cutOff, agent, fallbackFor}
const hearers = new Set();
let marks = new Map(); // id -> {branch: {at, of}, rating: {value, reasons, comment}, bookmarked}

export const known = (id) => steps.get(id);
export const markOf = (id) => marks.get(id) ?? {};

// Called when a mark has changed.
export const onMarks = (hearer) => hearers.add(hearer);

const tell = () => requestAnimationFrame(() => hearers.forEach((hear) => hear()));

export function setMark(id, changes) {
  marks.set(id, { ...markOf(id), ...changes });
  tell();
}

function note({ id, name, output, streaming, metadata }) {
  if (!id) return;
  const text = output ?? steps.get(id)?.text ?? "";
  const beside = { cutOff: metadata?.cut_off, agent: name, fallbackFor: metadata?.fallback_for };
  steps.set(id, { text, streaming: Boolean(streaming), ...beside });
  const { branch, rating, bookmarked } = metadata ?? {};
  if (branch || rating || bookmarked) marks.set(id, { branch, rating, bookmarked });
}

onArrive("resume_thread", (thread) => {
  steps.clear();
  marks = new Map();
  for (const step of thread.steps ?? []) note(step);
});
for (const event of ["new_message", "update_message", "stream_start"]) onArrive(event, (step) => note(step));
onArrive("delete_message", ({ id }) => void steps.delete(id));
onArrive("marks", (all) => {
  marks = new Map(Object.entries(all));
  tell();
});
onLeave("client_message", ({ message }) => note(message ?? {}));
onLeave("edit_message", ({ message }) => note(message ?? {}));
