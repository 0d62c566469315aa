// Copying what is chosen on the page: a formula goes along as it was written, not as the letters that draw it.
import { CONTENT, FORMULA, FORMULA_WRONG, stepIdOf } from "../base/chainlit.js";
import { formulasOf } from "./given.js";

const DRAWN = `:is(${FORMULA}, ${FORMULA_WRONG}, math[data-said])`;
const drawnIn = (content) => [...content.querySelectorAll(DRAWN)].filter((one) => !one.parentElement.closest(FORMULA));

// Writes on each formula what it was; returns those that are chosen.
function chosen(selection) {
  const found = [];
  for (const one of document.querySelectorAll(`${CONTENT} ${DRAWN}`)) {
    if (!selection.containsNode(one, true) || one.parentElement.closest(FORMULA)) continue;
    if (!one.dataset.said) {
      const content = one.closest(CONTENT);
      const said = formulasOf(stepIdOf(one))[drawnIn(content).indexOf(one)];
      if (said === undefined) continue;
      one.dataset.said = said;
    }
    found.push(one);
  }
  return found;
}

document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (!selection.rangeCount || ["INPUT", "TEXTAREA"].includes(document.activeElement?.tagName)) return;
  const formulas = chosen(selection);
  if (!formulas.length) return;
  const range = selection.getRangeAt(0).cloneRange();
  // Half a formula is none.
  for (const one of formulas) {
    if (one.contains(range.startContainer)) range.setStartBefore(one);
    if (one.contains(range.endContainer)) range.setEndAfter(one);
  }
  const holder = document.createElement("div");
  holder.append(range.cloneContents());
  for (const one of holder.querySelectorAll("[data-said]")) {
    one.replaceWith(document.createTextNode(one.dataset.said));
  }
  Object.assign(holder.style, { position: "fixed", opacity: 0, whiteSpace: "pre-wrap" });
  document.body.append(holder); // innerText knows lines only of what is drawn
  event.clipboardData.setData("text/plain", holder.innerText);
  event.clipboardData.setData("text/html", holder.innerHTML);
  holder.remove();
  event.preventDefault();
});
