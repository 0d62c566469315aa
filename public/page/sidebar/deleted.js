// "Recently deleted": what the participant can bring back, days later as well.
import { ask } from "../base/ask.js";
import { apart, count, t } from "../base/data.js";
import { openDialog } from "../base/dialog.js";
import { make } from "../base/dom.js";
import { toast } from "../base/toast.js";
import { restore } from "./remove.js";
import { moment, when } from "./told.js";

export async function openDeleted() {
  const list = make("ul", { class: "deleted-list" });
  const empty = make("p", { class: "quiet", hidden: true }, t("deleted_empty"));
  const more = make("button", { type: "button", class: "own-button", hidden: true }, t("more"));
  openDialog(t("deleted_title"), empty, list, more);
  let cursor = null;
  const load = async () => {
    let page;
    try {
      page = await ask("GET", `/me/threads/deleted${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`);
    } catch (problem) {
      toast(problem.message, { urgent: true });
      return;
    }
    cursor = page.next;
    list.append(...page.threads.map((thread) => item(thread, list, empty)));
    more.hidden = cursor === null;
    empty.hidden = list.childElementCount > 0;
  };
  more.addEventListener("click", load);
  await load();
}

function item(thread, list, empty) {
  const title = thread.title || t("row_untitled");
  const told = t("deleted_when", { when: when(thread.deleted_at) });
  const made = make(
    "li",
    {},
    make(
      "div",
      {},
      make("strong", {}, title),
      make("span", { class: "quiet", title: moment(thread.deleted_at) }, `${told} · ${count("row_messages", thread.message_count)}`),
    ),
  );
  const back = make("button", { type: "button", class: "own-button", "aria-label": `${t("deleted_restore")}: ${apart(title)}` }, t("deleted_restore"));
  back.addEventListener("click", async () => {
    back.disabled = true;
    if (await restore(thread.id)) {
      const next = made.nextElementSibling ?? made.previousElementSibling;
      made.remove();
      empty.hidden = list.childElementCount > 0;
      (next?.querySelector("button") ?? list.closest("dialog").querySelector(".dialog-close")).focus();
      toast(t("deleted_restored", { title }));
    } else back.disabled = false;
  });
  made.append(back);
  return made;
}
