// A quiet line where an intent began, and one where it ended. The messages stay as they are.
import { OF_ANY_TYPE, STEP, STEP_BODY, getStepBody, stepIdOf, typeOf } from "../base/chainlit.js";
import { t } from "../base/data.js";
import { make, onChange } from "../base/dom.js";
import { announce } from "../turns/said.js";
import { intents, onIntents } from "./known.js";

const MESSAGES = ["user_message", "assistant_message", "system_message"];

function draw() {
  const wanted = new Map(); // key -> {body, place, words}
  const all = intents();
  const steps = all.length ? bodies() : [];
  for (const { id, title, state, from, to } of all) {
    const first = from && getStepBody(from);
    if (first) wanted.set(`${id} began`, { body: first, above: true, words: t("intent_began", { title }) });
    const last = state === "active" || !to ? null : lastOf(to, steps);
    if (last) wanted.set(`${id} ended`, { body: last, above: false, words: t(`intent_${state}`, { title }), state });
  }
  for (const line of document.querySelectorAll(".intent-line")) if (!wanted.has(line.dataset.of)) line.remove();
  const places = new Map(); // body -> {above, below}: lines from top to bottom; two intents may begin with one message
  for (const [key, { body, above, words, state }] of wanted) {
    let line = document.querySelector(`.intent-line[data-of="${key}"]`);
    line ??= make("p", { class: "intent-line", "data-of": key });
    if (line.textContent !== words) line.textContent = words;
    if (line.dataset.state !== (state ?? "began")) line.dataset.state = state ?? "began";
    if (!places.has(body)) places.set(body, { above: [], below: [] });
    places.get(body)[above ? "above" : "below"].push(line);
  }
  for (const [body, { above, below }] of places) {
    stand(above, body.parentElement, body);
    stand(below, body.parentElement, null);
  }
}

// Lets lines stand in their order before an element, or at the end; those that do so already are left alone.
function stand(lines, parent, before) {
  for (const line of lines.toReversed()) {
    if (line.parentElement !== parent || line.nextElementSibling !== before) parent.insertBefore(line, before);
    before = line;
  }
}

// The bodies of all messages on the page, from top to bottom.
function bodies() {
  const steps = [...document.querySelectorAll(`${STEP}${OF_ANY_TYPE}`)].filter((step) => MESSAGES.includes(typeOf(step)));
  return steps.map((step) => ({ type: typeOf(step), body: step.querySelector(`:scope > * > ${STEP_BODY}`) })).filter(({ body }) => body);
}

// The last thing that was said in the turn of a message.
function lastOf(id, steps) {
  const from = steps.findIndex(({ body }) => stepIdOf(body) === id);
  if (from < 0) return null;
  const next = steps.findIndex(({ type }, n) => n > from && type === "user_message");
  return steps[(next < 0 ? steps.length : next) - 1].body;
}

onChange(draw);

// Who hears the page is told what has changed since.
onIntents((before, now) => {
  draw();
  const known = new Map(before.map(({ id, state }) => [id, state]));
  const news = now.filter(({ id, state }) => known.get(id) !== state);
  const words = news.map(({ state, title }) => t(state === "active" ? "intent_began" : `intent_${state}`, { title }));
  if (words.length) announce(words.join(" "));
});
