// At the foot of the list: who one is here, how one comes back, how the page looks, the way out.
import { ask } from "../base/ask.js";
import { below } from "../base/below.js";
import { getSidebarContent } from "../base/chainlit.js";
import { copyText } from "../base/clipboard.js";
import { data, t } from "../base/data.js";
import { openMenu } from "../base/dialog.js";
import { icon, make, onChange } from "../base/dom.js";
import { toast } from "../base/toast.js";
import { openBookmarks } from "../bookmarks.js";
import { chooseTheme, chosenTheme } from "../theme.js";
import { openWithdrawal } from "../withdrawal.js";
import { openArchived, openDeleted } from "./deleted.js";
import { closeDrawer } from "./drawer.js";
import { offersLanguages, openLanguages } from "./languages.js";

const ICONS = {
  code: ["M8 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8z", "M12 12h9v3", "M17 12v3"],
  light: ["M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8z", "M12 3v1M12 20v1M3 12h1M20 12h1M5.6 5.6l.7.7M17.7 17.7l.7.7M5.6 18.4l.7-.7M17.7 6.3l.7-.7"],
  dark: ["M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"],
  system: ["M4 5h16v11H4z", "M9 20h6", "M12 16v4"],
  language: ["M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z", "M3.5 12h17", "M12 3c-5 5-5 13 0 18", "M12 3c5 5 5 13 0 18"],
  archived: ["M4 5h16v4H4z", "M6 9v10h12V9", "M10 13h4"],
  deleted: ["M4 7h16", "M9 7V4h6v3", "M6 7l1 13h10l1-13"],
  bookmarks: ["M7 4h10v16l-5-4-5 4z"],
  withdraw: ["M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z", "M8 12h8"],
  leave: ["M10 4H5v16h5", "M14 8l4 4-4 4", "M9 12h9"],
};
const HUES = [186, 24, 262, 128, 328, 212, 48, 358];

let who = null; // {name, resume_code}
let asked = false;

// The same person has the same colour on each device.
function hueOf(name) {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)) % 65_521;
  return HUES[sum % HUES.length];
}

const initialOf = (name) => {
  const [first] = new Intl.Segmenter().segment(name.trim()); // what is read as one letter, with its marks
  return first?.segment.toLocaleUpperCase() ?? "";
};

async function askWho() {
  asked = true;
  who = await ask("GET", "/me/identity").catch(() => null);
  document.getElementById("sidebar-foot")?.remove();
  look();
}

function look() {
  const list = getSidebarContent();
  if (!list || document.getElementById("sidebar-foot")) return;
  if (!asked) askWho();
  const name = who?.name ?? "";
  const face = make("span", { class: "face", "aria-hidden": "true" }, initialOf(name) || icon("M12 12a4 4 0 1 0 0-8a4 4 0 0 0 0 8z", "M5 20a7 7 0 0 1 14 0"));
  face.style.setProperty("--hue", hueOf(name));
  const label = name ? t("you_menu", { name }) : t("you_plain");
  const button = make("button", { id: "you-button", type: "button", "aria-haspopup": "menu", "aria-label": label }, face, make("span", { class: "you-name" }, name || t("you_plain")), icon("M8 10l4-4 4 4", "M8 14l4 4 4-4"));
  button.addEventListener("click", () => openMenu(button, entries(button)).classList.add("you-menu"));
  list.after(make("div", { id: "sidebar-foot" }, button));
}

function entries(button) {
  const item = (name, label, run, more = {}) => ({ label, run, icon: icon(...ICONS[name]), ...more });
  const theme = (name) => item(name, t(`theme_${name}`), () => chooseTheme(name), { chosen: chosenTheme() === name });
  const elsewhere = (run) => () => {
    closeDrawer();
    run();
  };
  const code = who?.resume_code;
  return [
    ...(code ? [item("code", t("you_code", { code }), () => copyCode(code)), null] : []),
    theme("light"),
    theme("dark"),
    theme("system"),
    ...(offersLanguages() ? [item("language", t("you_language"), () => openLanguages(button))] : []),
    null,
    item("bookmarks", t("you_bookmarks"), elsewhere(openBookmarks)),
    ...(data.study.active_threads ? [item("archived", t("archived_title"), elsewhere(openArchived))] : []),
    item("deleted", t("deleted_title"), elsewhere(openDeleted)),
    null,
    item("leave", t("you_leave"), leave),
    item("withdraw", t("you_withdraw"), elsewhere(openWithdrawal), { danger: true }),
  ];
}

async function copyCode(code) {
  if (await copyText(code)) toast(t("you_code_copied"));
}

async function leave() {
  try {
    await ask("POST", "/logout");
  } catch (problem) {
    if (problem.status !== 401) {
      toast(problem.message, { urgent: true });
      return;
    }
  }
  location.assign(below("/login"));
}

onChange(look);
