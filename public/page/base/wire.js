// The page's one Socket.IO connection, seen from outside Chainlit's bundle: frames can be read, changed,
// swallowed, added in both directions. Loaded before the bundle, which finds this WebSocket in place of the
// browser's. Frames: https://socket.io/docs/v4/engine-io-protocol/ and .../socket-io-protocol/
import { dial } from "./dial.js";

const Native = window.WebSocket;
const arriving = new Map(); // event -> functions(data): undefined as it is, null swallows, else replaces
const leaving = new Map();
const late = new Map(); // event -> functions(data)
const watchers = new Set(); // functions({state, socket, message})

// Socket.IO is told that its connection stands, and that a ping will come some day: it is we who look
// whether the server is there (connection.js), and who dial again.
const SHAKEN = `0${JSON.stringify({ sid: "page", upgrades: [], pingInterval: 86400000, pingTimeout: 86400000 })}`;

let current = null;
let session = null;

// How the server knows this load of the page, once Chainlit's page has greeted it.
export const sessionId = () => session;
export const socket = () => current;
export const isOpen = () => current !== null && current.ready;
// Whether Chainlit has said on it who speaks: what it says before that is not sent.
export const isMet = () => isOpen() && current.met;

function add(map, event, handler) {
  if (!map.has(event)) map.set(event, []);
  map.get(event).push(handler);
}

// Called for each event that the server sends, before Chainlit's page sees it.
export const onArrive = (event, handler) => add(arriving, event, handler);
// Called for each event that Chainlit's page sends, before it leaves.
export const onLeave = (event, handler) => add(leaving, event, handler);
// Called for each event that Chainlit's page said while there was no connection. It is not sent: Socket.IO
// would, at the next connection, before the page has been told what has happened since.
export const onLate = (event, handler) => add(late, event, handler);
// Called with {state: "opening" | "open" | "frame" | "closed" | "left" | "refused", socket}. "open" is
// Socket.IO's, not the wire's; "left" is a close by the page itself; "refused" comes with a message.
export const onWire = (watcher) => watchers.add(watcher);

// Sends an event of ours to the server. False when there is no connection. What is pressed while Chainlit's page has not
// said yet who speaks goes right after that: before it, the server has not opened the thread for this page.
export function emit(event, data) {
  if (!isOpen()) return false;
  const frame = `42${JSON.stringify([event, data])}`;
  if (current.met) current.line.send(frame);
  else current.waiting.push(frame);
  return true;
}

// Lets Chainlit's page believe that the server has sent an event.
export function receive(event, data) {
  current?.give(`42${JSON.stringify([event, data])}`);
}

function tell(state, from, message) {
  for (const watcher of watchers) watcher({ state, socket: from, message });
}

function packetIn(frame) {
  const head = typeof frame === "string" ? /^42(\d*)\[/.exec(frame) : null;
  return head ? { head: `42${head[1]}`, packet: JSON.parse(frame.slice(head[0].length - 1)) } : null;
}

function through(map, frame) {
  const { head, packet } = packetIn(frame) ?? {};
  const handlers = packet && map.get(packet[0]);
  if (!handlers) return frame;
  let changed = false;
  for (const handler of handlers) {
    const answer = handler(packet[1]);
    if (answer === null) return null;
    if (answer !== undefined) [packet[1], changed] = [answer, true];
  }
  return changed ? `${head}${JSON.stringify(packet)}` : frame;
}

// Engine.IO's client sets the four on... properties, binaryType, and calls send and close; nothing else.
class Wire {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;

  constructor(address, ...rest) {
    if (!String(address).includes("/ws/socket.io")) return new Native(address, ...rest);
    this.url = String(address);
    this.readyState = Wire.CONNECTING;
    this.ready = false;
    this.met = false;
    this.waiting = [];
    current = this;
    tell("opening", this);
    this.line = dial(this.url, {
      taken: (frame) => this.heard(frame),
      frame: (frame) => this.heard(frame),
      refused: (message) => tell("refused", this, message),
      lost: () => this.lost(),
    });
    setTimeout(() => this.stand());
  }

  stand() {
    if (this.readyState !== Wire.CONNECTING) return;
    this.readyState = Wire.OPEN;
    this.onopen?.(new Event("open"));
    this.give(SHAKEN);
  }

  give(frame) {
    this.onmessage?.(new MessageEvent("message", { data: frame }));
  }

  heard(data) {
    const opens = !this.ready;
    this.ready = true;
    tell("frame", this);
    const frame = through(arriving, data);
    if (frame !== null) this.give(frame);
    if (opens) tell("open", this);
  }

  send(frame) {
    if (String(frame).startsWith("40")) {
      session = JSON.parse(String(frame).slice(2) || "{}").sessionId ?? session;
      this.line.greet(frame);
    } else if (this.ready && this.timely(frame)) this.pass(frame);
  }

  pass(frame) {
    const given = through(leaving, frame);
    if (given !== null) this.line.send(given);
    if (this.met) for (const frame of this.waiting.splice(0)) this.line.send(frame);
  }

  // The first thing that Chainlit says on a connection is connection_successful; Socket.IO lets go before
  // it what has waited.
  timely(frame) {
    if (this.met) return true;
    const [event, data] = packetIn(frame)?.packet ?? [];
    this.met = event === undefined || event === "connection_successful";
    if (!this.met) for (const handler of late.get(event) ?? []) handler(data);
    return this.met;
  }

  close() {
    if (this.readyState === Wire.CLOSED) return;
    this.readyState = Wire.CLOSED;
    this.ready = false;
    this.line.close();
    tell("left", this);
  }

  // As if the network had: Socket.IO makes another connection.
  drop() {
    this.line.drop();
  }

  lost() {
    if (this.readyState === Wire.CLOSED) return;
    this.readyState = Wire.CLOSED;
    this.ready = false;
    tell("closed", this);
    this.onclose?.(new CloseEvent("close", { code: 1006, reason: "lost" }));
  }
}

window.WebSocket = Wire;
