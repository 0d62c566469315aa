// A thread's title, changed in its place: Enter or a click elsewhere keeps it, Escape does not.
import { ask } from "../base/ask.js";
import { getRow } from "../base/chainlit.js";
import { t } from "../base/data.js";
import { make } from "../base/dom.js";
import { toast } from "../base/toast.js";
import { patch, rowOf } from "./list.js";

const LONGEST = 200;

export function beginRename(id) {
  const item = getRow(id);
  const row = rowOf(id);
  if (!item || !row || item.querySelector(".row-title")) return;
  const field = make("input", { class: "row-title", "aria-label": t("row_title"), maxlength: LONGEST, autocomplete: "off" });
  field.value = row.name ?? "";
  let done = false;
  const end = (keep, back) => {
    if (done) return;
    done = true;
    field.remove();
    if (back) item.querySelector(".row-more")?.focus();
    const title = field.value.trim().replace(/\s+/g, " ");
    if (keep && title && title !== row.name) rename(id, title, row.name);
  };
  field.addEventListener("blur", () => end(true, false));
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing) return; // Enter chooses a character.
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault(); // Or Enter would press the button that gets the focus.
    end(event.key === "Enter", true);
  });
  item.append(field);
  field.focus();
  field.select();
}

async function rename(id, title, before) {
  patch(id, { name: title });
  try {
    await ask("PUT", `/me/threads/${id}`, { title });
  } catch (problem) {
    patch(id, { name: before });
    toast(problem.message, { urgent: true });
  }
}
