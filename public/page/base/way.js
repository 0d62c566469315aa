// By which way the page is connected: a WebSocket, or requests (polling.js) where none gets through. What has worked
// is gone on with; once requests have, a WebSocket is looked for now and then beside them, and taken at the next
// connection that is made anyway: nobody is disconnected for it.
import { below } from "./below.js";

const Native = window.WebSocket;

export const SOCKET = "websocket";
export const POLLING = "polling";

const KEY = "verbatim-way"; // of this tab: says of a network, and of nobody, what gets through
const SHORT_MS = 5000; // a connection that is cut sooner may have been by a proxy
const LOOK_MS = 10_000; // the first look for a WebSocket, and each further one after twice the time
const RAREST_MS = 900_000;
const STANDS_MS = 8000; // one that stands is heard of by then: the server's ping comes after 4 s

let preferred = recall();
let tried = 0; // attempts since one way stood
// Whether the server is known to be there; it has just sent this page. A WebSocket that fails then is blocked; where
// it is not known, the server is asked, and a WebSocket tried once more: it may have been away.
let answers = true;
let answered = false; // when the last WebSocket was begun
let blocked = false;
let stands = null;
let short = 0;
let look = 0;
let pause = LOOK_MS;

function recall() {
  try {
    return sessionStorage.getItem(KEY) === POLLING ? POLLING : SOCKET;
  } catch {
    return SOCKET;
  }
}

function prefer(way) {
  preferred = way;
  try {
    if (way === POLLING) sessionStorage.setItem(KEY, way);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Found out again at the next page.
  }
}

// Which way to try next.
export function next() {
  const way = preferred === POLLING ? (tried % 2 === 0 ? POLLING : SOCKET) : blocked ? POLLING : SOCKET;
  if (way === SOCKET) answered = answers;
  return way;
}

// Whether a way may be blocked: then it is given less time.
export const isDoubtful = (way) => way === SOCKET && (stands !== SOCKET || (tried > 0 && answered));

export function failed(way) {
  tried += 1;
  blocked = way === SOCKET && answered;
  if (way === POLLING) answers = false;
  if (!answers) knock();
}

function knock() {
  const asked = fetch(below("/health"), { cache: "no-store" });
  asked.then(async (answer) => (await answer.text(), (answers ||= answer.ok))).catch(() => {});
}

export function stood(way) {
  [tried, blocked, answers, stands] = [0, false, true, way];
  if (way !== preferred) prefer(way);
  clearTimeout(look);
  pause = LOOK_MS;
  if (way === POLLING) lookLater();
}

export function lost(way, milliseconds) {
  answers = false;
  clearTimeout(look);
  short = way === SOCKET && milliseconds < SHORT_MS ? short + 1 : 0;
  if (short < 2) return;
  short = 0;
  prefer(POLLING);
}

// ---- whether a WebSocket would get through now
let address = "";
export const at = (socketAddress) => (address = socketAddress);

function lookLater() {
  look = setTimeout(() => probe((stands) => (stands ? prefer(SOCKET) : lookLater())), pause);
  pause = Math.min(2 * pause, RAREST_MS);
}

function probe(then) {
  const socket = new Native(address);
  const end = (stands) => {
    clearTimeout(timer);
    socket.onmessage = socket.onclose = null;
    socket.close();
    then(stands);
  };
  const timer = setTimeout(() => end(false), STANDS_MS);
  socket.onclose = () => end(false);
  socket.onmessage = ({ data }) => data === "2" && end(true);
}
