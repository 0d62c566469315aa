// The thread's page is whole without this. With it: a link to a place is copied at a click, a place that is folded
// away is opened when an address points at it, the transcript can be read alone, and what is printed is open.
"use strict";
const cited = document.getElementById("cited-message");
const copied = document.getElementById("copied");
const copy = document.getElementById("copy-citation");
const print = document.getElementById("print");
const views = document.getElementById("views");
const root = document.documentElement;

// The address that is given away says nothing of a list that somebody came from.
const clean = (hash = location.hash) => location.origin + location.pathname + hash;

function pointAt() {
  const name = location.hash.slice(1);
  const target = name && document.getElementById(name);
  // A long thread comes in parts: the server knows which one has the place. Asked once.
  const isElsewhere = name && !target && document.querySelector(".thread").dataset.parts !== "1";
  if (isElsewhere && new URLSearchParams(location.search).get("at") !== name) {
    location.replace(`${location.pathname}?at=${encodeURIComponent(name)}#${name}`);
    return;
  }
  const kind = !target ? "" : target.matches(".said") ? "message" : target.matches(".turn") ? "turn" : "";
  cited.textContent = kind ? `, ${kind} ${target.id.replace("turn-", "")}` : "";
  copied.textContent = "";
  let isFolded = false;
  for (let one = target; one; one = one.parentElement) {
    if (one.matches("details:not([open])")) {
      one.open = true;
      isFolded = true;
    }
  }
  if (target && (isFolded || !target.checkVisibility())) show("all");
  if (isFolded) target.scrollIntoView();
}

async function take(words, told) {
  try {
    await navigator.clipboard.writeText(words);
    told();
    return true;
  } catch {
    return false;
  }
}

function show(view) {
  root.dataset.view = view;
  for (const button of views.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
}

views.hidden = false;
show(root.dataset.view);
views.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-view]")?.dataset.view;
  if (!chosen) return;
  show(chosen);
  try {
    localStorage.setItem("verbatim-thread-view", chosen);
  } catch {
    // A browser that keeps nothing shows it once.
  }
});

addEventListener("hashchange", pointAt);
pointAt();
// What folds out over the text closes when its link is followed, at Esc, and at a click elsewhere.
const folds = () => [...document.querySelectorAll(".fold[open]")];
const close = (but) => folds().forEach((one) => one !== but && (one.open = false));
document.addEventListener("click", (event) => {
  const within = event.target.closest(".fold");
  close(event.target.closest(".fold a") ? null : within);
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && folds()[0];
  if (!open) return;
  close();
  open.querySelector("summary").focus();
});

document.getElementById("printing").hidden = false;
print.addEventListener("click", () => window.print());
const behind = document.getElementById("print-behind");
const choose = () => (root.dataset.print = behind.checked ? "whole" : "plain");
behind.addEventListener("change", choose);
choose();
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll(".thread details:not([open])")) {
    one.open = true;
    one.dataset.folded = "";
  }
});
addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll(".thread details[data-folded]")) {
    one.open = false;
    delete one.dataset.folded;
  }
});
// A page that came over plain HTTP from elsewhere has no clipboard: the citation can still be marked.
if (navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const words = document.getElementById("citation").textContent;
    const isCopied = await take(`${words} ${clean()}`, () => (copied.textContent = "Copied."));
    if (!isCopied) copied.textContent = "The browser did not allow it. Mark the citation and copy it.";
  });
  document.querySelector(".thread").addEventListener("click", (event) => {
    const link = event.target.closest(".permalink");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    take(clean(link.hash), () => {
      link.dataset.copied = "";
      setTimeout(() => delete link.dataset.copied, 2000);
    });
  });
}

// j and k go from message to message, [ and ] through the list that led here, u back to it.
function step(by) {
  const said = [...document.querySelectorAll(".said")].filter((one) => one.checkVisibility());
  // From the message that has the focus; from what is read, when none has.
  const at = said.indexOf(document.activeElement?.closest(".said"));
  const top = document.getElementById("tools").getBoundingClientRect().bottom;
  const tops = said.map((one) => one.getBoundingClientRect().top - top);
  const seen = by > 0 ? tops.findIndex((one) => one >= 0) : tops.findLastIndex((one) => one < 0);
  const to = at < 0 ? seen : at + by;
  if (!said[to]) return;
  said[to].tabIndex = -1;
  said[to].focus({ preventScroll: true });
  said[to].scrollIntoView();
}
const follow = (selector) => () => document.querySelector(selector)?.click();
const keys = { j: () => step(1), k: () => step(-1), "[": follow("a[rel=prev]"), "]": follow("a[rel=next]"), u: follow("#back") };
document.addEventListener("keydown", (event) => {
  // On some keyboards a bracket needs AltGr, which Windows says as Ctrl and Alt.
  const isHeld = event.getModifierState("AltGraph") ? event.metaKey : event.ctrlKey || event.metaKey || event.altKey;
  if (event.defaultPrevented || isHeld || event.isComposing || !(event.key in keys)) return;
  if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
  event.preventDefault();
  keys[event.key]();
});
