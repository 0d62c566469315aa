// A message that is being changed, by the keyboard: as where it was written, Enter sends and Shift+Enter breaks
// the line; Escape gives up. What could not be sent stays in its field: Chainlit's page takes the messages below
// off the screen at once, whatever the server says.
import { CANCEL_EDIT, CONFIRM_EDIT, EDIT, EDIT_FIELD, STEP, getField, isEditField } from "../base/chainlit.js";
import { count, t } from "../base/data.js";
import { onChange } from "../base/dom.js";
import { toast } from "../base/toast.js";
import { isSending, overIn } from "../composer.js";

const stepOf = (node) => node.closest(STEP);
const sendIn = (step) => step?.querySelector(CONFIRM_EDIT);
// The button beside it, which Chainlit gives no name.
const cancelIn = (step) => sendIn(step)?.parentElement.querySelector(CANCEL_EDIT);

// React takes the field off the page, and the focus with it. Who has gone on by then is not called back.
function focusSoon(find) {
  const left = [document.activeElement, document.body, null];
  const focus = () => left.includes(document.activeElement) && find()?.focus({ preventScroll: true });
  requestAnimationFrame(() => requestAnimationFrame(focus));
}

document.addEventListener(
  "keydown",
  (event) => {
    if (!isEditField(event.target)) return;
    const step = stepOf(event.target);
    if (event.key === "Escape" && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      event.stopPropagation();
      cancelIn(step)?.click();
      focusSoon(() => step?.querySelector(EDIT));
    } else if (isSending(event)) {
      event.preventDefault();
      event.stopPropagation();
      sendIn(step)?.click();
    }
  },
  true,
);

document.addEventListener(
  "click",
  (event) => {
    const send = event.target?.closest?.(CONFIRM_EDIT);
    const text = send && stepOf(send)?.querySelector(EDIT_FIELD)?.value;
    if (typeof text !== "string") return;
    const over = overIn(text);
    if (text.trim() && !over) {
      focusSoon(() => !document.querySelector(EDIT_FIELD) && getField());
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (over) toast(count("characters_over", over), { urgent: true });
  },
  true,
);

// Chainlit's button says that something is confirmed.
onChange(() => {
  for (const send of document.querySelectorAll(`${CONFIRM_EDIT}:not([data-said])`)) {
    send.setAttribute("data-said", t("name_send"));
    send.setAttribute("aria-label", t("name_send"));
  }
});
