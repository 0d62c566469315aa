// What can be done with a thread, at its row.
import { data, t } from "../base/data.js";
import { icon } from "../base/dom.js";
import { openMenu } from "../base/dialog.js";
import { openSave } from "../save.js";
import { openShare } from "../share.js";
import { closeDrawer } from "./drawer.js";
import { beginRename } from "./rename.js";
import { remove } from "./remove.js";
import { openTags } from "./tags.js";

const ICONS = {
  rename: ["M4 20h4L19 9l-4-4L4 16z", "M13 7l4 4"],
  tags: ["M3 12V4h8l9 9-8 8z", "M7.5 7.5h.01"],
  save: ["M12 4v11", "M7 11l5 5 5-5", "M5 20h14"],
  share: ["M12 15V4", "M8 7l4-4 4 4", "M5 12v8h14v-8"],
  delete: ["M4 7h16", "M9 7V4h6v3", "M6 7l1 13h10l1-13"],
};

export function openRowMenu(id, button) {
  const item = (name, label, run, danger = false) => ({ label, run, danger, icon: icon(...ICONS[name]) });
  // A dialog of ours stands over the whole page: over an open drawer it could not be used.
  const elsewhere = (run) => () => {
    closeDrawer();
    run();
  };
  openMenu(button, [
    item("rename", t("row_rename"), () => beginRename(id)),
    item("tags", t("row_tags"), elsewhere(() => openTags(id))),
    item("save", t("row_save"), elsewhere(() => openSave(id))),
    ...(data.study.sharing ? [item("share", t("row_share"), elsewhere(() => openShare(id)))] : []),
    null,
    item("delete", t("row_delete"), () => remove(id), true),
  ]);
}
