// What a participant can do with a message, under it: walk between its versions, copy, rate, bookmark, ask
// again. Chainlit's own row of the same is hidden (turns.css).
import { ask } from "../base/ask.js";
import { OF_ANY_TYPE, STEP, STEP_BODY, idOfBody, isReplying, typeOf } from "../base/chainlit.js";
import { copyText } from "../base/clipboard.js";
import { t } from "../base/data.js";
import { icon, make, onChange } from "../base/dom.js";
import { toast } from "../base/toast.js";
import { emit } from "../base/wire.js";
import { ICONS } from "./icons.js";
import { known, markOf, onMarks, setMark } from "./known.js";
import { rate } from "./rating.js";
import { announce } from "./said.js";

const MESSAGES = ["user_message", "assistant_message", "system_message"];
const STEPS = `${STEP}${OF_ANY_TYPE}:not(#earlier ${STEP})`;

let walking = null; // {question, number, of, pressed}: where the focus goes when the branch has come

const messageIn = (step) => step.querySelector(`:scope > * > ${STEP_BODY}`);
const idOf = (step) => idOfBody(messageIn(step));

function look() {
  const steps = [...document.querySelectorAll(STEPS)].filter((step) => MESSAGES.includes(typeOf(step)));
  const last = steps.findLast((step) => typeOf(step) === "assistant_message");
  const busy = isReplying();
  // Under a reply that broke off stands a line of the app's own, which offers the same.
  const offered = typeOf(steps[steps.indexOf(last) + 1]) === "system_message";
  for (const step of steps) draw(step, step === last, busy, step === last && offered);
}

function draw(step, isLast, busy, offered) {
  const message = messageIn(step);
  if (!message) return;
  const id = idOf(step);
  const type = typeOf(step);
  const { branch, rating, bookmarked } = markOf(id);
  let bar = step.querySelector(":scope > * > .turn-bar");
  const nothing = known(id)?.streaming || (type === "system_message" && !branch);
  if (nothing) {
    bar?.remove();
    return;
  }
  const state = JSON.stringify([type, branch?.at, branch?.of, rating?.value, Boolean(bookmarked), isLast, busy, offered]);
  if (bar?.dataset.state === state) return;
  if (!bar) {
    bar = make("div", { class: "turn-bar", role: "group", "aria-label": t("turn_actions") });
    message.after(bar);
  }
  const focused = bar.contains(document.activeElement) ? document.activeElement.dataset.do : null;
  bar.dataset.state = state;
  bar.dataset.of = type;
  bar.classList.toggle("last", isLast);
  const parts = [branch ? arrows(id, branch, busy) : null];
  if (type === "assistant_message") {
    parts.push(
      button("copy", t("turn_copy"), (pressed) => copy(id, pressed)),
      button("good", t("turn_good"), (pressed) => rate(id, 1, pressed), rating?.value === 1),
      button("bad", t("turn_bad"), (pressed) => rate(id, 0, pressed), rating?.value === 0),
    );
  }
  if (type !== "system_message") {
    parts.push(button("bookmark", t(bookmarked ? "turn_unbookmark" : "turn_bookmark"), () => bookmark(id), Boolean(bookmarked)));
  }
  if (type === "assistant_message" && !offered) parts.push(button("again", t("turn_again"), () => again(id), undefined, busy));
  bar.replaceChildren(...parts.filter(Boolean));
  if (focused) focusIn(bar, focused);
}

function button(what, label, run, pressed, off = false) {
  const look = { type: "button", class: "turn-button", "data-do": what, "aria-label": label, title: label };
  const made = make("button", { ...look, "aria-pressed": pressed === undefined ? null : String(pressed), "aria-disabled": off ? "true" : null }, icon(...ICONS[what]));
  made.addEventListener("click", () => {
    if (made.getAttribute("aria-disabled") !== "true") run(made);
  });
  return made;
}

function arrows(id, { at, of }, busy) {
  const place = make("span", { class: "turn-place", "aria-label": t("turn_place", { at, of }), role: "img" }, `${at}/${of}`);
  const before = button("before", t("turn_before"), () => walk(id, at - 1, of, "before"), undefined, busy || at <= 1);
  const after = button("after", t("turn_after"), () => walk(id, at + 1, of, "after"), undefined, busy || at >= of);
  return make("span", { class: "turn-arrows" }, before, place, after);
}

async function copy(id, pressed) {
  if (!(await copyText(known(id)?.text ?? ""))) return toast(t("failed"), { urgent: true });
  pressed.replaceChildren(icon(...ICONS.copied));
  announce(t("turn_copied"));
  setTimeout(() => pressed.replaceChildren(icon(...ICONS.copy)), 2000);
}

async function bookmark(id) {
  const to = !markOf(id).bookmarked;
  try {
    await ask(to ? "PUT" : "DELETE", `/me/bookmarks/${id}`);
    setMark(id, { bookmarked: to });
    announce(t(to ? "turn_bookmarked" : "turn_unbookmarked"));
  } catch (error) {
    toast(error.message, { urgent: true });
  }
}

function again(id) {
  if (!emit("try_again", { step_id: id })) return void toast(t("offline"), { urgent: true });
  walking = { question: questionOf(id), own: false, pressed: "again" };
}

// The participant's message that a step stands under, or is.
function questionOf(id) {
  const steps = [...document.querySelectorAll(STEPS)];
  const here = steps.findIndex((step) => idOf(step) === id);
  const question = steps.slice(0, here + 1).findLast((step) => typeOf(step) === "user_message");
  return question ? idOf(question) : null;
}

function walk(id, number, of, pressed) {
  if (!emit("show_branch", { step_id: id, number })) return void toast(t("offline"), { urgent: true });
  const question = questionOf(id);
  walking = { question, own: question === id, number, of, pressed };
}

// The branch is on the page: its place is told, and the focus stands where it stood.
function arrived() {
  look();
  if (!walking) return;
  const { question, own, number, of, pressed } = walking;
  const steps = [...document.querySelectorAll(STEPS)];
  const from = steps.findIndex((step) => idOf(step) === question);
  const target = steps.slice(own ? from : from + 1).find((step) => {
    const { branch } = markOf(idOf(step));
    return branch && (!number || (branch.at === number && branch.of === of));
  });
  const bar = target?.querySelector(".turn-bar");
  if (!bar) return;
  walking = null;
  // Who has gone on to write meanwhile is not called back.
  if (document.activeElement === document.body || bar.contains(document.activeElement)) focusIn(bar, pressed);
  announce(t("turn_place", markOf(idOf(target)).branch));
}

function focusIn(bar, what) {
  const wanted = bar.querySelector(`[data-do="${what}"]`);
  (wanted ?? bar.querySelector("button"))?.focus({ preventScroll: true });
}

onChange(look);
onMarks(arrived);
