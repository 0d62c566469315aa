// Keys of the table: j and k go down and up, Enter opens (the link has the focus), / goes to the search.
// The page is whole without this.
(() => {
  "use strict";
  const links = [...document.querySelectorAll("[data-row] a")];
  const search = document.querySelector("input[name=q]");
  const isWritten = (target) => target.closest("input, select, textarea, [contenteditable]");

  const go = (by) => {
    const at = links.indexOf(document.activeElement);
    const to = at < 0 ? (by > 0 ? 0 : -1) : Math.min(Math.max(at + by, 0), links.length - 1);
    const link = links.at(to);
    if (link) {
      link.focus();
      link.scrollIntoView({ block: "nearest" });
    }
  };
  const keys = { j: () => go(1), k: () => go(-1), "/": () => search?.select() };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && event.target === search) search.blur();
    if (isWritten(event.target) || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });

  // A short address is one that can be read and sent: what is empty is left out of it.
  document.querySelector("form.find").addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
  });
})();
