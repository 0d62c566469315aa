// Nothing was done here for the study's idle minutes: the server has said so, and the connection rests. What stands in
// the field stays, and can be gone on with: the next key press, or a touch of the page, brings the connection back.
import { rest, wake } from "./base/dial.js";
import { onArrive, socket } from "./base/wire.js";

let away = false;
const watchers = new Set();

export const isAway = () => away;
// Called when the participant is away, and when they are back.
export const onAway = (watcher) => watchers.add(watcher);

function learn(gone) {
  away = gone;
  for (const watcher of watchers) watcher(away);
}

onArrive("away", () => {
  rest();
  learn(true);
  setTimeout(() => socket()?.drop());
  return null;
});

function comeBack() {
  if (!away) return;
  learn(false);
  wake();
}

for (const event of ["keydown", "input", "pointerdown"]) addEventListener(event, comeBack, true);
