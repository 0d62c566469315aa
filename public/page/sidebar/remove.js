// A thread is deleted at once, and can be had back: by Undo, or later from "Recently deleted".
import { ask } from "../base/ask.js";
import { t } from "../base/data.js";
import { go, openThread } from "../base/dom.js";
import { toast } from "../base/toast.js";
import { onArrive } from "../base/wire.js";
import { newThread } from "./drawer.js";
import { put, reload, rowOf } from "./list.js";
import { titleOf } from "./told.js";

const here = new Set(); // Deleted on this page: it is told of that as the others are.
const offers = new Map(); // id -> takes its Undo away

export async function remove(id) {
  const row = rowOf(id);
  if (!row) return;
  const wasOpen = openThread() === id;
  here.add(id);
  put({ ...row, deleted: true });
  if (wasOpen) newThread();
  try {
    await ask("DELETE", `/me/threads/${id}`);
  } catch (problem) {
    here.delete(id);
    put({ ...row, deleted: false });
    toast(problem.message, { urgent: true });
    return;
  }
  const undo = { label: t("deleted_undo"), run: () => restore(id, wasOpen) };
  offers.set(id, toast(t("deleted_one", { title: titleOf(row) }), { action: undo }));
}

// Brings a thread back, and the participant into it when they were there.
export async function restore(id, open = false) {
  try {
    await ask("POST", `/me/threads/${id}/restore`);
  } catch (problem) {
    toast(problem.message, { urgent: true });
    return false;
  }
  here.delete(id);
  offers.get(id)?.();
  reload();
  if (open) go(`/thread/${id}`);
  return true;
}

// Deleted on another page while it is open on this one: there is nothing to go on with.
onArrive("thread_news", (row) => {
  if (!row.deleted || here.has(row.id) || openThread() !== row.id) return;
  newThread();
  const undo = { label: t("deleted_undo"), run: () => restore(row.id, true) };
  toast(t("deleted_elsewhere"), { action: undo });
});
