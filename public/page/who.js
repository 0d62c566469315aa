// Whose page this is, and what it keeps for them in this tab: nothing of it is shown to whoever signs in next.
import { below, place } from "./base/below.js";
import { go } from "./base/dom.js";
import { answerFetch } from "./base/fetched.js";
import { isOpen, onArrive } from "./base/wire.js";

const PREFIX = "verbatim:";
const BACK = `${PREFIX}back`;

let participant = null;
let thread = null;
const waiting = [];
const AGAIN_MS = 1000;

// The participant, once the server has said who it is; the thread that this connection is in.
export const whose = () => participant;
export const ownThread = () => thread;
// Called once they are known: at once, or when they come to be.
export function whenKnown(then) {
  if (participant) then();
  else waiting.push(then);
}

const keyOf = (name) => `${PREFIX}${participant}:${name}`;

// A browser that keeps nothing loses nothing but this.
export function recall(name) {
  try {
    return participant ? JSON.parse(sessionStorage.getItem(keyOf(name))) : null;
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    if (value === null || value === "") sessionStorage.removeItem(keyOf(name));
    else sessionStorage.setItem(keyOf(name), JSON.stringify(value));
  } catch {
    // As above.
  }
}

function forgetOthers() {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX) && key !== BACK && !key.startsWith(keyOf(""))) sessionStorage.removeItem(key);
    }
  } catch {
    // As above.
  }
}

onArrive("hello", (said) => {
  const first = participant === null;
  [participant, thread] = [said.participant, said.thread];
  if (first) {
    forgetOthers();
    comeBack();
    for (const then of waiting.splice(0)) then();
  }
  return null; // Chainlit's page knows no such event.
});

function noteTheWayBack() {
  try {
    if (participant) sessionStorage.setItem(BACK, JSON.stringify({ participant, path: place() }));
  } catch {
    // As above.
  }
}

// Somebody who follows another personal link in this tab is signed out of this page while the browser is on
// its way: a way of our own would take them off theirs.
let onTheWay = 0;
const WAY_LASTS_MS = 10000; // What turned out to be a download was no way.
addEventListener("beforeunload", () => {
  onTheWay = Date.now();
});

const isOnTheWay = () => Date.now() - onTheWay < WAY_LASTS_MS;

// Signed out, here or elsewhere: to the way in, and after it back to where they were.
export function leaveForEntry() {
  if (isOnTheWay()) return;
  noteTheWayBack();
  location.assign(below("/login"));
}

// Withdrawn from the study: nothing of theirs stays in this tab either.
export function leaveForGood(receipt) {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  } catch {
    // As above.
  }
  participant = null;
  onTheWay = Date.now(); // Nothing that is answered from now on leads elsewhere.
  location.assign(below(receipt));
}

// Chainlit's page asks again and again who is here, and takes every failure for: nobody. A server that is away
// has not said so: it is asked until it says anything.
answerFetch("GET", "/user", async (_, through) => {
  for (;;) {
    const answer = await through().catch(() => null);
    if (answer && answer.status < 500) return answer;
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
});

// Where the end of a sign-in leads is said on the connection, by whoever ended it (connection.js): to a receipt,
// or to the way in. A request may be told 401 before that word is here.
const WORD_MS = 3000;

async function wordOnTheWire() {
  const until = Date.now() + WORD_MS;
  while (participant && isOpen() && !isOnTheWay() && Date.now() < until) await new Promise((done) => setTimeout(done, 50));
}

// Chainlit's page leaves by itself, at the first request that is answered so (frontend/src/api/index.ts).
const fetched = window.fetch;
window.fetch = async (...request) => {
  const answer = await fetched(...request);
  if (answer.status !== 401) return answer;
  await wordOnTheWire();
  if (isOnTheWay()) return new Promise(() => {}); // An answer would send it to the way in; it is leaving.
  noteTheWayBack();
  return answer;
};

function comeBack() {
  try {
    const left = JSON.parse(sessionStorage.getItem(BACK));
    sessionStorage.removeItem(BACK);
    if (left?.participant === participant && place() === "/" && left.path !== "/") go(left.path);
  } catch {
    // As above.
  }
}
