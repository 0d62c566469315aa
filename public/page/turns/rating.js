// A thumb is kept when it is pressed; reasons and a comment refine it, and can be changed or taken back.
import { ask } from "../base/ask.js";
import { getStepBody } from "../base/chainlit.js";
import { data, t } from "../base/data.js";
import { place } from "../base/dialog.js";
import { make } from "../base/dom.js";
import { toast } from "../base/toast.js";
import { markOf, setMark } from "./known.js";
import { announce } from "./said.js";

const LONGEST_COMMENT = 2000; // page/me/marks.py
const offered = data.study.ratings ?? { good: [], bad: [], comment: false };

let queue = Promise.resolve(); // One after another: the last word must be the last that is kept.

export function rate(id, value, button) {
  const before = markOf(id).rating;
  const reasons = value ? offered.good : offered.bad;
  const asksMore = reasons.length > 0 || offered.comment;
  if (before?.value !== value) keep(id, { value, reasons: [], comment: null });
  else if (!asksMore) return takeBack(id);
  if (asksMore) open(id, value, reasons, button);
}

function keep(id, rating) {
  const before = markOf(id).rating;
  setMark(id, { rating });
  queue = queue.then(async () => {
    try {
      await ask("PUT", `/me/ratings/${id}`, rating);
      announce(t("rating_kept"));
    } catch (error) {
      setMark(id, { rating: before });
      toast(error.message, { urgent: true });
    }
  });
  return queue;
}

function takeBack(id) {
  const before = markOf(id).rating;
  setMark(id, { rating: undefined });
  queue = queue.then(async () => {
    try {
      await ask("DELETE", `/me/ratings/${id}`);
      announce(t("rating_gone"));
    } catch (error) {
      setMark(id, { rating: before });
      toast(error.message, { urgent: true });
    }
  });
  return queue;
}

function open(id, value, reasons, pressed) {
  document.querySelector(".rating")?.remove();
  const label = t(value ? "rating_good" : "rating_bad");
  const current = () => markOf(id).rating ?? { value, reasons: [], comment: null };
  const holder = make("div", { class: "rating", role: "dialog", "aria-label": label, popover: "auto" });
  const chips = make("div", { class: "rating-reasons" });
  for (const reason of reasons) {
    const chip = make("button", { type: "button", "aria-pressed": String(current().reasons.includes(reason)) }, reason);
    chip.addEventListener("click", () => {
      const on = chip.getAttribute("aria-pressed") !== "true";
      chip.setAttribute("aria-pressed", String(on));
      const ticked = reasons.filter((one) => (one === reason ? on : current().reasons.includes(one)));
      keep(id, { ...current(), reasons: ticked });
    });
    chips.append(chip);
  }
  const field = make("textarea", { class: "own-field", rows: 2, maxlength: LONGEST_COMMENT, "aria-label": t("rating_comment"), placeholder: t("rating_comment") });
  field.value = current().comment ?? "";
  let gone = false;
  const keepComment = () => {
    const comment = field.value.trim() || null;
    if (!gone && offered.comment && comment !== (current().comment ?? null)) keep(id, { ...current(), comment });
  };
  field.addEventListener("change", keepComment);
  const shut = () => holder.hidePopover();
  const back = () => {
    gone = true;
    takeBack(id);
    shut();
  };
  holder.append(
    make("p", { class: "rating-question" }, label),
    reasons.length ? chips : "",
    offered.comment ? field : "",
    make(
      "div",
      { class: "rating-foot" },
      make("button", { type: "button", class: "own-button", onclick: back }, t("rating_back")),
      make("button", { type: "button", class: "own-button primary", onclick: shut }, t("rating_done")),
    ),
  );
  holder.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    keepComment();
    const inside = holder.contains(document.activeElement) || document.activeElement === document.body;
    holder.remove();
    // The bar may have been drawn anew since: its thumb is found by what it does.
    const thumb = getStepBody(id)?.parentElement.querySelector(`[data-do="${value ? "good" : "bad"}"]`);
    if (inside) (thumb ?? pressed).focus({ preventScroll: true });
  });
  document.body.append(holder);
  holder.showPopover();
  place(holder, pressed);
  (chips.querySelector("button") ?? field).focus({ preventScroll: true });
}
