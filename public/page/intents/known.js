// What the page knows of a thread's intents: titles and states, and the messages between which each stood. It
// comes with the thread, and anew whenever one begins or ends (data_layer/conversations/intents.py, `shown`).
import { openThread } from "../base/dom.js";
import { onArrive } from "../base/wire.js";

const hearers = new Set();
let of = null; // the thread
let list = []; // {id, title, state, from, to, offered}, oldest first

// Those of the thread that is open; none while another one is being opened.
export const intents = () => (of !== null && of === openThread() ? list : []);

// Called with the intents as they were and as they are, when they have changed under the reader's eyes.
export const onIntents = (hearer) => hearers.add(hearer);

function learn(thread, now) {
  [of, list] = [thread, now];
}

onArrive("resume_thread", (thread) => learn(thread.id, thread.intents ?? []));
onArrive("intents", ({ thread, intents: now }) => {
  const before = of === thread ? list : [];
  learn(thread, now);
  requestAnimationFrame(() => hearers.forEach((hear) => hear(before, now)));
  return null; // Chainlit's page knows nothing of it.
});
