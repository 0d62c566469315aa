// "Save my conversation": files to keep, and a page to print.
import { below } from "./base/below.js";
import { t } from "./base/data.js";
import { openDialog } from "./base/dialog.js";
import { make } from "./base/dom.js";

const FILES = ["txt", "md", "json"];

export function openSave(threadId) {
  const at = `/me/threads/${encodeURIComponent(threadId)}`;
  const choice = (name, settings) =>
    make(
      "li",
      {},
      make("a", { class: "save-choice", ...settings }, make("span", {}, t(`save_${name}`)), make("small", {}, t(`save_${name}_about`))),
    );
  const list = make(
    "ul",
    { class: "save-choices" },
    choice("print", { href: below(`${at}/print`), target: "_blank", rel: "noopener" }),
    ...FILES.map((ending) => choice(ending, { href: below(`${at}/save.${ending}`), download: "" })),
  );
  return openDialog(t("save_title"), make("p", {}, t("save_about")), list);
}
