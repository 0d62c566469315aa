// What the server says to this page once: the language, the texts, what the study allows (page/chainlit/index_page.py).
const holder = document.getElementById("page-data");
export const data = holder ? JSON.parse(holder.textContent) : { strings: {}, language: "en", study: {} };

document.documentElement.lang = data.language;

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u200f]/u;

// Somebody's words inside a sentence of ours: written the other way, they would take its numbers along.
export const apart = (words) => (RIGHT_TO_LEFT.test(words) ? `\u2068${words}\u2069` : String(words));

// A text in the participant's language, its {placeholders} filled.
export function t(key, values = {}) {
  const text = data.strings[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? apart(values[name]) : whole));
}

// "key.one" or "key.other", as the language counts.
export function count(key, n) {
  const form = new Intl.PluralRules(data.language).select(n);
  return t(`${key}.${form}` in data.strings ? `${key}.${form}` : `${key}.other`, { n: n.toLocaleString(data.language) });
}
