// What those who hear the page, or use it by keyboard, need and Chainlit leaves out.
import {
  AGENTS,
  BAD,
  COPIED,
  COPY,
  DRAWER,
  EDIT,
  EDIT_FIELD,
  FIELD,
  GOOD,
  HISTORY_MENU,
  NEW_CHAT,
  ROW_BUTTON,
  ROW_LINK,
  SEARCH,
  SEND,
  SIDEBAR,
  SIDEBAR_TRIGGER,
  STOP,
  TOASTER,
  TO_NEWEST,
  WELCOME_PICTURE,
  isField,
} from "./base/chainlit.js";
import { t } from "./base/data.js";
import { make, onChange } from "./base/dom.js";

const named = (key) => ({ "aria-label": t(key) });
const ATTRIBUTES = {
  [SIDEBAR_TRIGGER]: named("name_sidebar"),
  [NEW_CHAT]: named("name_new"),
  [SEARCH]: named("name_search"),
  [SEND]: named("name_send"),
  [STOP]: named("name_stop"),
  [AGENTS]: named("name_agent"),
  [WELCOME_PICTURE]: { alt: "" }, // its description stands beside it
  [FIELD]: named("name_message"),
  [TOASTER]: { role: "group" }, // Chainlit's passing lines are no list: each is a status
  [EDIT_FIELD]: named("name_edited"),
  [EDIT]: named("name_edit"),
  [COPY]: named("text_copy"),
  [COPIED]: named("text_copied"),
  [GOOD]: named("name_good"),
  [BAD]: named("name_bad"),
  [TO_NEWEST]: named("name_newest"),
  [SIDEBAR]: { role: "navigation", ...named("name_conversations") },
  [DRAWER]: { role: "dialog", ...named("name_conversations") },
  [HISTORY_MENU]: { role: "presentation" },
  // A row is a link around a button: the keyboard reaches it once. Its menu is ours (sidebar/rows.js).
  [`${ROW_LINK}:has(> ${ROW_BUTTON})`]: { tabindex: "-1" },
  [`${ROW_LINK} > ${ROW_BUTTON}`]: { role: "link" },
};

// The first stop of the keyboard: past the list of threads, to where one writes.
function skip(event) {
  event.preventDefault();
  document.querySelector(`${FIELD}, [name=username]`)?.focus();
}
document.body?.prepend(make("a", { id: "skip", href: FIELD, onclick: skip }, t("skip")));

// Chainlit puts the cursor into the field as the page comes, so that one can write at once; the first Tab would go
// on from there, past all that stands before it.
let untouched = true;
for (const event of ["pointerdown", "input"]) addEventListener(event, () => (untouched = false), { capture: true, once: true });
addEventListener(
  "keydown",
  (event) => {
    const first = untouched && event.key === "Tab" && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    untouched = untouched && ["Shift", "Control", "Alt", "Meta"].includes(event.key);
    const at = document.activeElement;
    if (!first || !(at === document.body || isField(at))) return;
    event.preventDefault();
    document.getElementById("skip")?.focus();
  },
  true,
);

// What public/style.css says in the participant's language.
document.documentElement.style.setProperty("--not-shown", JSON.stringify(t("not_shown")));

onChange(() => {
  for (const [selector, attributes] of Object.entries(ATTRIBUTES)) {
    for (const found of document.querySelectorAll(selector)) {
      for (const [name, value] of Object.entries(attributes)) {
        if (found.getAttribute(name) !== value) found.setAttribute(name, value);
      }
    }
  }
});
