// Each row of the list: beside Chainlit's title what was said last, when, how much, the tags, and our menu.
import { ROW, ROW_BUTTON, idOfRow } from "../base/chainlit.js";
import { count, t } from "../base/data.js";
import { icon, make, onChange, openThread } from "../base/dom.js";
import { isGone, rowOf } from "./list.js";
import { openRowMenu } from "./menu.js";
import { moment, titleOf, when } from "./told.js";

const dressed = new WeakMap(); // li -> {row, minute, made}
export const listed = () => document.querySelectorAll(ROW);
const minute = () => Math.floor(Date.now() / 60_000);

function build(item) {
  const made = {
    when: make("time", { class: "row-when" }),
    preview: make("span", { class: "row-preview" }),
    count: make("span", { class: "row-count" }),
    tags: make("span", { class: "row-tags" }),
  };
  const more = make("button", { type: "button", class: "row-more", "aria-haspopup": "menu" }, icon("M5 12h.01", "M12 12h.01", "M19 12h.01"));
  more.addEventListener("click", () => openRowMenu(idOfRow(item), more));
  made.more = more;
  const about = make("div", { class: "row-about", id: `about-${idOfRow(item)}` }, made.when, made.preview, made.count, made.tags);
  item.append(about, more);
  return made;
}

function set(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

function dress(item) {
  const row = rowOf(idOfRow(item));
  set(item, "data-gone", isGone(idOfRow(item)) ? "" : null);
  if (!row) return;
  const last = dressed.get(item);
  const link = item.querySelector(ROW_BUTTON);
  if (link) {
    set(link, "aria-describedby", `about-${row.id}`);
    set(link, "aria-current", row.id === openThread() ? "page" : null);
    set(item, "data-open", row.id === openThread() ? "" : null);
  }
  if (last && last.row === row && last.minute === minute()) return;
  const made = last?.made ?? build(item);
  const { preview, message_count: messages } = row.metadata ?? {};
  made.when.textContent = when(row.createdAt);
  made.when.setAttribute("datetime", row.createdAt);
  made.when.title = moment(row.createdAt);
  const words = (preview ?? "").replace(/\s+/g, " ").trim();
  made.preview.textContent = words || (messages ? t("preview_files") : ""); // A message of files alone has no words.
  made.count.textContent = count("row_messages", messages ?? 0);
  made.tags.replaceChildren(...(row.tags ?? []).map((tag) => make("span", {}, tag)));
  made.more.setAttribute("aria-label", t("row_menu", { title: titleOf(row) }));
  dressed.set(item, { row, minute: minute(), made });
}

const all = () => listed().forEach(dress);
onChange(all);
setInterval(all, 20_000);
