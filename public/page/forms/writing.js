// Items that are answered by writing, sliding, or giving a file.
import { t } from "../base/data.js";
import { make } from "../base/dom.js";
import { boundsOf, stepOf } from "./rules.js";

const TYPES = { text: "text", number: "text", email: "email", date: "date", time: "time" };

export function field(item, ask) {
  const [least, most] = boundsOf(item);
  const made = make(item.kind === "long_text" ? "textarea" : "input", {
    class: "own-field",
    id: ask.name,
    type: TYPES[item.kind],
    inputmode: item.kind === "number" ? (item.decimals ? "decimal" : "numeric") : null,
    autocomplete: item.kind === "email" ? "email" : "off",
    rows: item.kind === "long_text" ? 4 : null,
    min: item.kind === "date" || item.kind === "time" ? least : null,
    max: item.kind === "date" || item.kind === "time" ? most : null,
  });
  made.value = ask.values[item.id] ?? "";
  made.addEventListener("input", () => ask.set(item.id, made.value, false));
  made.addEventListener("change", () => ask.changed(item.id));
  if (!item.unit) return made;
  const unit = make("span", { class: "form-unit", id: `${ask.name}-unit` }, item.unit);
  ask.describedBy.push(unit.id);
  return make("div", { class: "form-with-unit" }, made, unit);
}

// Without a value until somebody gives one: a place in the middle is no answer.
export function slider(item, ask) {
  const [least, most] = boundsOf(item);
  const made = make("input", { type: "range", id: ask.name, min: least, max: most, step: stepOf(item) });
  const shown = make("output", { for: ask.name });
  const draw = () => {
    const value = ask.values[item.id];
    const said = value === undefined ? t("form_untouched") : `${value.toLocaleString(ask.language)}${item.unit ? ` ${item.unit}` : ""}`;
    made.dataset.untouched = value === undefined;
    made.setAttribute("aria-valuetext", said);
    shown.textContent = said;
  };
  made.value = ask.values[item.id] ?? (least + most) / 2;
  const take = () => {
    ask.set(item.id, Number(made.value), false);
    draw();
  };
  made.addEventListener("input", take);
  made.addEventListener("change", () => ask.changed(item.id));
  // Where it stands already is an answer, too: by a press on it.
  made.addEventListener("pointerup", take);
  made.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    take();
  });
  draw();
  const ends = make("div", { class: "form-ends", id: `${ask.name}-ends` }, make("span", {}, item.low ?? String(least)), shown, make("span", {}, item.high ?? String(most)));
  ask.describedBy.push(ends.id);
  return make("div", { class: "form-slider" }, made, ends);
}

// Files go where those of a message go, and are sent with the form.
export function file(item, ask) {
  const most = boundsOf(item)[1];
  const names = () => ask.names[item.id] ?? [];
  const input = make("input", { type: "file", id: ask.name, class: "sr-only", multiple: most > 1 });
  const listed = make("ul", { class: "form-files" });
  const state = make("p", { class: "form-file-state", "aria-live": "polite" });
  const draw = () => {
    listed.replaceChildren(
      ...names().map((name, at) => {
        const away = () => {
          ask.names[item.id] = names().filter((_, place) => place !== at);
          ask.set(item.id, (ask.values[item.id] ?? []).filter((_, place) => place !== at));
          draw();
          input.focus();
        };
        return make("li", {}, make("span", {}, name), make("button", { type: "button", class: "own-button", "aria-label": t("form_remove_file", { name }), onclick: away }, "×"));
      }),
    );
  };
  input.addEventListener("change", async () => {
    for (const one of input.files) {
      state.textContent = t("form_uploading");
      try {
        const id = await ask.upload(one);
        const before = most > 1 ? ask.values[item.id] ?? [] : [];
        ask.names[item.id] = [...(most > 1 ? names() : []), one.name];
        ask.set(item.id, [...before, id]);
        state.textContent = "";
      } catch (error) {
        state.textContent = error.message;
      }
    }
    input.value = "";
    draw();
  });
  draw();
  return make("div", { class: "form-file" }, input, make("label", { class: "own-button", for: ask.name }, t("form_choose_file")), listed, state);
}
