// Forms under replies: which there are, where they stand, what is half filled in, what is on its way. They come
// with the steps of a thread (data_layer/conversations/forms.py, `form_mark`), and one by one as they change.
import { SCROLLER, STEP, getStepBody } from "../base/chainlit.js";
import { below } from "../base/below.js";
import { t } from "../base/data.js";
import { onChange } from "../base/dom.js";
import { goToEnd, readFrom } from "../end.js";
import { emit, onArrive, onWire, sessionId, socket } from "../base/wire.js";
import { known } from "../turns/known.js";
import { whenKnown, whose } from "../who.js";
import { VerbatimForm } from "./element.js";
import { bare } from "./rules.js";

const PATIENCE_MS = 8000; // a busy server keeps a form in less
const PREFIX = "verbatim-form:";

const forms = new Map(); // form id -> mark
const elements = new Map(); // form id -> VerbatimForm
const drafts = new Map(); // form id -> draft
const timers = new Map();
const answering = new Set(); // messages that are forms that were sent
const above = new Map(); // earlier message -> its words

// ---- half filled in: in this browser until it is sent, and for this participant alone
const keyOf = (id) => `${PREFIX}${whose()}:${id}`;

function fresh() {
  return { message: crypto.randomUUID(), values: {}, names: {}, touched: {}, changes: {} };
}

function draftOf(id) {
  if (!drafts.has(id)) {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(keyOf(id)));
    } catch {
      // A browser that keeps nothing loses nothing but this.
    }
    const draft = { ...fresh(), ...kept };
    for (const part of ["values", "names", "touched", "changes"]) draft[part] = bare(draft[part]);
    drafts.set(id, draft);
  }
  return drafts.get(id);
}

function keep(id, draft) {
  try {
    if (draft) localStorage.setItem(keyOf(id), JSON.stringify(draft));
    else localStorage.removeItem(keyOf(id));
  } catch {
    // As above.
  }
}

whenKnown(() => {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX) && !key.startsWith(keyOf(""))) localStorage.removeItem(key);
    }
  } catch {
    // As above.
  }
  for (const id of forms.keys()) refresh(id);
});

// ---- to the server and back
function send(id, draft) {
  const { message, values, touched, changes } = draft;
  clearTimeout(timers.get(id));
  if (!emit("answer_form", { form_id: id, message_id: message, values, touched, changes })) return false;
  timers.set(id, setTimeout(() => elements.get(id)?.failed(t("form_not_sent")), PATIENCE_MS));
  return true;
}

async function upload(file) {
  const body = new FormData();
  body.append("file", file);
  let answer;
  try {
    answer = await fetch(below(`/project/file?session_id=${sessionId()}`), { method: "POST", credentials: "same-origin", body });
  } catch {
    throw new Error(t("offline"));
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.problem ?? said.detail ?? t("failed"));
  return said.id;
}

function settle(id) {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

function take(mark) {
  const before = forms.get(mark.id);
  const sentHere = mark.state === "answered" && timers.has(mark.id);
  forms.set(mark.id, mark);
  if (mark.state !== "open") {
    settle(mark.id);
    keep(mark.id, null);
    drafts.delete(mark.id);
  }
  if (before?.state !== mark.state) refresh(mark.id);
  if (sentHere) requestAnimationFrame(goToEnd); // as after any message that one has sent
}

function refresh(id) {
  const element = elements.get(id);
  if (!element || !whose()) return;
  if (forms.get(id).state !== "open") element.sending = false;
  element.show(forms.get(id), {
    get draft() {
      return draftOf(id);
    },
    words: (known(forms.get(id).message)?.text ?? above.get(forms.get(id).message))?.trim(),
    keep: (draft) => keep(id, draft),
    send: (draft) => send(id, draft),
    upload,
    readFrom,
  });
  sight.unobserve(element); // and see anew: it may be closed now
  sight.observe(element);
}

function note({ id, metadata }) {
  if (metadata?.form) take(metadata.form);
  if (metadata?.answers_form) answering.add(id);
}

onArrive("resume_thread", (thread) => {
  for (const step of thread.steps ?? []) note(step);
});
for (const event of ["new_message", "update_message"]) onArrive(event, (step) => note(step));
onArrive("form", (mark) => {
  take(mark);
  draw();
  return null;
});
onArrive("form_refused", ({ id, errors }) => {
  settle(id);
  const element = elements.get(id);
  if (element && Object.keys(errors).length) element.wrong(errors);
  else element?.failed(t(forms.get(id)?.state === "open" ? "form_not_sent" : "form_closed"));
  return null;
});
onWire(({ state, socket: from }) => {
  if (from !== socket() || (state !== "closed" && state !== "left")) return;
  for (const id of timers.keys()) elements.get(id)?.failed(t("form_not_sent"));
  for (const id of [...timers.keys()]) settle(id);
});

// ---- under their replies
// One that is taller than the window is read from its beginning, also when Chainlit draws the conversation anew,
// as it does once a first message has given it an address.
function begin(id) {
  const element = elements.get(id);
  const scroller = element.closest(SCROLLER);
  if (element.mark.state !== "open" || scroller === element.begunIn) return;
  element.begunIn = scroller;
  const room = scroller?.clientHeight ?? 0;
  const body = getStepBody(forms.get(id).message);
  if (body && element.offsetHeight > room * 0.75) readFrom(body);
}

// While an open form is in sight, nothing floats above its fields and buttons.
const inSight = new Set();
const sight = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) {
    if (isIntersecting && target.mark?.state === "open") inSight.add(target);
    else inSight.delete(target);
  }
  document.documentElement.toggleAttribute("data-form", inSight.size > 0);
});

function draw() {
  for (const [id, mark] of forms) {
    const body = getStepBody(mark.message);
    if (!body) continue;
    const element = elements.get(id) ?? elements.set(id, new VerbatimForm()).get(id);
    if (element.previousElementSibling !== body) {
      element.standAfter(body);
      requestAnimationFrame(() => begin(id));
    }
    if (!element.mark) refresh(id);
  }
  for (const id of answering) getStepBody(id)?.closest(STEP)?.setAttribute("data-form-answer", "");
}

// Those under messages above the ones that Chainlit draws (earlier.js), and these messages' words.
export function takeEarlier(marks, texts) {
  for (const mark of marks) {
    above.set(mark.message, texts[mark.message]);
    take(mark);
  }
}

export { draw as drawForms };
onChange(draw);
