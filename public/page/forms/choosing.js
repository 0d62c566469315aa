// Items that are answered by choosing: from a list, on a scale, in an order.
import { t } from "../base/data.js";
import { icon, make } from "../base/dom.js";
import { dragRows } from "./dragging.js";
import { boundsOf } from "./rules.js";

const UP = ["M6 15l6-6 6 6"];
const DOWN = ["M6 9l6 6 6-6"];
const GRIP = ["M5 9h14", "M5 15h14"];

const labelled = (value, label) => ({ value, label: String(label) });

function offered(item) {
  if (item.kind === "yes_no") return [{ value: true, label: t("form_yes") }, { value: false, label: t("form_no") }];
  if (item.kind === "scale" && !item.options?.length) {
    const [least, most] = boundsOf(item);
    return Array.from({ length: most - least + 1 }, (_, place) => labelled(least + place, least + place));
  }
  const own = item.other ? [{ value: "other", label: item.other }] : [];
  return [...(item.options ?? []), ...own];
}

// Of the answer's label, where it is one of a list.
export const labelOf = (item, value) => offered(item).find((one) => one.value === value)?.label ?? String(value);

function otherField(item, ask, box) {
  if (!item.other) return null;
  const name = `${item.id}_other`;
  const field = make("input", { class: "own-field form-other", "aria-label": `${item.label}: ${item.other}`, maxlength: 1000 });
  field.value = ask.values[name] ?? "";
  field.hidden = !box.checked;
  field.addEventListener("input", () => ask.set(name, field.value, false));
  box.closest("fieldset").addEventListener("change", () => {
    field.hidden = !box.checked;
    if (box.checked && document.activeElement === box && !field.value) field.focus();
  });
  return field;
}

// Radio buttons, or boxes where several may be chosen.
export function list(item, ask) {
  const several = item.kind === "choices";
  const group = make("fieldset", { class: "form-options" });
  const chosen = () => [...group.querySelectorAll("input[type=checkbox]:checked")].map((box) => offered(item)[box.dataset.at].value);
  for (const [at, option] of offered(item).entries()) {
    const box = make("input", { type: several ? "checkbox" : "radio", name: ask.name, "data-at": at });
    box.checked = several ? (ask.values[item.id] ?? []).includes(option.value) : ask.values[item.id] === option.value;
    box.addEventListener("change", () => {
      if (option.alone && box.checked) for (const other of group.querySelectorAll("input")) other.checked = other === box;
      ask.set(item.id, several ? chosen() : option.value);
    });
    group.append(make("label", { class: "form-option" }, box, make("span", {}, option.label)));
    if (option.value === "other" && item.other) group.append(otherField(item, ask, box));
  }
  return group;
}

// Points in a row; their ends are named below. On a phone a scale with words becomes a list.
export function scale(item, ask) {
  const points = offered(item);
  const group = make("fieldset", { class: `form-scale ${item.options?.length ? "words" : "points"}` });
  group.style.setProperty("--points", points.length);
  for (const [at, option] of points.entries()) {
    const box = make("input", { type: "radio", name: ask.name, "data-at": at });
    box.checked = ask.values[item.id] === option.value;
    box.addEventListener("change", () => ask.set(item.id, option.value));
    group.append(make("label", { class: "form-point" }, box, make("span", {}, option.label)));
  }
  if (!item.low && !item.high) return group;
  const ends = make("div", { class: "form-ends", id: `${ask.name}-ends` }, make("span", {}, item.low ?? ""), make("span", {}, item.high ?? ""));
  group.append(ends);
  ask.describedBy.push(ends.id);
  return group;
}

// One press answers all of the form.
export function buttons(item, ask) {
  const group = make("fieldset", { class: "form-buttons" });
  for (const option of offered(item)) {
    const press = () => {
      ask.set(item.id, option.value);
      ask.send();
    };
    group.append(make("button", { type: "button", class: "own-button", onclick: press }, option.label));
  }
  return group;
}

// An order, by buttons, which work with a mouse, a finger and the keyboard alike; or by dragging.
export function ranking(item, ask) {
  const group = make("fieldset", { class: "form-ranking" });
  const said = make("p", { class: "sr-only", "aria-live": "polite" });
  const rows = make("ol", {});
  const fine = make("button", { type: "button", class: "own-button form-fine", onclick: () => agree() }, t("form_keep_order"));
  let order = ask.values[item.id] ?? item.options.map((option) => option.value);
  const keep = (changed) => {
    order = changed;
    ask.set(item.id, order);
    draw();
  };
  // Its button has gone then: who uses the keyboard goes on from the list.
  const agree = () => {
    keep(order);
    rows.querySelector("button:not([disabled])")?.focus();
  };
  const put = (from, to) => {
    const changed = [...order];
    const [one] = changed.splice(from, 1);
    changed.splice(to, 0, one);
    keep(changed);
    said.textContent = t("form_moved", { label: labelOf(item, one), place: to + 1, places: order.length });
  };
  const move = (from, by) => {
    put(from, from + by);
    const pressed = rows.children[from + by].querySelectorAll("button")[by < 0 ? 0 : 1];
    (pressed.disabled ? rows.children[from + by].querySelector("button:not([disabled])") : pressed)?.focus();
  };
  const draw = () => {
    rows.replaceChildren(
      ...order.map((value, at) => {
        const label = labelOf(item, value);
        const up = make("button", { type: "button", class: "own-icon-button", "aria-label": t("form_up", { label }), disabled: at === 0, onclick: () => move(at, -1) }, icon(...UP));
        const down = make("button", { type: "button", class: "own-icon-button", "aria-label": t("form_down", { label }), disabled: at === order.length - 1, onclick: () => move(at, 1) }, icon(...DOWN));
        return make("li", {}, make("i", { class: "form-grip", "aria-hidden": "true" }, icon(...GRIP)), make("span", {}, label), up, down);
      }),
    );
    fine.hidden = ask.values[item.id] !== undefined;
  };
  draw();
  dragRows(rows, put);
  group.append(rows, fine, said);
  return group;
}
