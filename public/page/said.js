// A few sentences of Chainlit's page are English whatever the language (CodeSnippet.tsx, ThemeToggle.tsx,
// AutoResumeThread.tsx, Content/index.tsx, api/index.ts). React's text stays; said.css shows ours in its place.
import { t } from "./base/data.js";
import { onChange } from "./base/dom.js";

const SENTENCES = [
  [".message-content span.text-sm", /^Raw code$/, "said_code"],
  [".message-content .font-medium", /^Output$/, "said_output"],
  ["#theme-toggle .sr-only", /^Toggle theme$/, "said_theme"],
  ["[data-sonner-toast] [data-title]", /^Couldn't resume chat/, "said_not_opened"],
  ["[data-sonner-toast] [data-title]", /^(Failed|Error|[A-Za-z ]*:|[A-Z][a-z]*Error\b)|[{}]/, "failed"],
];

onChange(() => {
  for (const [selector, english, key] of SENTENCES) {
    for (const found of document.querySelectorAll(selector)) {
      if (found.hasAttribute("data-said") || !english.test(found.textContent)) continue;
      found.setAttribute("data-said", t(key));
      found.setAttribute("aria-label", t(key));
    }
  }
});
