// What makes the pages of stages handier (page/protocol): questions that appear when they apply, answers kept as they
// are made, and the first thing that is wrong in sight. Without it the pages are whole; the server decides.
import { bare, holds } from "../page/forms/rules.js";

const form = document.querySelector("form");
const visit = Number(form?.elements.visit?.value);
const PAUSE_MS = 600;
const waiting = new Map();

function valueOf(item) {
  const fields = [...item.querySelectorAll("input, textarea, select")].filter((field) => field.name === item.dataset.item);
  const chosen = fields.filter((field) => field.checked).map((field) => field.value);
  if (item.dataset.kind === "choices") return chosen.length ? chosen : null;
  if (fields[0]?.type === "radio") {
    if (!chosen.length) return null;
    return item.dataset.kind === "yes_no" ? chosen[0] === "yes" : chosen[0];
  }
  if (item.dataset.kind === "ranking") return ranked(item);
  const said = fields[0]?.value ?? "";
  return said === "" ? null : said;
}

function ranked(item) {
  const places = [...item.querySelectorAll("input")].filter((field) => field.value !== "");
  places.sort((one, other) => Number(one.value) - Number(other.value));
  const values = places.map((field) => field.name.slice(item.dataset.item.length + 1));
  return values.length ? values : null;
}

function compared(item, value) {
  const isNumber = ["number", "scale", "slider"].includes(item.dataset.kind) && value !== null;
  return isNumber && Number.isFinite(Number(value)) ? Number(value) : value;
}

function answers() {
  const found = {};
  for (const item of form.querySelectorAll("[data-item]")) {
    const value = item.hidden ? null : compared(item, valueOf(item));
    if (value !== null) found[item.dataset.item] = value;
    show(item, found);
  }
  for (const note of form.querySelectorAll(".note[data-show-if]")) show(note, found);
  return found;
}

// Conditions that look at an earlier stage are the server's: what does not apply was not drawn.
function show(item, found) {
  if (!item.dataset.showIf) return;
  const condition = JSON.parse(item.dataset.showIf);
  if (JSON.stringify(condition).includes(".")) return;
  item.hidden = !holds(condition, bare(found));
}

async function keep(item) {
  waiting.delete(item);
  const body = JSON.stringify({ visit, item: item.dataset.item, value: valueOf(item) });
  const headers = { "Content-Type": "application/json" };
  // A draft that is not kept is kept with the next change, or with the page.
  await fetch(new URL("me/study/answer", document.baseURI), { method: "POST", headers, body, keepalive: true }).catch(
    () => null,
  );
}

function changed(event) {
  const item = event.target.closest("[data-item]");
  if (!item) return;
  answers();
  clearTimeout(waiting.get(item));
  waiting.set(item, setTimeout(() => keep(item), event.type === "change" ? 0 : PAUSE_MS));
}

if (form?.classList.contains("survey")) {
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    for (const [item, timer] of waiting) {
      clearTimeout(timer);
      keep(item);
    }
  });
  answers();
}
document.getElementById("problems")?.focus();
