// Coding on the page of a thread: words that are marked, or a turn, or the thread, get a code or a note from a small
// palette; what was changed last can be taken back. Without this the links lead to a form that does the same.
(() => {
  "use strict";
  const palette = document.getElementById("palette");
  const about = document.getElementById("palette-about");
  const filter = document.getElementById("palette-filter");
  const none = document.getElementById("palette-none");
  const floating = document.getElementById("code-these");
  const toast = document.getElementById("toast");
  const said = document.getElementById("toast-said");
  const undo = document.getElementById("undo");
  const note = palette.elements.note;
  const add = document.getElementById("palette-add");
  // Asked for anew each time: a code that is new has come into it.
  const all = () => [...palette.querySelectorAll("[role=option]")];
  const address = palette.action;
  const isWritten = (target) => target.closest?.("input, select, textarea, [contenteditable]");
  const count = (text) => [...text].length;

  // What can be taken back, in this tab: the last change first.
  const store = `verbatim-undo-${address}`;
  const changes = (() => {
    try {
      return JSON.parse(sessionStorage.getItem(store)) ?? [];
    } catch {
      return [];
    }
  })();
  const keep = () => {
    try {
      sessionStorage.setItem(store, JSON.stringify(changes.slice(-100)));
    } catch {
      // A browser that keeps nothing forgets it with the page.
    }
  };

  let hiding = 0;
  const tell = (words, isWrong = false) => {
    said.textContent = words;
    toast.classList.toggle("wrong", isWrong);
    undo.hidden = isWrong || !changes.length;
    toast.hidden = false;
    clearTimeout(hiding);
    hiding = setTimeout(() => (toast.hidden = true), isWrong ? 12000 : 8000);
  };

  // One after the other: what an earlier change shows must not come after what a later one does.
  let before = Promise.resolve();
  const send = (...what) => (before = before.then(() => post(...what)));
  async function post(to, fields, isUndo = false) {
    // Of a conversation that goes on: what whoever says that it is coded has before them.
    const seen = document.querySelector("#task [name=seen]")?.value ?? "";
    const body = new URLSearchParams({ csrf: palette.elements.csrf.value, script: "yes", seen, ...fields });
    let answer;
    try {
      answer = await fetch(to, { method: "POST", body });
    } catch {
      tell("The server does not answer. Nothing was changed.", true);
      return false;
    }
    const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
    if (!answer.ok) {
      tell(told.problem ?? "That was refused. Load the page anew, and sign in when it asks you to.", true);
      return false;
    }
    for (const [name, markup] of Object.entries(told.parts)) {
      // Of a long conversation another part may be on the page.
      const place = name.startsWith("words-") ? document.getElementById(name.slice(6))?.querySelector(".words") : document.getElementById(name);
      if (place) place.innerHTML = markup;
    }
    if (told.undo && !isUndo) changes.push(told.undo);
    keep();
    tell(told.said);
    return true;
  }

  // Behind what is under way: it is the last change that is taken back, also when its answer has not come yet.
  const takeBack = () => (before = before.then(takeLastBack));
  async function takeLastBack() {
    const last = changes.pop();
    if (!last) {
      tell("There is nothing to take back.");
      undo.hidden = true;
      return;
    }
    await post(`${address}/${last[0]}`, { annotation_id: last[1].join(",") }, true);
    if (!toast.classList.contains("wrong")) {
      said.textContent = changes.length ? "Taken back." : "Taken back. That was all.";
      undo.hidden = !changes.length;
    }
    keep();
  }

  // Words that are marked, when they are of one message.
  function chosen() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const start = range.startContainer;
    const words = (start.nodeType === 1 ? start : start.parentElement).closest(".words");
    if (!words) return null;
    const inside = document.createRange();
    inside.selectNodeContents(words);
    if (range.compareBoundaryPoints(Range.END_TO_END, inside) > 0) range.setEnd(inside.endContainer, inside.endOffset);
    const before = document.createRange();
    before.selectNodeContents(words);
    before.setEnd(range.startContainer, range.startOffset);
    const exact = range.toString();
    return exact.trim() ? { step: words.closest(".said"), exact, start: count(before.toString()), range } : null;
  }

  const highlight = (range) => {
    if (!globalThis.Highlight) return;
    if (range) CSS.highlights.set("chosen", new Highlight(range));
    else CSS.highlights.delete("chosen");
  };

  // What has room of a text, cut between graphemes.
  const beginning = (text, length) => {
    let end = 0;
    for (const { index, segment } of new Intl.Segmenter().segment(text)) {
      if (index + segment.length > length) break;
      end = index + segment.length;
    }
    return text.slice(0, end);
  };

  let cameFrom = null;
  function open(what, place, toNote) {
    cameFrom = document.activeElement;
    palette.elements.step_id.value = what.step?.id ?? "";
    palette.elements.exact.value = what.exact ?? "";
    palette.elements.start.value = what.start ?? "";
    const short = what.exact?.trim().replace(/\s+/g, " ");
    if (short) about.textContent = short.length > 80 ? `“${beginning(short, 78)}…”` : `“${short}”`;
    else about.textContent = what.step ? "This turn" : "This thread";
    note.value = "";
    if (filter) filter.value = "";
    narrow();
    floating.hidden = true;
    palette.hidden = false;
    const room = document.documentElement.clientWidth - palette.offsetWidth - 12;
    let top = place.bottom + 8;
    if (top + palette.offsetHeight > innerHeight && place.top > palette.offsetHeight + 8) top = place.top - palette.offsetHeight - 8;
    palette.style.left = `${Math.max(12, Math.min(place.left, room)) + scrollX}px`;
    palette.style.top = `${Math.max(8, top) + scrollY}px`;
    highlight(what.range);
    (toNote || !filter ? note : filter).focus();
  }

  function close() {
    if (palette.hidden) return;
    palette.hidden = true;
    highlight(null);
    const step = document.getElementById(palette.elements.step_id.value);
    const to = cameFrom?.isConnected && cameFrom !== document.body ? cameFrom : step;
    if (to?.matches(".said")) to.tabIndex = -1;
    to?.focus({ preventScroll: true });
  }

  const seen = () => all().filter((one) => !one.hidden);
  const picked = () => all().find((one) => one.getAttribute("aria-selected") === "true");

  function pick(option) {
    for (const one of all()) one.setAttribute("aria-selected", String(one === option));
    if (option) {
      filter.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else filter?.removeAttribute("aria-activedescendant");
  }

  function narrow() {
    if (!filter) return;
    const said = filter.value.trim();
    const asked = said.toLocaleLowerCase();
    const named = all().map((one) => [one, one.querySelector("bdi").textContent.toLocaleLowerCase()]);
    for (const [one, name] of named) one.hidden = !name.includes(asked);
    const isNew = Boolean(add && asked && !named.some(([, name]) => name === asked));
    if (add) {
      add.hidden = !isNew;
      add.querySelector("bdi").textContent = said;
    }
    none.hidden = seen().length > 0;
    pick(seen()[0]);
  }

  // The palette is gone at once, so that the next words can be marked; a note that was refused comes back in it.
  async function give(option, named) {
    const fields = Object.fromEntries(["step_id", "exact", "start"].map((name) => [name, palette.elements[name].value]));
    if (option) fields.code_id = option.dataset.code;
    else if (named) fields.new_code = named;
    else fields.note = note.value;
    getSelection().removeAllRanges();
    close();
    if (!(await send(address, fields)) && !option && !named && palette.hidden) {
      palette.hidden = false;
      note.focus();
    }
  }

  const focused = () => {
    const at = document.activeElement.closest(".said[id]");
    return at ?? document.querySelector(".said:target");
  };
  function begin(toNote, onThread) {
    const words = onThread ? null : chosen();
    const step = words || onThread ? null : focused();
    if (words) open(words, words.range.getBoundingClientRect(), toNote);
    else if (onThread) open({}, document.querySelector(".title .annotate").getBoundingClientRect(), toNote);
    else if (step) open({ step }, step.querySelector(".annotate").getBoundingClientRect(), toNote);
    else tell("Select some words first, or go to a message with Tab, or press t for the thread.");
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !palette.hidden) return close();
    if (isWritten(event.target)) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "z") {
      event.preventDefault();
      takeBack();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !palette.hidden) return;
    if (!["c", "n", "t"].includes(event.key)) return;
    event.preventDefault();
    begin(event.key === "n", event.key === "t");
  });

  palette.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.target === note) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) palette.requestSubmit();
      return;
    }
    if (event.target !== filter) return;
    const number = Number(event.key);
    if (!filter.value && number >= 1 && number <= 9) {
      event.preventDefault();
      if (all()[number - 1]) give(all()[number - 1]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (picked()) give(picked());
      // A slip of the fingers makes no code: Enter goes to the button, and once more makes it.
      else if (add && !add.hidden) add.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const some = seen();
      const to = some.indexOf(picked()) + (event.key === "ArrowDown" ? 1 : -1);
      if (some.length) pick(some[(to + some.length) % some.length]);
    }
  });
  filter?.addEventListener("input", narrow);
  palette.addEventListener("submit", (event) => {
    event.preventDefault();
    give(null);
  });
  palette.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) give(option);
  });
  add?.addEventListener("click", () => give(null, filter.value.trim()));
  document.getElementById("palette-close").addEventListener("click", close);
  undo.addEventListener("click", takeBack);

  // The button beside words that are marked; a press on it must not unmark them.
  floating.addEventListener("pointerdown", (event) => event.preventDefault());
  floating.addEventListener("click", () => begin(false, false));
  let waiting = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const words = palette.hidden ? chosen() : null;
      floating.hidden = !words;
      if (!words) return;
      const place = words.range.getBoundingClientRect();
      const room = document.documentElement.clientWidth - floating.offsetWidth - 12;
      floating.style.left = `${Math.max(12, Math.min(place.right, room)) + scrollX}px`;
      floating.style.top = `${place.bottom + 6 + scrollY}px`;
    }, 150);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!palette.hidden && !event.target.closest("#palette, #toast, .annotate")) close();
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.annotate");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      const step = link.closest(".said");
      open(step ? { step } : {}, link.getBoundingClientRect(), false);
    }
    const inWords = event.target.closest("mark[data-of]");
    if (inWords && getSelection().isCollapsed) light(over(inWords), true);
  });
  // A form beside a message changes the page in place.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-act]")) return;
    event.preventDefault();
    const step = event.target.closest(".said");
    const task = event.target.closest("#task");
    const wasThere = task?.contains(document.activeElement);
    const { annotation_id: id, note: words } = event.target.elements;
    send(event.target.action, { annotation_id: id?.value ?? "", ...(words ? { note: words.value } : {}) }).then((isDone) => {
      if (isDone && wasThere) (task.querySelector("[data-next-open]") ?? task.querySelector("button"))?.focus();
      if (!isDone || !step) return;
      step.tabIndex = -1;
      step.focus({ preventScroll: true });
    });
  });

  // Words under two codes stand in two marks, one within the other.
  function over(mark) {
    const ids = [];
    for (let one = mark; one; one = one.parentElement.closest("mark[data-of]")) ids.push(one.dataset.of);
    return ids;
  }
  // What belongs together lights up together.
  function light(ids, shows = false) {
    for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
    for (const id of ids) {
      for (const one of document.querySelectorAll(`mark[data-of="${id}"]`)) one.classList.add("lit");
      const beside = document.getElementById(`a-${id}`);
      beside?.classList.add("lit");
      if (shows) beside?.scrollIntoView({ block: "nearest" });
    }
  }
  document.addEventListener("pointerover", (event) => {
    const at = event.target.closest?.("mark[data-of], .marks li");
    if (!at) light([]);
    else light(at.dataset.of ? over(at) : [at.dataset.id]);
  });
  document.addEventListener("focusin", (event) => {
    const at = event.target.closest(".marks li");
    if (at) light([at.dataset.id]);
  });
})();
