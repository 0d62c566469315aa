// Whether the server is there, and what the participant sees of it: a line above the field to write in,
// which is closed as long as nothing could be delivered.
import { below, place } from "./base/below.js";
import { COMPOSER_PARTS, CONFIRM_EDIT, SEND, STARTER, STOP, getComposer, getField } from "./base/chainlit.js";
import { t } from "./base/data.js";
import { make, onChange } from "./base/dom.js";
import { standAbove } from "./base/above.js";
import { toast } from "./base/toast.js";
import { POLLING } from "./base/way.js";
import { isMet, isOpen, onArrive, onWire, socket } from "./base/wire.js";
import { leaveForEntry, leaveForGood } from "./who.js";
import { isAway, onAway } from "./away.js";
import { sends } from "./composer.js";

const CLOSED_MS = 700; // a lost socket often is back before anybody could read a line
const LEFT_MS = 3000; // the page itself closes its socket whenever it goes to another thread
const FIRST_MS = 4000; // a page that is being loaded
// The server sends a ping each 4 s (page/patches.py).
const SILENT_MS = 6500;
const DEAD_MS = 12000; // silence may end: a busy server, a slow link. Then nothing is lost, and nobody connects anew
const TICK_MS = 500;

let heard = Date.now();
let looked = Date.now();
let shown = false;
let silent = false;
let polls = false; // by requests, as the connection stood last: nothing flickers while one is replaced
let counted = 0;
let timer = 0;
let focused = null;
let waiting = null; // what was pressed before the connection stood
let stoodAt = 0;

function line() {
  if (!getComposer()) return null;
  const found = document.getElementById("connection") ?? make("div", { id: "connection", role: "status", "aria-live": "polite" });
  standAbove(found);
  return found;
}

function draw() {
  const status = line();
  const field = getField();
  if (!status || !field) return;
  const text = isAway() ? t("connection.away") : shown ? t("connection.lost") : polls ? t("connection.polling") : "";
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("lost", shown || isAway());
  status.classList.toggle("away", isAway());
  const closed = shown && !isAway();
  const buttons = document.querySelector(`${SEND}, ${STOP}`)?.closest(COMPOSER_PARTS);
  if (buttons && buttons.inert !== closed) buttons.inert = closed;
  if (field.disabled !== closed) closeOrOpen(field, closed);
}

// A field that is closed loses its focus and its place in the text: it gets both back.
function closeOrOpen(field, closed) {
  if (closed && document.activeElement === field) focused = [field.selectionStart, field.selectionEnd];
  field.disabled = closed;
  if (!closed && focused && [document.body, null].includes(document.activeElement)) {
    field.focus({ preventScroll: true });
    field.setSelectionRange(...focused);
  }
  if (!closed) focused = null;
}

function show(lost) {
  clearTimeout(timer);
  if (shown === lost) return;
  shown = lost;
  if (lost) waiting = null; // what was pressed stays where it is
  draw();
}

function showIn(milliseconds) {
  clearTimeout(timer);
  if (isAway()) return; // that is said already
  timer = setTimeout(() => show(!isOpen()), milliseconds);
}

onWire(({ state, socket: from, message }) => {
  if (from !== socket()) return; // of a connection that has been replaced
  if (state === "opening" && !shown && counted === 0) showIn(FIRST_MS);
  if (state === "closed") {
    document.documentElement.dataset.connection = "lost"; // connection.css: Chainlit need not complain as well
    showIn(CLOSED_MS);
  }
  if (state === "left") showIn(LEFT_MS);
  if (state === "refused") refused(message);
  if (state === "frame" || state === "open") {
    heard = Date.now();
    silent = false;
    show(false);
  }
  if (state === "open") opened();
});

// Back: the field stays open for as long as a page that is being loaded may take.
onAway((gone) => {
  show(false);
  draw();
  if (!gone) showIn(FIRST_MS);
});

async function refused(message) {
  const answer = await fetch(below("/user"), { credentials: "same-origin" }).catch(() => null);
  if (answer?.status === 401) leaveForEntry();
  else if (message === "authorization failed" && place() !== "/") location.assign(below("/")); // Not theirs.
}

addEventListener("verbatim:signed-out", leaveForEntry);
onArrive("signed_out", (said) => {
  // In another tab, or by whoever runs the study; who has withdrawn gets their receipt.
  if (said?.to) leaveForGood(said.to);
  else leaveForEntry();
});

function opened() {
  counted += 1;
  stoodAt = Date.now();
  polls = socket().line.way() === POLLING;
  draw();
  setTimeout(() => isOpen() && delete document.documentElement.dataset.connection, LEFT_MS);
  press();
}

// ---- a link that says nothing
function look() {
  const now = Date.now();
  const woke = now - looked > 4 * TICK_MS; // asleep, in the background, or busy: what came has not been read yet
  looked = now;
  if (woke || !isOpen()) return;
  silent = now - heard > SILENT_MS;
  if (silent) show(true);
  if (now - heard > DEAD_MS) socket().drop();
}

setInterval(look, TICK_MS);

function hurry() {
  if (document.hidden) return;
  if (!isOpen()) socket()?.line.hurry();
  else if (silent) socket().drop();
}

for (const event of ["online", "focus", "pageshow"]) addEventListener(event, hurry);
document.addEventListener("visibilitychange", hurry);
addEventListener("offline", () => {
  document.documentElement.dataset.connection = "lost";
  show(true);
  socket()?.drop();
});

// ---- what is pressed while there is no connection: soon done, or not at all
const PRESSED = `${SEND}, ${STARTER}`;
const REFUSED = `${CONFIRM_EDIT}, ${STOP}`;

const written = () => getField()?.value;

function press() {
  const { selector, until, text } = waiting ?? {};
  if (!selector) return;
  if (written() !== text) {
    waiting = null; // what is there now has not been sent by anybody
    return;
  }
  const button = document.querySelector(selector);
  if (button && !button.disabled && isMet()) {
    waiting = null;
    button.click();
  } else if (Date.now() < until) requestAnimationFrame(press);
  else waiting = null;
}

function hold(event, selector) {
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!shown) waiting = { selector, until: Date.now() + 5000, text: written() };
  if (isOpen()) requestAnimationFrame(press); // it stands, and Chainlit is about to say so
}

// Chainlit knows a moment later than we do that its connection stands: its button is closed until then, and
// what is pressed would be heard by nobody.
const stands = () => isMet() && !(Date.now() - stoodAt < FIRST_MS && document.querySelector(SEND)?.disabled);

addEventListener(
  "keydown",
  (event) => {
    if (sends(event) && !stands() && event.target.value.trim()) hold(event, SEND);
  },
  true,
);
addEventListener(
  "click",
  (event) => {
    if (isMet() && !silent) return;
    const pressed = event.target?.closest?.(PRESSED);
    if (pressed) hold(event, `#${CSS.escape(pressed.id)}`);
    else if (event.target?.closest?.(REFUSED)) {
      hold(event, null);
      toast(t("offline"));
    }
  },
  true,
);

onChange(draw);
