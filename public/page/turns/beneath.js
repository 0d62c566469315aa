// What stands under the words of a reply: that it breaks off (steps.cut_off), that another agent stepped in
// (steps.fallback_for). The record has the reason, the page the words.
import { OF_AGENT, STEP, STEP_BODY, stepIdOf } from "../base/chainlit.js";
import { t } from "../base/data.js";
import { make, onChange } from "../base/dom.js";
import { onArrive } from "../base/wire.js";
import { known } from "./known.js";
import { announce } from "./said.js";

const REPLIES = `${OF_AGENT}:not(#earlier ${STEP}) > * > ${STEP_BODY}`;

// From the top down; each has its class, and says something or nothing of what is known of a reply.
const LINES = [
  ["turn-cut-off", ({ cutOff }) => cutOff && t(`cut_off_${cutOff}`)],
  ["turn-fallback", ({ agent, fallbackFor }) => fallbackFor && t("fallback", { agent, failed: fallbackFor })],
];

onChange(() => {
  for (const reply of document.querySelectorAll(REPLIES)) {
    const of = known(stepIdOf(reply)) ?? {};
    let above = reply;
    for (const [name, says] of LINES) {
      const words = says(of);
      let line = reply.parentElement.querySelector(`:scope > .${name}`);
      if (!words) {
        line?.remove();
        continue;
      }
      line ??= make("p", { class: `turn-beneath ${name}` });
      if (line.textContent !== words) line.textContent = words;
      if (above.nextElementSibling !== line) above.after(line);
      above = line;
    }
  }
});

// Who hears the page is told when it happens; what stood there before is read where it stands.
onArrive("new_message", ({ name, metadata, streaming }) => {
  if (streaming) return;
  for (const [, says] of LINES) {
    const words = says({ agent: name, cutOff: metadata?.cut_off, fallbackFor: metadata?.fallback_for });
    if (words) announce(words);
  }
});
