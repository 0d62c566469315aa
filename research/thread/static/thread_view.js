// What of a thread is shown is each browser's own choice: it holds before the page is drawn.
"use strict";
try {
  document.documentElement.dataset.view = localStorage.getItem("verbatim-thread-view") === "seen" ? "seen" : "all";
} catch {
  document.documentElement.dataset.view = "all";
}
