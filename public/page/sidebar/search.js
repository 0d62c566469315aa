// Search over titles and messages, in a dialog of ours: Chainlit's knows titles only (LeftSidebar/Search.tsx).
import { ask } from "../base/ask.js";
import { SEARCH } from "../base/chainlit.js";
import { count, data, t } from "../base/data.js";
import { openDialog } from "../base/dialog.js";
import { make } from "../base/dom.js";
import { closeDrawer } from "./drawer.js";
import { openMessage } from "./jump.js";
import { moment, titleOf, when } from "./told.js";

const WAIT_MS = 150; // After the last key.
const WAIT_FOR_MEANING_MS = 500; // A model is asked then.
const MODES = ["text", "semantic", "hybrid"];
let chosenMode = "text"; // As long as the page is open.

document.addEventListener(
  "click",
  (event) => {
    if (!(event.target instanceof Element) || !event.target.closest(SEARCH)) return;
    event.stopPropagation();
    event.preventDefault();
    open();
  },
  true,
);
addEventListener(
  "keydown",
  (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!document.querySelector("dialog[open]")) open();
  },
  true,
);

function open() {
  closeDrawer();
  new Search();
}

class Search {
  constructor() {
    this.round = 0;
    this.cursor = null;
    this.chosen = -1;
    const field = { class: "own-field", type: "search", role: "combobox", "aria-label": t("search_field"), placeholder: t("search_field") };
    this.field = make("input", { ...field, "aria-controls": "search-hits", "aria-expanded": "true", "aria-autocomplete": "list", autocomplete: "off", maxlength: 1000 });
    this.status = make("p", { class: "quiet search-status", role: "status" }, t("search_about"));
    this.list = make("ul", { id: "search-hits", role: "listbox", "aria-label": t("search_title") });
    this.more = make("button", { type: "button", class: "own-button", hidden: true, onclick: () => this.load() }, t("more"));
    const ways = data.study.by_meaning ? [this.ways()] : [];
    this.dialog = openDialog(t("search_title"), this.field, ...ways, this.status, this.list, this.more);
    this.dialog.classList.add("search-dialog");
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    this.field.focus();
  }

  // What the search goes by, where the study's is not by words alone.
  ways() {
    const choice = (mode) => {
      const radio = make("input", { type: "radio", name: "search-by", value: mode });
      radio.checked = mode === chosenMode;
      radio.addEventListener("change", () => {
        chosenMode = mode;
        this.begin();
      });
      return make("label", {}, radio, make("span", {}, t(`search_by_${mode}`)));
    };
    return make("fieldset", { class: "search-by" }, make("legend", {}, t("search_by")), ...MODES.map(choice));
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.begin(), chosenMode === "text" ? WAIT_MS : WAIT_FOR_MEANING_MS);
  }

  begin() {
    this.round += 1;
    this.cursor = null;
    this.words = this.field.value.trim();
    if (this.words) this.load(true);
    else this.show({ hits: [], next: null }, true);
  }

  async load(anew = false) {
    const round = this.round;
    const given = new URLSearchParams({ q: this.words });
    if (chosenMode !== "text") given.set("mode", chosenMode);
    if (!anew && this.cursor) given.set("cursor", this.cursor);
    try {
      const found = await ask("GET", `/me/search?${given}`);
      if (round === this.round) this.show(found, anew);
    } catch (problem) {
      if (round === this.round) this.status.textContent = problem.message;
    }
  }

  show({ hits, next }, anew) {
    if (anew) this.list.replaceChildren();
    this.list.append(...hits.map((hit, place) => this.item(hit, this.list.childElementCount + place)));
    this.cursor = next;
    this.more.hidden = next === null;
    const n = this.list.childElementCount;
    if (!this.words) this.status.textContent = t("search_about");
    else if (n === 0) this.status.textContent = t("search_nothing", { words: this.words });
    else if (chosenMode === "semantic") this.status.textContent = t("search_near");
    else this.status.textContent = count("search_found", n) + (next === null ? "" : " +");
    // Messages are embedded some seconds after they were said: whoever misses one learns why.
    if (this.words && chosenMode !== "text") this.status.textContent += ` ${t("search_newest")}`;
    if (anew) this.choose(n ? 0 : -1);
  }

  item(hit, place) {
    const who = hit.step_id === null ? t("search_in_title") : t(hit.mine ? "search_mine" : "search_reply");
    const parts = hit.parts.map(([text, found]) => (found ? make("mark", {}, text) : text));
    const head = make("span", { class: "hit-head" }, make("strong", {}, titleOf({ name: hit.title })), make("time", { datetime: hit.at, title: moment(hit.at) }, when(hit.at)));
    const text = make("span", { class: "hit-text" }, make("span", { class: "hit-who" }, who), make("span", { class: "hit-words" }, ...parts));
    const made = make("li", { id: `hit-${place}`, role: "option", "aria-selected": "false" }, head, text);
    made.addEventListener("click", () => this.take(hit));
    made.addEventListener("pointermove", () => this.choose(place, false));
    made.hit = hit;
    return made;
  }

  pressed(event) {
    // Chromium empties a search field at the first Escape, and closes the dialog at the second.
    if (event.key === "Escape" && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      event.stopPropagation();
      this.dialog.close();
      return;
    }
    const last = this.list.childElementCount - 1;
    const to = { ArrowDown: Math.min(this.chosen + 1, last), ArrowUp: Math.max(this.chosen - 1, 0) }[event.key];
    if (to !== undefined && last >= 0) {
      event.preventDefault();
      if (event.key === "ArrowDown" && this.chosen === last && this.cursor) this.load();
      this.choose(to);
    }
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const chosen = this.list.children[this.chosen];
      if (chosen) this.take(chosen.hit);
    }
  }

  choose(place, scroll = true) {
    this.list.children[this.chosen]?.setAttribute("aria-selected", "false");
    this.chosen = place;
    const chosen = this.list.children[place];
    chosen?.setAttribute("aria-selected", "true");
    if (chosen) this.field.setAttribute("aria-activedescendant", chosen.id);
    else this.field.removeAttribute("aria-activedescendant");
    if (scroll) chosen?.scrollIntoView({ block: "nearest" });
  }

  take(hit) {
    this.dialog.close();
    openMessage(hit.thread_id, hit.step_id);
  }
}
