// What scrolls sideways inside a message (a wide table, a long line of code) can be scrolled by keyboard too.
import { CONTENT, FORMULA_IN_LINES } from "./base/chainlit.js";
import { t } from "./base/data.js";
import { onChange } from "./base/dom.js";

const SCROLLERS = `${CONTENT} div:has(> table), ${CONTENT} pre, ${CONTENT} pre > code, ${FORMULA_IN_LINES}`;

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
