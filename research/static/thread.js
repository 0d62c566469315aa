// A citation names the message that the address points at; it is copied and the page printed at a click.
"use strict";
const cited = document.getElementById("cited-message");
const copied = document.getElementById("copied");
const copy = document.getElementById("copy-citation");
const print = document.getElementById("print");

function pointAt() {
  const target = document.getElementById(location.hash.slice(1));
  cited.textContent = target && target.matches(".said") ? `, message ${target.id}` : "";
  copied.textContent = "";
}

addEventListener("hashchange", pointAt);
pointAt();
print.hidden = false;
print.addEventListener("click", () => window.print());
// A page that came over plain HTTP from elsewhere has no clipboard: the citation can still be marked.
if (navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const words = document.getElementById("citation").textContent;
    try {
      await navigator.clipboard.writeText(`${words} ${location.href}`);
      copied.textContent = "Copied.";
    } catch {
      copied.textContent = "The browser did not allow it. Mark the citation and copy it.";
    }
  });
}
