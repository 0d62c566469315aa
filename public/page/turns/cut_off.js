// A reply that breaks off says so under its words: the record has the reason (steps.cut_off), the page the words.
import { OF_AGENT, STEP, STEP_BODY, stepIdOf } from "../base/chainlit.js";
import { t } from "../base/data.js";
import { make, onChange } from "../base/dom.js";
import { onArrive } from "../base/wire.js";
import { known } from "./known.js";
import { announce } from "./said.js";

const REPLIES = `${OF_AGENT}:not(#earlier ${STEP}) > * > ${STEP_BODY}`;

onChange(() => {
  for (const reply of document.querySelectorAll(REPLIES)) {
    const why = known(stepIdOf(reply))?.cutOff;
    let line = reply.parentElement.querySelector(":scope > .turn-cut-off");
    if (!why) {
      line?.remove();
      continue;
    }
    line ??= make("p", { class: "turn-cut-off" });
    if (line.textContent !== t(`cut_off_${why}`)) line.textContent = t(`cut_off_${why}`);
    if (reply.nextElementSibling !== line) reply.after(line);
  }
});

// Who hears the page is told when it happens; what stood there before is read where it stands.
onArrive("new_message", ({ metadata }) => {
  if (metadata?.cut_off) announce(t(`cut_off_${metadata.cut_off}`));
});
