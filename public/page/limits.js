// How much may still be written: a quiet line in the field when the end is near, and the field closed at the end. The
// server counts (stages/chat/limits.py) and refuses as well; what it does not take comes back into the field.
import { getComposer } from "./base/chainlit.js";
import { count, data, t } from "./base/data.js";
import { make, onChange } from "./base/dom.js";
import { onArrive } from "./base/wire.js";
import { closeFor, giveBack } from "./ended.js";

const WARN = data.study.warn ?? 3;
const MINUTE_MS = 60_000;
const LOOK_MS = 5_000;

const NOTHING = { messages: null, nearly: false, over: null, least: 0, until: null };
let left = NOTHING;

function learn(said) {
  left = said;
  const own = document.getElementById("limit-reached-text"); // page/chainlit/index_page.py
  closeFor(left.over ? own?.content ?? t(data.study.has_protocol ? "study_chat_over" : `limits_${left.over}`) : null);
  draw();
}

// Of what is left the smallest speaks: one line, and none while there is plenty.
function words() {
  if (left.over) return "";
  const minutes = left.until === null ? Infinity : Math.ceil((left.until - Date.now()) / MINUTE_MS);
  if (left.messages !== null && left.messages <= WARN) return count("limits_messages", left.messages);
  if (minutes <= WARN) return count("limits_minutes", Math.max(1, minutes));
  if (left.nearly) return t("limits_nearly");
  return left.least ? count("limits_least", left.least) : "";
}

function draw() {
  const composer = getComposer();
  if (!composer) return;
  const said = words();
  let line = document.getElementById("limits");
  if (!said) {
    line?.remove();
    return;
  }
  if (line?.parentElement !== composer) {
    line?.remove();
    line = make("p", { id: "limits", role: "status" });
    composer.append(line);
  }
  if (line.textContent !== said) line.textContent = said;
}

onArrive("limits", ({ not_taken: id, seconds, ...said }) => {
  learn({ ...said, until: seconds === null ? null : Date.now() + seconds * 1000 });
  giveBack(id);
  return null;
});
// Another thread, of which nothing is known yet: what there is to know comes after it.
onArrive("hello", () => learn(NOTHING));

setInterval(() => {
  if (left.until === null || left.over) return;
  if (Date.now() >= left.until) learn({ ...left, over: "thread" });
  else draw();
}, LOOK_MS);

onChange(draw);
