// Tags sort the threads: a dialog to set them, and above the list a choice of those that are in use.
import { ask } from "../base/ask.js";
import { getSidebarContent } from "../base/chainlit.js";
import { t } from "../base/data.js";
import { openDialog } from "../base/dialog.js";
import { icon, make, onChange } from "../base/dom.js";
import { chooseTag, chosenTag, onRows, patch, rowOf } from "./list.js";

const LONGEST = 40;
const MOST = 20;

let used = []; // {tag, count}, the most used first.

export function openTags(id) {
  const row = rowOf(id);
  if (!row) return;
  let tags = [...(row.tags ?? [])];
  const shown = make("ul", { class: "tag-list" });
  const others = make("div", { class: "tag-others" });
  const problem = make("p", { class: "quiet", role: "status" });
  const field = make("input", { class: "own-field", "aria-label": t("tags_new"), placeholder: t("tags_new"), maxlength: LONGEST, autocomplete: "off" });
  const add = make("button", { class: "own-button primary" }, t("tags_add"));
  const form = make("form", { class: "tag-form" }, field, add);
  const draw = () => {
    shown.replaceChildren(...tags.map((tag) => chip(tag, () => keep(tags.filter((other) => other !== tag), field))));
    const rest = used.filter(({ tag }) => !tags.includes(tag)).slice(0, 12);
    const buttons = rest.map(({ tag }) => make("button", { type: "button", class: "tag-choice", onclick: () => join(tag) }, tag));
    others.replaceChildren(...(rest.length ? [make("span", { class: "quiet" }, t("tags_used")), ...buttons] : []));
  };
  const keep = async (next, focus) => {
    try {
      tags = (await ask("PUT", `/me/threads/${id}/tags`, { tags: next })).tags;
      problem.textContent = "";
      patch(id, { tags });
      await loadUsed();
    } catch (refused) {
      problem.textContent = refused.message;
    }
    draw();
    focus?.focus();
  };
  const join = (tag) => {
    if (tags.length >= MOST) problem.textContent = t("tags_full", { limit: MOST });
    else keep([...tags, tag], field);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const tag = field.value.trim();
    field.value = "";
    if (tag) join(tag);
  });
  openDialog(t("tags_title"), make("p", { class: "quiet" }, t("tags_about")), shown, form, problem, others);
  draw();
  field.focus();
}

function chip(tag, run) {
  const away = make("button", { type: "button", "aria-label": t("tags_remove", { tag }), onclick: run }, icon("M7 7l10 10", "M17 7L7 17"));
  return make("li", { class: "tag" }, make("span", {}, tag), away);
}

// ---- above the list

async function loadUsed() {
  try {
    used = (await ask("GET", "/me/tags")).tags;
  } catch {
    return; // The choice stays as it is.
  }
  if (chosenTag() !== null && !used.some(({ tag }) => tag === chosenTag())) chooseTag(null);
  drawFilter();
}

function drawFilter() {
  const content = getSidebarContent();
  if (!content) return;
  let bar = document.getElementById("tag-filter");
  if (used.length === 0) {
    bar?.remove();
    return;
  }
  const state = JSON.stringify([chosenTag(), used]);
  if (bar?.dataset.state === state) return;
  if (!bar) {
    bar = make("div", { id: "tag-filter", role: "group", "aria-label": t("tags_filter") });
    content.before(bar);
  }
  bar.dataset.state = state;
  const choice = (label, tag) => {
    const pressed = String(chosenTag() === tag);
    return make("button", { type: "button", class: "tag-choice", "aria-pressed": pressed, onclick: () => choose(tag) }, label);
  };
  const focused = [...bar.children].indexOf(document.activeElement);
  bar.replaceChildren(choice(t("tags_all"), null), ...used.map(({ tag }) => choice(tag, tag)));
  if (focused >= 0) bar.children[focused]?.focus();
}

function choose(tag) {
  chooseTag(tag);
  drawFilter();
}

let soon = 0;
let asked = false;
onRows((ids) => {
  // Tags that were set on another page come with its news.
  const now = ids.map((id) => rowOf(id)?.tags ?? []).flat();
  const missing = now.filter((tag) => !used.some((one) => one.tag === tag));
  if (asked && missing.length === 0) return;
  asked = true;
  clearTimeout(soon);
  soon = setTimeout(loadUsed, 100);
});
onChange(drawFilter);
