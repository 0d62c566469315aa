// Keys of somebody's own coding: d says that the conversation is done, o opens the next that is not.
(() => {
  "use strict";
  const done = () => {
    const button = document.querySelector("[data-task=done] button");
    if (button) return button.click();
    const task = document.getElementById("task");
    task?.scrollIntoView({ block: "center" });
    task?.querySelector("button")?.focus({ preventScroll: true });
  };
  const keys = { d: done, o: () => document.querySelector("[data-next-open]")?.click() };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(event.key in keys) || document.querySelector("dialog[open], #palette:not([hidden])")) return;
    if (event.target.closest("select, textarea, [contenteditable], input:not([type=checkbox])")) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
