// A few sentences of Chainlit's page are English whatever the language (CodeSnippet.tsx, ThemeToggle.tsx,
// AutoResumeThread.tsx, Content/index.tsx, api/index.ts). React's text stays; said.css shows ours in its place.
import { OUTPUT_WORDS, RAW_CODE_WORDS, THEME_WORDS, TOAST_WORDS, wordsOfStep } from "./base/chainlit.js";
import { t } from "./base/data.js";
import { onChange } from "./base/dom.js";

// Steps that bear their type as their name (study/vocabulary.py).
const STEPS = ["thinking", "session", "intent_recognition", "intent_handling", "parameter_extraction", "response", "error"];

const SENTENCES = [
  [RAW_CODE_WORDS, /^Raw code$/, "said_code"],
  [OUTPUT_WORDS, /^Output$/, "said_output"],
  ...STEPS.map((type) => [wordsOfStep(type), new RegExp(`${type}$`), `said_${type}`]),
  [THEME_WORDS, /^Toggle theme$/, "said_theme"],
  [TOAST_WORDS, /^Couldn't resume chat/, "said_not_opened"],
  [TOAST_WORDS, /^(Failed|Error|[A-Za-z ]*:|[A-Z][a-z]*Error\b)|[{}]/, "failed"],
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
