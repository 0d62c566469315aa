// What scrolls sideways inside a message (a wide table, a long line of code) can be scrolled by keyboard too.
import { t } from "./base/data.js";
import { onChange } from "./base/dom.js";

const SCROLLERS = ".message-content div:has(> table), .message-content pre, .message-content pre > code, .katex-display";

onChange(() => {
  for (const found of document.querySelectorAll(SCROLLERS)) {
    const scrolls = found.scrollWidth > found.clientWidth + 1 && getComputedStyle(found).overflowX !== "visible";
    if (scrolls === found.hasAttribute("data-scrolled")) continue;
    found.toggleAttribute("data-scrolled", scrolls);
    if (scrolls) {
      found.tabIndex = 0;
      found.setAttribute("role", "group");
      found.setAttribute("aria-label", t("scrolled"));
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) found.removeAttribute(name);
    }
  }
});
