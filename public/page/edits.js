// A message that was said otherwise while nobody heard: the thread comes back as it was, and the new words
// go to the field, instead of nowhere.
import { getField } from "./base/chainlit.js";
import { t } from "./base/data.js";
import { onChange } from "./base/dom.js";
import { toast } from "./base/toast.js";
import { onArrive, onLate, onLeave } from "./base/wire.js";
import { fill } from "./draft.js";

const edits = new Map(); // id -> text
let lost = "";

const note = ({ message }) => void edits.set(message.id, message.output);

onLeave("edit_message", note);
onLate("edit_message", note);
onArrive("new_message", ({ id }) => void edits.delete(id));
onArrive("resume_thread", ({ steps = [] }) => {
  for (const step of steps) {
    const text = edits.get(step.id);
    if (text !== undefined && text !== step.output) lost = text;
  }
  edits.clear();
});

onChange(() => {
  const field = getField();
  if (!lost || !field || field.disabled) return;
  fill(field, [field.value, lost].filter(Boolean).join("\n\n"));
  lost = "";
  toast(t("delivery.edit_lost"));
});
