// <verbatim-form>: a form under its reply, drawn from its definition. No text of it is ever HTML, and nothing is
// evaluated. Chainlit's own custom elements are: the page's policy forbids that (docs/decisions).
import { t } from "../base/data.js";
import { make } from "../base/dom.js";
import { buttons, labelOf, list, ranking, scale } from "./choosing.js";
import { field, file, slider } from "./writing.js";
import { bare, check, holds, isAsked, isRequired, pagesOf } from "./rules.js";

const GROUPS = { choice: list, choices: list, yes_no: list, scale, ranking };
const SINGLE = { text: field, long_text: field, number: field, email: field, date: field, time: field, slider, file };
const FOLDED_FROM = 5; // items of a closed form that stand there as they are
let count = 0;

export class VerbatimForm extends HTMLElement {
  #reached = null; // its field that has the focus, or had it when the form was taken off the page

  constructor() {
    super();
    this.addEventListener("focusin", ({ target }) => (this.#reached = target));
    // Who leaves it by a key or a press leaves it on the page; what is taken off the page is so only afterwards.
    this.addEventListener("focusout", () => queueMicrotask(() => this.isConnected && !this.contains(document.activeElement) && (this.#reached = null)));
  }

  // Stands after an element. Chainlit draws the conversation anew: who was filling it in goes on doing so.
  standAfter(body) {
    const reached = this.#reached;
    body.after(this);
    if (reached && this.contains(reached) && [document.body, null].includes(document.activeElement)) reached.focus({ preventScroll: true });
  }

  // mark: {id, state, definition, answers}; desk: {draft, words, keep(draft), send(draft), upload(file)}
  show(mark, desk) {
    const inside = this.contains(document.activeElement);
    this.mark = mark;
    this.desk = desk;
    this.form = mark.definition;
    this.number ??= ++count;
    this.page ??= 0;
    this.drawn = new Map();
    if (mark.state === "open") this.open();
    else this.close();
    if (inside) this.querySelector(".form-title, .form-state")?.focus({ preventScroll: true });
  }

  get draft() {
    return this.desk.draft;
  }

  get pages() {
    return pagesOf(this.form.items);
  }

  // One press answers it.
  get isButtons() {
    const [first, ...more] = this.form.items;
    return !more.length && first.display === "buttons" && !first.other;
  }

  // What the reply's words say already is said once.
  title() {
    const { title } = this.form;
    return title && title !== this.desk.words ? make("h3", { class: "form-title", tabindex: -1 }, title) : null;
  }

  // ---- answered, or left: what was asked, and what was said to it
  close() {
    const answered = this.mark.state === "answered";
    const answers = bare(this.mark.answers);
    const asked = this.form.items.filter((item) => isAsked(item) && (!answered || !item.show_if || holds(item.show_if, answers)));
    const once = (item) => item.label === this.desk.words; // the reply has said it
    const list = answered
      ? make("dl", {}, ...asked.flatMap((item) => [make("dt", { class: once(item) ? "sr-only" : null }, item.label), make("dd", {}, wordsOf(item, answers))]))
      : make("ul", { class: "form-asked" }, ...asked.map((item) => make("li", { class: once(item) ? "sr-only" : null }, item.label)));
    // Who writes "yes" instead of pressing it has answered: that the buttons went needs no line of its own.
    const quiet = this.isButtons && !answered && once(this.form.items[0]);
    const state = make("p", { class: `form-state${quiet ? " sr-only" : ""}`, tabindex: -1 }, t(answered ? "form_answered" : "form_left"));
    this.className = `form-closed ${this.mark.state}${this.isButtons ? " of-buttons" : ""}`;
    this.replaceChildren(...[this.title(), state, this.folded(list, asked.length, answered)].filter(Boolean));
  }

  // A long one does not stand between the words of the conversation at its full length.
  folded(list, count, answered) {
    if (count <= FOLDED_FROM) return list;
    return make("details", {}, make("summary", {}, t(answered ? "form_answers" : "form_questions", { count })), list);
  }

  // ---- open
  open() {
    this.className = "form-open";
    const alert = make("p", { class: "form-alert", role: "alert" });
    const form = make("form", { novalidate: true, "aria-label": this.form.title ?? this.form.items.find(isAsked).label });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.onward();
    });
    this.alert = alert;
    form.append(...[this.title(), alert].filter(Boolean));
    const pages = this.pages;
    if (pages.length > 1) form.append(make("p", { class: "form-page", tabindex: -1 }, t("form_page", { page: this.page + 1, pages: pages.length })));
    for (const item of pages[this.page]) form.append(this.item(item));
    if (!this.isButtons) form.append(this.foot(pages.length));
    this.replaceChildren(form);
    this.conditions();
    if (this.sending) this.busy(true);
  }

  foot(pages) {
    const last = this.page === pages - 1;
    const back = make("button", { type: "button", class: "own-button", onclick: () => this.turn(this.page - 1) }, t("form_back"));
    const onward = make("button", { type: "submit", class: "own-button primary" }, last ? this.form.send ?? t("form_send") : t("form_next"));
    return make("div", { class: "form-foot" }, this.page ? back : null, onward);
  }

  item(item) {
    if (!isAsked(item)) {
      const note = make("p", { class: "form-item form-note" }, item.label);
      this.drawn.set(item.id, { node: note });
      return note;
    }
    const name = `form-${this.number}-${item.id}`;
    const ask = this.asking(item, name);
    const several = item.kind in GROUPS;
    const draw = this.isButtons ? buttons : several ? GROUPS[item.kind] : SINGLE[item.kind];
    const control = draw(item, ask);
    const optional = isRequired(item) ? null : make("span", { class: "form-optional" }, ` (${t("form_optional")})`);
    const help = item.help ? make("p", { class: "form-help", id: `${name}-help` }, item.help) : null;
    const error = make("p", { class: "form-error", id: `${name}-error`, hidden: true });
    const described = [help?.id, ...ask.describedBy, error.id].filter(Boolean).join(" ");
    const node = make("div", { class: "form-item", "data-item": item.id });
    if (several || this.isButtons) {
      const said = this.isButtons && item.label === this.desk.words;
      control.prepend(make("legend", { class: said ? "sr-only" : null }, item.label, optional), ...[help].filter(Boolean));
      control.setAttribute("aria-describedby", described);
      if (item.kind !== "choices" && item.kind !== "ranking" && !this.isButtons) control.setAttribute("role", "radiogroup");
      if (isRequired(item) && control.getAttribute("role") === "radiogroup") control.setAttribute("aria-required", "true");
      node.append(control, error);
    } else {
      const target = control.id === name ? control : control.querySelector(`[id="${name}"]`);
      target.setAttribute("aria-describedby", described);
      if (isRequired(item) && item.kind !== "slider") target.setAttribute("aria-required", "true");
      node.append(...[make("label", { for: name, class: "form-label" }, item.label, optional), help, control, error].filter(Boolean));
    }
    this.drawn.set(item.id, { node, error });
    return node;
  }

  asking(item, name) {
    return {
      name,
      language: this.form.language,
      values: this.draft.values,
      names: this.draft.names,
      describedBy: [],
      set: (id, value, whole = true) => this.set(item.id, id, value, whole),
      changed: (id) => this.changed(id),
      send: () => this.send(),
      upload: (one) => this.desk.upload(one),
    };
  }

  set(item, id, value, whole) {
    const draft = this.draft;
    const empty = value === "" || (Array.isArray(value) && !value.length);
    if (empty) delete draft.values[id];
    else draft.values[id] = value;
    draft.touched[item] ??= Date.now();
    if (whole) draft.changes[item] = (draft.changes[item] ?? 0) + 1;
    this.desk.keep(draft);
    this.forgive(item);
    this.conditions();
  }

  changed(item) {
    this.draft.changes[item] = (this.draft.changes[item] ?? 0) + 1;
    this.desk.keep(this.draft);
  }

  conditions() {
    const { values } = check(this.form, this.draft.values);
    for (const item of this.form.items) {
      const node = this.drawn.get(item.id)?.node;
      if (node && item.show_if) node.hidden = !holds(item.show_if, values);
    }
  }

  turn(page) {
    this.page = page;
    this.open();
    const place = this.querySelector(".form-page");
    place?.focus({ preventScroll: true });
    this.desk.readFrom(this);
  }

  onward() {
    const pages = this.pages;
    const here = new Set(pages[this.page].map((item) => item.id));
    const { errors } = check(this.form, this.draft.values);
    const own = Object.fromEntries(Object.entries(errors).filter(([id]) => here.has(id)));
    if (Object.keys(own).length) this.wrong(own);
    else if (this.page < pages.length - 1) this.turn(this.page + 1);
    else if (Object.keys(errors).length) this.wrong(errors);
    else this.send();
  }

  send() {
    if (this.sending) return; // a second press
    this.busy(true);
    this.alert.textContent = "";
    if (!this.desk.send(this.draft)) this.failed(t("offline"));
  }

  busy(is) {
    this.sending = is;
    this.toggleAttribute("data-sending", is);
    for (const button of this.querySelectorAll(".form-foot button, .form-buttons button")) button.setAttribute("aria-disabled", String(is));
    const send = this.querySelector(".form-foot [type=submit]");
    if (send) send.textContent = is ? t("form_sending") : this.page === this.pages.length - 1 ? this.form.send ?? t("form_send") : t("form_next");
  }

  // It was not sent, or not taken: its answers stay.
  failed(why) {
    if (this.mark.state !== "open") return;
    this.busy(false);
    this.alert.textContent = why;
  }

  forgive(id) {
    const drawn = this.drawn.get(id);
    if (!drawn?.error || drawn.error.hidden) return;
    drawn.error.hidden = true;
    drawn.error.textContent = "";
    for (const one of drawn.node.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
  }

  // errors: item -> {code, values}, the page's or the server's.
  wrong(errors) {
    errors = bare(errors);
    this.busy(false);
    const wrong = this.form.items.filter((item) => item.id in errors);
    const page = this.pages.findIndex((items) => items.includes(wrong[0]));
    if (page >= 0 && page !== this.page) {
      this.page = page;
      this.open();
    }
    for (const item of wrong) {
      const drawn = this.drawn.get(item.id);
      if (!drawn?.error) continue;
      drawn.error.textContent = t(flawOf(item, errors[item.id]), errors[item.id].values);
      drawn.error.hidden = false;
      const target = drawn.node.querySelector("fieldset, input, textarea");
      (target.matches("fieldset") ? target.querySelectorAll("input") : [target]).forEach((one) => one.setAttribute("aria-invalid", "true"));
    }
    this.alert.textContent = t("form_errors", { count: wrong.length });
    const first = this.drawn.get(wrong[0]?.id)?.node;
    first?.querySelector("input:not([hidden]), textarea, button:not([disabled])")?.focus();
  }
}

// Of a day or a time the least is the earliest.
function flawOf(item, { code }) {
  const moment = item.kind === "date" || item.kind === "time";
  return `form_${moment && code === "least" ? "earliest" : moment && code === "most" ? "latest" : code}`;
}

function wordsOf(item, answers) {
  const value = answers[item.id];
  if (value === undefined) return t("form_unanswered");
  const own = answers[`${item.id}_other`];
  const word = (one) => (one === "other" && own !== undefined ? own : labelOf(item, one));
  if (item.kind === "file") return t("form_file_count", { count: value.length });
  if (item.kind === "ranking") return value.map((one, at) => `${at + 1}. ${word(one)}`).join(", ");
  if (Array.isArray(value)) return value.map(word).join(", ");
  if (item.kind === "yes_no" || item.options?.length) return word(value);
  return item.unit ? `${value} ${item.unit}` : String(value);
}

customElements.define("verbatim-form", VerbatimForm);
