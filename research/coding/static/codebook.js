// Codes are moved in place, by Alt and the arrows or by their buttons, and the last moves can be taken back. Without
// this the buttons lead to the page as it then reads.
(() => {
  "use strict";
  const list = document.getElementById("codes");
  if (!list) return;
  const box = document.getElementById("moved");
  const said = document.getElementById("moved-said");
  const undo = document.getElementById("moved-undo");
  const moves = [];
  const isWritten = (target) => target.closest("input, select, textarea, [contenteditable]");
  const entry = () => document.activeElement?.closest("#codes > .entry-of");
  const formOf = (id) => document.getElementById(id)?.querySelector(".moves");

  let hiding = 0;
  const tell = (words) => {
    box.hidden = false;
    said.textContent = words;
    undo.hidden = !moves.length;
    clearTimeout(hiding);
    hiding = setTimeout(() => (box.hidden = true), 12000);
  };

  // What is unfolded, and may be written in, stays as it is; the rest is put in the place of what is there.
  function redraw(page) {
    const whole = new DOMParser().parseFromString(page, "text/html");
    const fresh = whole.querySelectorAll("#codes > .entry-of");
    document.querySelector("main > .lead").innerHTML = whole.querySelector("main > .lead").innerHTML;
    const at = entry()?.id;
    const button = document.activeElement?.closest(".moves button")?.value;
    for (const one of [...fresh].map((each) => document.adoptNode(each))) {
      const old = document.getElementById(one.id);
      if (old?.querySelector("details[open]")) {
        old.className = one.className;
        for (const part of ["h3", ".moves"]) old.querySelector(part).replaceWith(one.querySelector(part));
        list.append(old);
      } else {
        old?.remove();
        list.append(one);
      }
    }
    // What another researcher has retired is no more; what is written in it stays, behind the others.
    const stays = new Set([...fresh].map((one) => one.id));
    for (const old of [...list.children].filter((one) => !stays.has(one.id))) {
      if (old.querySelector("details[open]")) list.append(old);
      else old.remove();
    }
    const now = at && document.getElementById(at);
    if (!now) return;
    const again = button && now.querySelector(`.moves button[value="${button}"]`);
    go(now, again || now);
  }

  function go(to, focused = to) {
    if (focused === to) to.tabIndex = -1;
    focused.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest" });
  }

  let before = Promise.resolve();
  const send = (...what) => (before = before.then(() => post(...what)));
  async function post(id, act, fields) {
    const form = formOf(id);
    if (!form) return;
    const body = new URLSearchParams({ csrf: form.elements.csrf.value, script: "yes", ...fields });
    let answer;
    try {
      answer = await fetch(form.action + act, { method: "POST", body });
    } catch {
      return tell("The server does not answer. Nothing was moved.");
    }
    if (!answer.headers.get("content-type")?.includes("json")) {
      return tell("That was refused. Load the page anew, and sign in when it asks you to.");
    }
    const told = await answer.json();
    if (told.problem) return tell(told.problem);
    if (told.version) moves.push([id, told.version]);
    redraw(told.page);
    tell(told.said);
  }

  const move = (id, to) => send(id, "", { to });
  // Behind what is under way: it is the last move that is taken back, also when its answer has not come yet.
  const takeBack = () =>
    (before = before.then(() => {
      const last = moves.pop();
      return last ? post(last[0], "/undo", { version: last[1] }) : tell("There is nothing to take back.");
    }));
  function step(by) {
    const all = [...list.children];
    const to = all.indexOf(entry()) + (entry() || by > 0 ? by : all.length);
    if (all[to]) go(all[to]);
  }

  const WAYS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || isWritten(event.target)) return;
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (event.altKey && isPlain && event.key in WAYS && entry()) {
      // Alt and an arrow go back in some browsers: never here.
      event.preventDefault();
      move(entry().id, WAYS[event.key]);
    } else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z") {
      event.preventDefault();
      takeBack();
    } else if (isPlain && !event.altKey && (event.key === "j" || event.key === "k")) {
      event.preventDefault();
      step(event.key === "j" ? 1 : -1);
    }
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".moves") || !event.submitter) return;
    event.preventDefault();
    event.submitter.focus({ preventScroll: true });
    move(event.target.closest(".entry-of").id, event.submitter.value);
  });
  undo.addEventListener("click", takeBack);
})();
