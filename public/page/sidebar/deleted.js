// What is not on the list and can be brought back: "Recently deleted", days later as well, and "Archived", where a study
// allows only so many conversations at once.
import { ask } from "../base/ask.js";
import { apart, count, t } from "../base/data.js";
import { openDialog } from "../base/dialog.js";
import { make } from "../base/dom.js";
import { toast } from "../base/toast.js";
import { reload } from "./list.js";
import { restore } from "./remove.js";
import { moment, when } from "./told.js";

const DELETED = {
  name: "deleted",
  says: { title: "deleted_title", empty: "deleted_empty", when: "deleted_when" },
  back: (id) => restore(id),
};
const ARCHIVED = {
  name: "archived",
  says: { title: "archived_title", empty: "archived_empty", when: "archived_when" },
  async back(id) {
    try {
      const { archived } = await ask("POST", `/me/threads/${id}/unarchive`);
      for (const title of archived) toast(t("archived_instead", { title: title || t("row_untitled") }));
    } catch (problem) {
      toast(problem.message, { urgent: true });
      return false;
    }
    reload();
    return true;
  },
};

export const openDeleted = () => open(DELETED);
export const openArchived = () => open(ARCHIVED);

async function open(kind) {
  const list = make("ul", { class: "deleted-list" });
  const empty = make("p", { class: "quiet", hidden: true }, t(kind.says.empty));
  const more = make("button", { type: "button", class: "own-button", hidden: true }, t("more"));
  openDialog(t(kind.says.title), empty, list, more);
  let cursor = null;
  const load = async () => {
    let page;
    try {
      page = await ask("GET", `/me/threads/${kind.name}${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`);
    } catch (problem) {
      toast(problem.message, { urgent: true });
      return;
    }
    cursor = page.next;
    list.append(...page.threads.map((thread) => item(kind, thread, list, empty)));
    more.hidden = cursor === null;
    empty.hidden = list.childElementCount > 0;
  };
  more.addEventListener("click", load);
  await load();
}

function item(kind, thread, list, empty) {
  const title = thread.title || t("row_untitled");
  const at = thread[`${kind.name}_at`];
  const told = t(kind.says.when, { when: when(at) });
  const made = make(
    "li",
    {},
    make(
      "div",
      {},
      make("strong", {}, title),
      make("span", { class: "quiet", title: moment(at) }, `${told} · ${count("row_messages", thread.message_count)}`),
    ),
  );
  const back = make("button", { type: "button", class: "own-button", "aria-label": `${t("deleted_restore")}: ${apart(title)}` }, t("deleted_restore"));
  back.addEventListener("click", async () => {
    back.disabled = true;
    if (await kind.back(thread.id)) {
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
