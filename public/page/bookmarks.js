// A participant's bookmarks, in a dialog: the newest first, each one press away from its message.
import { ask } from "./base/ask.js";
import { apart, data, t } from "./base/data.js";
import { openDialog } from "./base/dialog.js";
import { icon, make } from "./base/dom.js";
import { toast } from "./base/toast.js";
import { openMessage } from "./sidebar/jump.js";
import { ICONS } from "./turns/icons.js";
import { setMark } from "./turns/known.js";

const day = new Intl.DateTimeFormat(data.language, { dateStyle: "medium" });

export async function openBookmarks() {
  let listed = [];
  try {
    ({ bookmarks: listed } = await ask("GET", "/me/bookmarks"));
  } catch (error) {
    toast(error.message, { urgent: true });
    return;
  }
  const list = make("ul", { class: "bookmarks" });
  const none = make("p", { class: "bookmarks-none" }, t("bookmarks_none"));
  const dialog = openDialog(t("bookmarks_title"), none, list);
  for (const one of listed) list.append(row(one, dialog, list, none));
  none.hidden = listed.length > 0;
}

function row(one, dialog, list, none) {
  const who = t(one.role === "user" ? "bookmarks_you" : "bookmarks_reply");
  const about = [who, one.title && apart(one.title), day.format(new Date(one.created_at))].filter(Boolean).join(" · ");
  const text = make("span", { class: "bookmark-text" }, one.text.trim() || "…");
  const line = make("span", { class: "bookmark-about" }, about, one.stands ? null : make("em", {}, t("bookmarks_elsewhere")));
  const jump = make("button", { type: "button", class: "bookmark-jump" }, text, line);
  if (!one.stands) jump.disabled = true;
  jump.addEventListener("click", () => {
    dialog.close();
    openMessage(one.thread_id, one.message_id);
  });
  const away = make("button", { type: "button", class: "own-icon-button", "aria-label": t("turn_unbookmark"), title: t("turn_unbookmark"), "aria-pressed": "true" }, icon(...ICONS.bookmark));
  const item = make("li", {}, jump, away);
  away.addEventListener("click", async () => {
    try {
      await ask("DELETE", `/me/bookmarks/${one.message_id}`);
    } catch (error) {
      toast(error.message, { urgent: true });
      return;
    }
    setMark(one.message_id, { bookmarked: false });
    const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector(".own-icon-button");
    item.remove();
    none.hidden = list.children.length > 0;
    (next ?? dialog.querySelector(".dialog-close")).focus();
  });
  return item;
}
