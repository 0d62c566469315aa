// A message is sent when the server says that it is kept, and not before. Until then it stands on the page
// as what it is: on its way, or not delivered, with a button to send it again. It keeps its id, so that the
// server answers it once, however often it comes.
import { place } from "./base/below.js";
import { getComposer, getField, getStepBody } from "./base/chainlit.js";
import { t } from "./base/data.js";
import { go, make, onChange, openThread } from "./base/dom.js";
import { toast } from "./base/toast.js";
import { emit, isOpen, onArrive, onLate, onLeave, onWire, receive, socket } from "./base/wire.js";
import { forgetDraft } from "./draft.js";
import { ownThread, recall, remember, whenKnown, whose } from "./who.js";

const PATIENCE_MS = 6000; // a busy server keeps a message in less
const MOST = 50; // messages in sessionStorage

const pending = new Map(); // id -> {id, thread, payload, undelivered}
const timers = new Map();

function keep() {
  remember("pending", pending.size ? [...pending.values()].slice(-MOST) : null);
}

function change(id, undelivered) {
  const one = pending.get(id);
  clearTimeout(timers.get(id));
  if (!one) return;
  if (!undelivered) timers.set(id, setTimeout(change, PATIENCE_MS, id, true));
  if (one.undelivered === undelivered) return;
  one.undelivered = undelivered;
  keep();
  draw();
}

function settle(id) {
  clearTimeout(timers.get(id));
  timers.delete(id);
  if (pending.delete(id)) {
    keep();
    draw();
  }
}

// A message that the server does not take: it is on its way no more, and its words are given back.
export function takeBack(id) {
  const words = pending.get(id)?.payload.message.output ?? "";
  settle(id);
  return words;
}

function note(payload, undelivered) {
  const message = payload?.message;
  if (!message?.id) return;
  // The server puts the message into the thread of its connection, whatever it says of itself: it says it so
  // that a page that is behind is told, instead of speaking where it did not mean to.
  message.threadId = openThread() ?? "";
  pending.set(message.id, { id: message.id, thread: openThread() ?? ownThread(), payload, undelivered: null });
  change(message.id, undelivered);
  forgetDraft();
}

function sendAgain(id) {
  const one = pending.get(id);
  if (!one || !isOpen()) {
    toast(t("offline"));
    return;
  }
  // A new conversation may have got another thread, when the server was started anew.
  one.thread = openThread() ?? ownThread();
  one.payload.message.threadId = openThread() ?? "";
  change(id, false);
  emit("client_message", one.payload);
  getField()?.focus({ preventScroll: true });
}

onLeave("client_message", (payload) => {
  note(payload, false);
  return payload;
});
onLate("client_message", (payload) => note(payload, true));
onArrive("kept", ({ id }) => {
  settle(id);
  return null;
});
// Too much in a short time: it is offered again. Of an edit Chainlit's page has taken away what stood below; a new
// connection brings the thread as it is, and edits.js puts the words into the field.
onArrive("too_fast", ({ id, edited }) => {
  if (edited) socket()?.drop();
  else change(id, true);
  return null;
});
// The server wants the page to be where it is: it has been left behind by another tab, or by a deletion.
onArrive("elsewhere", ({ id }) => {
  change(id, true);
  location.reload();
  return null;
});
onArrive("delete_message", ({ id }) => settle(id));
onWire(({ state, socket: from }) => {
  if (from === socket() && (state === "closed" || state === "left")) for (const id of pending.keys()) change(id, true);
});

// ---- a thread that is shown anew: what is in it is kept; what is not stands below it, undelivered
const without = (thread) => [...pending.values()].filter((one) => one.thread === thread);

onArrive("resume_thread", (thread) => {
  for (const step of thread.steps ?? []) settle(step.id);
  const rest = without(thread.id);
  for (const one of rest) change(one.id, true);
  return rest.length ? { ...thread, steps: [...thread.steps, ...rest.map(stepOf)] } : undefined;
});

function stepOf({ payload: { message }, thread }) {
  return { ...message, threadId: thread, parentId: null, name: message.name, type: "user_message" };
}

// The server has not got the thread that the page stands in.
onArrive("resume_thread_error", () => {
  const thread = openThread() ?? ownThread();
  const rest = without(thread);
  if (ownThread() !== thread) {
    // It has been deleted, and the page has been given a new one: there its words can be sent.
    const words = rest.map((one) => one.payload.message.output).join("\n\n");
    for (const one of rest) settle(one.id);
    if (words) remember("draft:new", words);
    go("/");
    return undefined;
  }
  const drawn = { id: thread, steps: rest.map(stepOf), elements: [], metadata: {} };
  if (rest.length) setTimeout(receive, 0, "resume_thread", drawn);
  // Or it stands on the screen already: the database is away, or has not got it yet.
  return rest.length || getComposer() ? null : undefined;
});

whenKnown(() => {
  for (const one of recall("pending") ?? []) if (!pending.has(one.id)) pending.set(one.id, one);
  for (const id of pending.keys()) change(id, true);
  keep();
  const last = [...pending.values()].at(-1);
  if (last && place() === "/" && last.thread && last.thread !== ownThread()) go(`/thread/${last.thread}`);
});

// ---- what stands under a message
function draw() {
  for (const line of document.querySelectorAll(".delivery")) if (!pending.has(line.dataset.of)) line.remove();
  if (!whose()) return;
  for (const one of pending.values()) {
    const step = getStepBody(one.id)?.parentElement;
    if (step) drawUnder(step, one);
  }
}

function drawUnder(step, one) {
  const state = one.undelivered ? "undelivered" : "sending";
  const found = step.querySelector(":scope > .delivery");
  if (found?.dataset.state === state) return;
  found?.remove();
  const line = make("div", { class: "delivery", role: one.undelivered && "status", "data-of": one.id, "data-state": state });
  line.append(make("span", {}, t(`delivery.${state}`)));
  if (one.undelivered) {
    line.append(make("button", { type: "button", onclick: () => sendAgain(one.id) }, t("delivery.again")));
  }
  step.append(line);
}

onChange(draw);
