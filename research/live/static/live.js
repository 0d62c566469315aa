// The table of who is here follows what happens. What changes is drawn once a frame, cell by cell, so that a link that
// has the focus keeps it. Without this the page says what was when it was loaded.
import { elements, listen } from "./stream.js";

const table = document.getElementById("here");
const empty = document.getElementById("nobody");
const told = document.getElementById("told");
const reload = document.getElementById("reload");
const SAID = {
  live: "This table follows what happens.",
  away: "Not connected. Trying again…",
  out: "You are signed out, or may not see this any more.",
};

const waiting = new Map(); // id -> HTML of a row, or null for one that goes
let frame = 0;

function draw() {
  frame = 0;
  // All at once: the browser lays the whole table out anew each time, however little has changed in it.
  for (const [id, html] of waiting) {
    const old = document.getElementById(id);
    if (html === null) old?.remove();
    else if (old) change(old, elements(html).firstElementChild);
    else table.append(elements(html).firstElementChild);
  }
  waiting.clear();
  const nobody = !table.rows.length;
  if (empty.hidden === nobody) {
    empty.hidden = !nobody;
    table.closest(".scroll").hidden = nobody;
  }
}

function soon() {
  frame ||= requestAnimationFrame(draw);
}

function change(old, fresh) {
  if (old.dataset.doing !== fresh.dataset.doing) old.dataset.doing = fresh.dataset.doing;
  old.toggleAttribute("data-failed", fresh.hasAttribute("data-failed"));
  [...fresh.cells].forEach((cell, at) => {
    if (old.cells[at].innerHTML !== cell.innerHTML) old.cells[at].replaceWith(cell);
  });
}

function heard({ whole: all, rows, gone, counts, study }) {
  if (all) {
    waiting.clear();
    for (const row of table.rows) if (!(row.id in rows)) waiting.set(row.id, null);
  }
  for (const [id, html] of Object.entries(rows)) waiting.set(id, html);
  for (const id of gone) waiting.set(id, null);
  for (const one of document.querySelectorAll("[data-count]")) {
    const text = (counts[one.dataset.count] ?? 0).toLocaleString("en");
    if (one.textContent !== text) one.textContent = text;
  }
  soon();
  if (document.getElementById("study").dataset.state !== study) steered();
}

// Another researcher, or another tab, has paused, ended or opened the study.
async function steered() {
  const answer = await fetch(location.pathname).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("study");
  if (fresh) document.getElementById("study").replaceWith(document.adoptNode(fresh));
}

listen(`${location.pathname}/stream`, { here: heard }, (state) => {
  told.textContent = SAID[state];
  reload.hidden = state === "live";
});
