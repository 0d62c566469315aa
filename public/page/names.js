// What those who hear the page, or use it by keyboard, need and Chainlit leaves out.
import { t } from "./base/data.js";
import { make, onChange } from "./base/dom.js";

const pictured = (icon) => `button:has(> svg.lucide-${icon})`;
const named = (key) => ({ "aria-label": t(key) });
const ATTRIBUTES = {
  "#sidebar-trigger-button": named("name_sidebar"),
  "#new-chat-button": named("name_new"),
  "#search-chats-button": named("name_search"),
  "#chat-submit": named("name_send"),
  "#stop-button": named("name_stop"),
  "#chat-profiles": named("name_agent"),
  "#welcome-screen img:not(.logo, #attachments img)": { alt: "" }, // its description stands beside it
  "#chat-input": named("name_message"),
  "[data-sonner-toaster]": { role: "group" }, // Chainlit's passing lines are no list: each is a status
  "#edit-chat-input": named("name_edited"),
  ".edit-message": named("name_edit"),
  [pictured("copy")]: named("text_copy"),
  [pictured("check")]: named("text_copied"),
  [pictured("thumbs-up")]: named("name_good"),
  [pictured("thumbs-down")]: named("name_bad"),
  [pictured("arrow-down")]: named("name_newest"),
  "[data-sidebar=sidebar]:not([data-mobile])": { role: "navigation", ...named("name_conversations") },
  "[data-sidebar=sidebar][data-mobile]": { role: "dialog", ...named("name_conversations") },
  "[data-sidebar=menu]:has(> #thread-history)": { role: "presentation" },
  // A row is a link around a button: the keyboard reaches it once. Its menu is ours (sidebar/rows.js).
  "#thread-history a:has(> [data-sidebar=menu-button])": { tabindex: "-1" },
  "#thread-history a > [data-sidebar=menu-button]": { role: "link" },
};

// The first stop of the keyboard: past the list of threads, to where one writes.
function skip(event) {
  event.preventDefault();
  document.querySelector("#chat-input, [name=username]")?.focus();
}
document.body?.prepend(make("a", { id: "skip", href: "#chat-input", onclick: skip }, t("skip")));

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
