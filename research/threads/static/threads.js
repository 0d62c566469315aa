// Keys of the table, and the count of what is chosen in it. The page is whole without this.
(() => {
  "use strict";
  const links = [...document.querySelectorAll("[data-row] a")];
  const search = document.querySelector("input[name=q]");
  const help = document.getElementById("keys");
  const bar = document.getElementById("chosen");
  const boxes = [...document.querySelectorAll("[data-row] input[name=threads]")];
  const pageBox = document.getElementById("choose-page");
  const isWritten = (target) => target.closest("select, textarea, [contenteditable], input:not([type=checkbox])");

  const go = (by) => {
    const row = document.activeElement.closest("[data-row]");
    const at = row ? links.indexOf(row.querySelector("a")) : -1;
    const to = at < 0 ? (by > 0 ? 0 : -1) : Math.min(Math.max(at + by, 0), links.length - 1);
    const link = links.at(to);
    if (link) {
      link.focus();
      link.scrollIntoView({ block: "nearest" });
    }
  };

  const choose = (some, how) => {
    for (const box of some) box.checked = how;
    tell();
  };
  const chooseFocused = () => {
    const box = document.activeElement.closest("[data-row]")?.querySelector("input[name=threads]");
    if (box) choose([box], !box.checked);
  };
  const choosePage = () => choose(boxes, boxes.some((box) => !box.checked));

  // The bar comes when something is chosen; that all others match too is offered when the page is.
  const tell = () => {
    if (!bar) return;
    const whole = bar.querySelector(".whole");
    const count = new Set(boxes.filter((box) => box.checked).map((box) => box.value)).size;
    const all = boxes.length > 0 && boxes.every((box) => box.checked);
    if (whole) {
      whole.hidden = !all;
      if (!all) whole.firstElementChild.checked = false;
    }
    for (const box of boxes) box.closest("[data-row]").classList.toggle("is-chosen", box.checked);
    if (pageBox) {
      pageBox.checked = all;
      pageBox.indeterminate = count > 0 && !all;
    }
    bar.hidden = count === 0;
    const beyond = whole?.firstElementChild.checked;
    document.getElementById("count").textContent =
      beyond ? "All that match are chosen" : `${count} thread${count === 1 ? "" : "s"} chosen`;
  };
  if (bar) {
    document.addEventListener("change", (event) => {
      if (event.target === pageBox) choose(boxes, pageBox.checked);
      else if (event.target.form === bar) tell();
    });
    if (pageBox) pageBox.hidden = false;
    // A browser that comes back to the page may have kept the boxes.
    addEventListener("pageshow", tell);
    tell();
  }

  const keys = {
    j: () => go(1),
    k: () => go(-1),
    x: chooseFocused,
    a: choosePage,
    "/": () => search?.select(),
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
    if (event.key === "Escape" && event.target === search) search.blur();
    if (isWritten(event.target) || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.querySelector(".keys").hidden = false;
  document.getElementById("show-keys").addEventListener("click", () => help.showModal());

  // A short address is one that can be read and sent: what is empty is left out of it.
  document.querySelector("form.find").addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
  });
})();
