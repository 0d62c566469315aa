// By which way the page is connected: a WebSocket, or requests (polling.js) where none gets through. What has worked
// is gone on with; once requests have, a WebSocket is looked for now and then beside them, and taken at the next
// connection that is made anyway: nobody is disconnected for it.
const Native = window.WebSocket;

export const SOCKET = "websocket";
export const POLLING = "polling";

const KEY = "verbatim-way"; // of this tab: says of a network, and of nobody, what gets through
const SHORT_MS = 5000; // a connection that is cut sooner may have been by a proxy
const LOOK_MS = 10_000; // the first look for a WebSocket, and each further one after twice the time
const RAREST_MS = 900_000;
const STANDS_MS = 8000; // one that stands is heard of by then: the server's ping comes after 4 s

let preferred = recall();
let socketStood = false; // on this page
let tried = 0; // attempts since one way stood
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

const other = (way) => (way === SOCKET ? POLLING : SOCKET);

// Which way to try next. A WebSocket that has stood on this page is tried twice: the server may have been away for
// a moment. Then each in turn.
export function next() {
  const patience = preferred === SOCKET && socketStood ? 2 : 1;
  if (tried < patience) return preferred;
  return (tried - patience) % 2 === 0 ? other(preferred) : preferred;
}

// Whether a way may be blocked: then it is given less time.
export const isDoubtful = (way) => way === SOCKET && (!socketStood || tried > 0);

export function failed() {
  tried += 1;
}

export function stood(way) {
  tried = 0;
  if (way === SOCKET) socketStood = true;
  if (way !== preferred) prefer(way);
  clearTimeout(look);
  pause = LOOK_MS;
  if (way === POLLING) lookLater();
}

export function lost(way, milliseconds) {
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
