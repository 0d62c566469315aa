// The real connection under each WebSocket that Socket.IO believes in: tried again until the server has
// taken the page in, so that Chainlit never hears of an attempt that failed. (It would leave the thread
// that it is about to open, AutoResumeThread.tsx:35, and try again only after seconds.)
import { Polling } from "./polling.js";
import * as way from "./way.js";

const Native = window.WebSocket;

const PAUSES_MS = [250, 500, 1000, 2000]; // between attempts; the last one for all that follow
const OPEN_WITHIN_MS = 5000; // the wire's own opening; packets may vanish
const TAKEN_WITHIN_MS = 20000; // until the server has answered who is there: it may be busy
// The same where a proxy may let nothing through (way.js): the page is to stand within 10 s, by another way.
const DOUBTFUL_OPEN_WITHIN_MS = 3000;
const DOUBTFUL_TAKEN_WITHIN_MS = 5000;
const OFFLINE_PAUSE_MS = 5000; // the browser says that there is no network; it may be wrong

// While the page rests (away.js) nothing is tried; what was about to be tried is when it wakes.
let rests = false;
const sleepers = new Set();

export function rest() {
  rests = true;
}

export function wake() {
  rests = false;
  for (const attempt of [...sleepers]) attempt();
}

// `on` is {taken(frame), frame(frame), refused(message), lost()}; what is returned speaks to the server.
export function dial(address, on) {
  let real = null;
  let by = null;
  let hello = null;
  let greeted = false;
  let taken = false;
  let ended = false;
  let failures = 0;
  let began = 0;
  let timer = 0;

  const wait = (milliseconds, then) => {
    clearTimeout(timer);
    timer = setTimeout(then, milliseconds);
  };

  function letGo() {
    clearTimeout(timer);
    const old = real;
    real = null;
    if (!old) return;
    old.onmessage = old.onclose = null;
    old.close();
  }

  function again() {
    letGo();
    way.failed(by);
    pause();
  }

  function pause() {
    const milliseconds = navigator.onLine === false ? OFFLINE_PAUSE_MS : PAUSES_MS[Math.min(failures++, PAUSES_MS.length - 1)];
    wait(milliseconds * (0.75 + Math.random() / 2), attempt); // apart from each other: a whole study comes back at once
  }

  function attempt() {
    letGo();
    if (rests) {
      sleepers.add(attempt);
      return;
    }
    sleepers.delete(attempt);
    greeted = false;
    began = Date.now();
    by = way.next();
    real = by === way.POLLING ? new Polling(address) : new Native(address);
    real.onmessage = ({ data }) => heard(data);
    real.onclose = () => (taken ? end() : again());
    wait(way.isDoubtful(by) ? DOUBTFUL_OPEN_WITHIN_MS : OPEN_WITHIN_MS, again);
  }

  function greet() {
    if (greeted && hello !== null) real.send(hello);
  }

  function heard(frame) {
    if (taken) on.frame(frame);
    else if (frame.startsWith("0")) shake();
    else if (frame === "2") real.send("3");
    else if (frame.startsWith("40")) take(frame);
    else if (frame.startsWith("44")) refuse(frame);
  }

  function shake() {
    wait(way.isDoubtful(by) ? DOUBTFUL_TAKEN_WITHIN_MS : TAKEN_WITHIN_MS, again);
    greeted = true;
    greet();
  }

  function take(frame) {
    clearTimeout(timer);
    taken = true;
    began = Date.now();
    way.stood(by);
    on.taken(frame);
  }

  function refuse(frame) {
    let message = "";
    try {
      message = JSON.parse(frame.slice(2)).message ?? "";
    } catch {
      // A refusal without a reason.
    }
    letGo();
    pause();
    on.refused(message);
  }

  function end() {
    if (ended) return;
    ended = true;
    sleepers.delete(attempt);
    letGo();
    if (taken) way.lost(by, Date.now() - began);
    on.lost();
  }

  way.at(address);
  attempt();
  return {
    way: () => by,
    // What Socket.IO says first, who the page is, waits for the server.
    greet(frame) {
      hello = frame;
      greet();
    },
    send(frame) {
      if (taken && real?.readyState === Native.OPEN) real.send(frame);
    },
    // Now, instead of after the pause: the network is back, or somebody looks at the page.
    hurry() {
      if (rests || ended || taken || (real && Date.now() - began < 2000)) return;
      failures = 0;
      if (real) way.failed(by); // it hangs
      attempt();
    },
    // The page leaves: nothing is told.
    close() {
      ended = true;
      sleepers.delete(attempt);
      letGo();
    },
    drop: end,
  };
}
