// In a study with a protocol: a quiet line above the field says which step this is, what lacks, and leads on. The server
// says when one may go on (stages/chat/handler.py), and refuses what comes too early.
import { NEW_CHAT } from "./base/chainlit.js";
import { standAbove } from "./base/above.js";
import { ask } from "./base/ask.js";
import { below } from "./base/below.js";
import { count, data, t } from "./base/data.js";
import { make, onChange } from "./base/dom.js";
import { onArrive } from "./base/wire.js";

let where = null; // as page/protocol/routes.py tells it
let opensAt = 0;

async function learn() {
  try {
    where = await ask("GET", "/me/study");
    opensAt = performance.now() + where.seconds_lacking * 1000;
  } catch {
    return; // what is known stands, and is asked for with the next message
  }
  document.documentElement.dataset.protocol = where.may.join(" "); // stages.css
  draw();
}

const lacks = () => where.turns_lacking > 0 || performance.now() < opensAt;

function words() {
  if (where.agent_gone) return t("study_agent_gone");
  if (where.turns_lacking > 0) return count("limits_least", where.turns_lacking);
  return performance.now() < opensAt ? t("study_minutes_lack") : "";
}

function drawn() {
  const step = t("study_step").replace("{number}", where.number).replace("{count}", where.count);
  const form = make("form", { method: "post", action: below("/study") });
  form.append(
    make("input", { type: "hidden", name: "visit", value: where.visit }),
    make("button", { type: "submit", disabled: lacks() }, t("study_go_on")),
  );
  return make("div", { id: "stage" }, make("span", {}, step), make("span", { class: "lacks", role: "status" }, words()), form);
}

function draw() {
  if (where === null || where.thread_id === null) return;
  const said = `${where.visit}/${where.turns_lacking}/${where.agent_gone}/${lacks()}`;
  let line = document.getElementById("stage");
  if (line?.dataset.where !== said) {
    const anew = drawn();
    anew.dataset.where = said;
    line?.replaceWith(anew);
    line = anew;
  }
  standAbove(line);
}

if (data.study.has_protocol) {
  document.documentElement.dataset.protocol = "";
  // There is one conversation, and the page of another would take no word.
  addEventListener(
    "click",
    (event) => {
      if (!event.target?.closest?.(NEW_CHAT)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  onArrive("limits", () => void learn());
  onArrive("hello", () => void learn());
  setInterval(draw, 5_000);
  onChange(draw);
  learn();
}
