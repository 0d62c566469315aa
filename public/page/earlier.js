// Long threads: the page gets the newest messages; what stands before them comes by windows, drawn by our
// server, read only, above the first message of Chainlit's.
import { ask } from "./base/ask.js";
import { STEP, STEP_BODY, getStepBody, idOfBody } from "./base/chainlit.js";
import { copyText } from "./base/clipboard.js";
import { count, t } from "./base/data.js";
import { icon, make, onChange, openThread } from "./base/dom.js";
import { toast } from "./base/toast.js";
import { onArrive } from "./base/wire.js";
import { drawForms, takeEarlier } from "./forms/forms.js";

const COPY = ["M9 9h11v11H9z", "M15 9V4H4v11h5"];
const DONE = ["M4 12l5 5L20 6"];
const PATIENCE_MS = 15_000;

// The thread on the page: {thread, first, earlier: {before, count} | null, loading, texts, holder}.
let shown = null;

onArrive("resume_thread", ({ id, earlier }) => {
  const first = earlier?.before ?? null;
  if (shown?.thread === id && shown.first === first) return;
  const again = () => begin(id, first, earlier ?? null);
  // A page that has reconnected keeps what it has loaded; only what was said meanwhile stands between.
  const goneOn = shown?.thread === id && shown.first !== null && first > shown.first;
  if (goneOn && shown.holder?.querySelector(STEP)) between(shown, first, again).catch(again);
  else again();
});

function begin(thread, first, earlier) {
  shown?.holder?.remove();
  shown = { thread, first, earlier, loading: null, texts: new Map(), holder: null };
}

// Chainlit's messages now begin later than they did: those between come below ours.
async function between(now, first, again) {
  now.first = first;
  const { html, texts, forms } = await windowBefore(now.thread, first);
  if (shown !== now || now.first !== first) return;
  const steps = [...parse(html)];
  const missing = steps.filter((step) => !now.holder.querySelector(`#${step.querySelector(STEP_BODY).id}`));
  if (missing.length === steps.length) {
    again(); // More than a window was said: there would be a gap.
    return;
  }
  now.holder.querySelector(".earlier-messages").append(...missing);
  keep(now, texts);
  takeEarlier(forms, texts);
}

const firstOfTheirs = () => document.querySelector(`${STEP}:not(#earlier ${STEP})`);

onChange(() => {
  if (!shown) return;
  if (openThread() !== shown.thread) {
    if (!shown.holder) return;
    shown.holder.remove();
    shown = null;
    return;
  }
  if (!shown.earlier && !shown.holder) return;
  const first = firstOfTheirs();
  if (!first || (shown.holder && first.previousElementSibling === shown.holder)) return;
  shown.holder ??= draw();
  first.before(shown.holder);
});

function draw() {
  const button = make("button", { type: "button", class: "own-button", onclick: () => showEarlier().catch(tell) }, label());
  const said = make("p", { class: "earlier-said", role: "status" });
  const holder = make("section", { id: "earlier", "aria-label": t("earlier_region") }, button, said, make("div", { class: "earlier-messages" }));
  holder.addEventListener("click", copy);
  return holder;
}

const label = () => count("earlier_show", shown.earlier.count);
const tell = (error) => toast(error.message, { urgent: true });

// Shows one window more. False when there is none.
export function showEarlier() {
  const now = shown;
  if (!now?.earlier) return Promise.resolve(false);
  now.loading ??= load(now).finally(() => {
    now.loading = null;
  });
  return now.loading;
}

async function load(now) {
  const button = now.holder?.querySelector(".own-button");
  if (button) button.textContent = t("earlier_loading");
  try {
    const { html, texts, forms, earlier } = await windowBefore(now.thread, now.earlier.before);
    if (shown !== now || !now.holder) return false;
    takeEarlier(forms, texts);
    put(now, parse(html));
    keep(now, texts);
    now.earlier = earlier;
    return true;
  } finally {
    if (button && now.earlier) button.textContent = label();
    else if (button) finish(now, button);
  }
}

const windowBefore = (thread, place) => ask("GET", `/me/threads/${encodeURIComponent(thread)}/earlier?before=${place}`);

function keep(now, texts) {
  for (const [id, text] of Object.entries(texts)) now.texts.set(id, text);
}

// Our own server's HTML, in which all that anybody wrote is escaped; and a parsed document runs nothing.
function parse(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const button of parsed.querySelectorAll("[data-copy]")) {
    button.setAttribute("aria-label", t("text_copy"));
    button.append(icon(...COPY));
  }
  return parsed.body.children;
}

// Above what is being read, which stays where it is on the screen.
function put(now, steps) {
  const list = now.holder.querySelector(".earlier-messages");
  const before = list.firstElementChild ?? firstOfTheirs();
  const scroller = now.holder.parentElement.parentElement;
  const at = before?.getBoundingClientRect().top ?? 0;
  list.prepend(...steps);
  drawForms(); // now, or they would move it
  scroller.scrollTop += (before?.getBoundingClientRect().top ?? 0) - at;
  now.holder.querySelector(".earlier-said").textContent = t("earlier_shown");
}

function finish(now, button) {
  const first = now.holder.querySelector(".earlier-messages > *");
  if (document.activeElement === button && first) {
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }
  button.remove();
}

async function copy(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const id = idOfBody(button.closest(STEP).querySelector(STEP_BODY));
  const code = button.parentElement.nextElementSibling?.querySelector("code")?.textContent;
  if (!(await copyText(button.dataset.copy === "code" ? code : shown.texts.get(id)))) return;
  button.replaceChildren(icon(...DONE));
  button.setAttribute("aria-label", t("text_copied"));
  setTimeout(() => {
    button.replaceChildren(icon(...COPY));
    button.setAttribute("aria-label", t("text_copy"));
  }, 2000);
}

// Shows as many windows as it takes until a step stands on the page of the open thread, which may still be
// on its way. Returns its element (#step-<id>), or null when it does not stand in this thread.
export async function showEarlierUntil(stepId) {
  const thread = openThread();
  const found = () => getStepBody(stepId);
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline && openThread() === thread) {
    if (found()) return found();
    // Chainlit draws what has arrived a few frames later; our place is there as soon as its messages are.
    if (shown?.thread === thread && (shown.holder?.isConnected || (!shown.earlier && firstOfTheirs()))) {
      if (!(await showEarlier())) break;
    } else {
      await new Promise(requestAnimationFrame);
    }
  }
  return found();
}
