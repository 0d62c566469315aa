// Above the composer: which intent is under way; or, of one that its participant had left, whether they go on.
import { getComposer, getField } from "../base/chainlit.js";
import { t } from "../base/data.js";
import { make, onChange } from "../base/dom.js";
import { standAbove } from "../base/above.js";
import { toast } from "../base/toast.js";
import { emit } from "../base/wire.js";
import { hasEnded } from "../ended.js";
import { intents, onIntents } from "./known.js";

let answered = null; // the offer that was answered here, until the server has said so

function draw() {
  if (!getComposer()) return;
  const now = hasEnded() ? null : intents().findLast(({ state, offered }) => state === "active" || offered);
  const shown = now && now.id !== answered ? JSON.stringify([now.id, now.title, now.offered]) : "";
  let bar = document.getElementById("intent-now");
  if (!shown) {
    bar?.remove();
    return;
  }
  bar ??= make("div", { id: "intent-now", role: "group", "aria-label": t("intent_region") });
  if (bar.dataset.shown !== shown) {
    bar.dataset.shown = shown;
    bar.classList.toggle("offer", now.offered);
    bar.replaceChildren(...(now.offered ? offer(now) : [make("p", {}, t("intent_under_way", { title: now.title }))]));
  }
  standAbove(bar);
}

function offer({ id, title }) {
  const button = (name, goesOn) => make("button", { type: "button", class: goesOn ? "main" : null, onclick: () => answer(id, goesOn) }, t(name));
  return [make("p", {}, t("intent_offer", { title })), make("span", { class: "intent-answers" }, button("intent_continue", true), button("intent_anew", false))];
}

function answer(id, goesOn) {
  if (!emit("answer_offer", { intent_id: id, goes_on: goesOn })) return void toast(t("offline"), { urgent: true });
  answered = id;
  draw();
  getField()?.focus();
}

onChange(draw);
onIntents(() => {
  answered = null;
  draw();
});
