// What has been typed and not sent: kept for each thread in this tab, over reloads and a new sign-in.
import { getField, isField } from "./base/chainlit.js";
import { onChange, openThread } from "./base/dom.js";
import { recall, remember, whenKnown, whose } from "./who.js";

const filled = new WeakSet();
const known = new WeakSet(); // fields that were drawn, or seen again, when it was known whose page this is
// The last words that were typed, and where. Chainlit's page draws its field anew when it has read its
// settings (frontend/src/pages/Page.tsx), and forgets what somebody quick has written by then.
let typed = { name: null, text: "" };
const name = () => `draft:${openThread() ?? "new"}`;

export function forgetDraft() {
  typed = { name: null, text: "" };
  remember(name(), null);
}

// React keeps a field's text itself: it has to hear of ours as if it had been typed.
export function fill(field, text) {
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function restore() {
  const field = getField();
  if (!field) return;
  const anew = !filled.has(field);
  filled.add(field);
  if (anew && !field.value && typed.text && typed.name === name()) fill(field, typed.text);
  if (!whose() || known.has(field)) return;
  known.add(field);
  const kept = recall(name());
  if (kept && !field.value) fill(field, kept);
  else if (field.value) remember(name(), field.value);
}

addEventListener("input", ({ target }) => {
  if (!isField(target)) return;
  typed = { name: name(), text: target.value };
  if (whose()) remember(name(), target.value);
});
onChange(restore);
whenKnown(restore);
