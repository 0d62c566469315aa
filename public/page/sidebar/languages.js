// The language of the page, chosen in the menu: a cookie tells the server (study/language.py), and the page is drawn
// anew, where it was and with what was being written (draft.js).
import { below } from "../base/below.js";
import { data } from "../base/data.js";
import { openMenu } from "../base/dialog.js";

const NAMES = { en: "English", de: "Deutsch", es: "Español", "zh-Hans": "简体中文" };
const LASTS_S = 365 * 24 * 60 * 60;

// Whether there is anything to choose: a study may speak one language.
export const offersLanguages = () => (data.languages ?? []).length > 1;

function choose(language) {
  if (language === data.language) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `verbatim_language=${language}; path=${below("/")}; max-age=${LASTS_S}; samesite=lax${secure}`;
  location.reload();
}

export function openLanguages(button) {
  const items = data.languages.map((name) => ({ label: NAMES[name], language: name, run: () => choose(name), chosen: name === data.language }));
  openMenu(button, items);
}
