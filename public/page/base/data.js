// What the server says to this page once: the language, the texts, what the study allows (page/html.py).
const holder = document.getElementById("page-data");
export const data = holder ? JSON.parse(holder.textContent) : { strings: {}, language: "en", study: {} };

document.documentElement.lang = data.language;

// A text in the participant's language, its {placeholders} filled.
export function t(key, values = {}) {
  const text = data.strings[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// "key.one" or "key.other", as the language counts.
export function count(key, n) {
  const form = new Intl.PluralRules(data.language).select(n);
  return t(`${key}.${form}` in data.strings ? `${key}.${form}` : `${key}.other`, { n: n.toLocaleString(data.language) });
}
