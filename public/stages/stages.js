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

async function keep(item, name = item.dataset.item, value = valueOf(item)) {
  const body = JSON.stringify({ visit, item: name, value });
  const headers = { "Content-Type": "application/json" };
  // A draft that is not kept is kept with the next change, or with the page.
  await fetch(new URL("me/study/answer", document.baseURI), { method: "POST", headers, body, keepalive: true }).catch(
    () => null,
  );
}

function changed(event) {
  const item = event.target.closest("[data-item]");
  if (!item) return;
  for (const field of item.querySelectorAll("[data-other]")) showOther(item, field);
  answers();
  const field = event.target;
  const [name, value] = field.matches("[data-other]") ? [field.name, () => field.value || null] : [item.dataset.item, () => valueOf(item)];
  clearTimeout(waiting.get(name)?.timer);
  const send = () => {
    waiting.delete(name);
    keep(item, name, value());
  };
  waiting.set(name, { send, timer: setTimeout(send, event.type === "change" ? 0 : PAUSE_MS) });
}

// Words of one's own are asked for where "other" is chosen.
function showOther(item, field) {
  const box = item.querySelector(`input[value="other"]`);
  field.hidden = !box.checked;
}

// Beside the field for the number: without a value until somebody gives one, for a place in the middle is no answer.
function addSlider(number) {
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: number.min, max: number.max, step: number.step });
  range.setAttribute("aria-labelledby", `label-${number.id}`);
  const draw = () => {
    const isGiven = number.value !== "" && number.validity.valid;
    range.value = isGiven ? number.value : (Number(number.min) + Number(number.max)) / 2;
    range.classList.toggle("untouched", !isGiven);
    range.setAttribute("aria-valuetext", isGiven ? number.value : number.parentElement.dataset.untouched);
  };
  const take = (type) => {
    number.value = range.value;
    draw();
    number.dispatchEvent(new Event(type, { bubbles: true }));
  };
  range.addEventListener("input", (event) => {
    event.stopPropagation();
    take("input");
  });
  // Where it stands already is an answer, too: by a press on it.
  range.addEventListener("pointerup", () => take("change"));
  range.addEventListener("change", (event) => event.stopPropagation());
  range.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    take("change");
  });
  number.addEventListener("input", draw);
  number.parentElement.append(range);
  draw();
}

// A wait: what is left is told each minute, and its end. The server's clock decides; a press before it shows the page anew.
function countDown(line) {
  const over = performance.now() + Number(line.dataset.seconds) * 1000;
  const tick = () => {
    const seconds = (over - performance.now()) / 1000;
    const words = seconds > 0 ? line.dataset.left.replace("{minutes}", Math.ceil(seconds / 60)) : line.dataset.over;
    if (line.textContent !== words) line.textContent = words;
    if (seconds > 0) setTimeout(tick, Math.min(1000, seconds * 1000));
  };
  tick();
}

if (form?.classList.contains("wait")) countDown(form.querySelector("[data-seconds]"));
if (form?.classList.contains("survey")) {
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => {
    for (const { send, timer } of waiting.values()) {
      clearTimeout(timer);
      send();
    }
  });
  for (const number of form.querySelectorAll("[data-slider]")) addSlider(number);
  for (const field of form.querySelectorAll("[data-other]")) showOther(field.closest("[data-item]"), field);
  answers();
}
document.getElementById("problems")?.focus();
