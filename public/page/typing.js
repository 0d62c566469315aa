// Tells the server that keys are pressed in the field, at most each three seconds, and nothing of what is written: the
// researchers who look see that somebody is typing (docs/how-to/watch-and-steer.md).
import { isField } from "./base/chainlit.js";
import { emit } from "./base/wire.js";

const EVERY_MS = 3000;
let told = 0;

addEventListener("input", ({ target, isTrusted }) => {
  // What our own scripts fill in was not typed (draft.js).
  if (!isField(target) || !isTrusted || !target.value.trim()) return;
  const now = Date.now();
  if (now - told >= EVERY_MS && emit("typing", {})) told = now;
});
