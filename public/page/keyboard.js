// A keyboard that is drawn over the page takes its room from it, so that the field to write in stands above. Browsers
// that know `interactive-widget` (page/chainlit/index_page.py) do this themselves: there nothing is hidden. Safari on a phone does not.
const seen = window.visualViewport;
const LEAST = 80; // less is a bar of the browser's own

function fit() {
  const root = document.documentElement;
  // Who has zoomed in with two fingers sees a part of the page, and moves about in it.
  const hidden = Math.abs(seen.scale - 1) < 0.01 ? innerHeight - seen.height : 0;
  if (hidden < LEAST) {
    delete root.dataset.keyboard; // base.css
    return;
  }
  root.dataset.keyboard = "";
  root.style.setProperty("--seen-height", `${Math.floor(seen.height)}px`);
  scrollTo(0, 0); // Safari has moved the page up to show the field: it would stand too high now.
}

seen?.addEventListener("resize", fit);
