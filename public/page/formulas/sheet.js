// The sheet of formulas (23 kB, and its fonts) is asked for when the first one stands on the page. Until it
// is there, the browser draws the formula's MathML (formulas.css).
import { FORMULA } from "../base/chainlit.js";
import { make, onChange } from "../base/dom.js";

let asked = false;

onChange(() => {
  if (asked || !document.querySelector(FORMULA)) return;
  asked = true;
  const ready = () => document.documentElement.classList.add("formulas");
  const address = new URL("../../katex/katex.min.css", import.meta.url);
  document.head.append(make("link", { rel: "stylesheet", href: address, onload: ready }));
});
