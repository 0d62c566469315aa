// What Chainlit's page is given to draw, in place of what was said; the words themselves stay as they are, here
// (turns/known.js copies them) and on the server. The last to hear each event: the others need the words.
import { onArrive } from "../base/wire.js";
import { readFormulas } from "./reading.js";

const said = new Map(); // id -> the words of a reply that grows
const written = new Map(); // id -> formulas as they were written, in the order of drawing

export const formulasOf = (id) => written.get(id) ?? [];

function given(id, words) {
  const { text, formulas } = readFormulas(words);
  if (formulas.length) written.set(id, formulas);
  else written.delete(id);
  return text;
}

// Code is drawn as it is, and so is what a participant wrote (config.toml: user_message_markdown).
const isMarkdown = (step) => step?.output && step.type !== "user_message" && !step.language;

function read(step) {
  if (!isMarkdown(step)) return step;
  if (step.streaming) said.set(step.id, step.output);
  else said.delete(step.id);
  const text = given(step.id, step.output);
  return text === step.output ? step : { ...step, output: text };
}

onArrive("resume_thread", (thread) => {
  said.clear();
  written.clear();
  return { ...thread, steps: (thread.steps ?? []).map(read) };
});
for (const event of ["new_message", "update_message", "stream_start"]) onArrive(event, read);

// The whole anew, where what comes changes what stands: a formula that has ended is drawn.
onArrive("stream_token", ({ id, token, isSequence, isInput, ...rest }) => {
  if (isInput || !said.has(id)) return undefined;
  const before = said.get(id);
  const now = isSequence ? token : before + token;
  said.set(id, now);
  if (!/[\\$:]/.test(now)) return undefined;
  return { id, token: given(id, now), isSequence: true, isInput, ...rest };
});
