// What a form takes for an answer, before it is sent: study/forms/checking.py and conditions.py say the same on
// the server, from the same definition; a test sends one table of answers through both. No page is needed here.
const SPACES = " \\t\\n\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff";
const ENDS = new RegExp(`^[${SPACES}]+|[${SPACES}]+$`, "g");
const NUMBER = /^[+-]?[0-9]{1,15}(?:[.,]([0-9]{1,6}))?$/;
const EMAIL = new RegExp(`^[^@${SPACES}]{1,64}@[^@.${SPACES}]+(?:\\.[^@.${SPACES}]+)+$`, "u");
const TIME = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/;
const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const LONGEST_EMAIL = 254;
const LONGEST_OTHER = 500;
const LARGEST = 1e15;
const ROUND = 1e-6;
const BOUNDS = { text: [null, 500], long_text: [null, 5000], scale: [1, 5], slider: [0, 100], file: [1, 1] };

class Wrong extends Error {
  constructor(code, values = {}) {
    super(code);
    this.flaw = { code, values };
  }
}

const isList = (value) => Array.isArray(value) && value.every((one) => typeof one === "string");
const lengthOf = (text) => [...text].length;

// An object that has what was put into it and nothing else: an item may be called "constructor".
export const bare = (object) => Object.assign(Object.create(null), object);

export const isAsked = (item) => item.kind !== "note";
export const isRequired = (item) => item.required ?? true;
export const stepOf = (item) => item.step ?? 1;
export const boundsOf = (item) => {
  const [least, most] = BOUNDS[item.kind] ?? [null, null];
  return [item.least ?? least, item.most ?? most];
};

export function clean(text) {
  const whole = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\0/g, "\ufffd");
  return whole.replace(/\r\n?/g, "\n").replace(ENDS, "");
}

// Items page by page.
export function pagesOf(items) {
  const pages = [[]];
  for (const item of items) {
    if (item.new_page && pages.at(-1).length) pages.push([]);
    pages.at(-1).push(item);
  }
  return pages;
}

// Whether a condition holds; what was not answered, or not shown, makes it false.
export function holds(condition, answers) {
  if (condition.all) return condition.all.every((one) => holds(one, answers));
  if (condition.any) return condition.any.some((one) => holds(one, answers));
  const value = answers[condition.item];
  if (value === undefined) return false;
  return (
    (condition.is === undefined || is(value, condition.is)) &&
    (condition.is_not === undefined || !is(value, condition.is_not)) &&
    (condition.at_least === undefined || reaches(value, condition.at_least)) &&
    (condition.at_most === undefined || reaches(condition.at_most, value))
  );
}

const is = (value, expected) => (Array.isArray(value) ? value.includes(expected) : value === expected);
const reaches = (value, bound) => typeof value === typeof bound && ["number", "string"].includes(typeof value) && value >= bound;

// What is wrong with the answers to a form, by item, and what they come to.
export function check(form, values) {
  const errors = bare();
  const answers = bare();
  values = bare(values);
  for (const item of form.items.filter(isAsked)) {
    if (item.show_if && !holds(item.show_if, answers)) continue;
    try {
      Object.assign(answers, answer(item, values));
    } catch (wrong) {
      if (!(wrong instanceof Wrong)) throw wrong;
      errors[item.id] = wrong.flaw;
    }
  }
  return { errors, values: answers };
}

function answer(item, values) {
  let raw = values[item.id];
  if (typeof raw === "string" && !item.options?.length && !item.other) raw = clean(raw);
  if (raw === undefined || raw === null || raw === "" || (Array.isArray(raw) && !raw.length)) {
    if (isRequired(item)) throw new Wrong(item.required === "ask_once" ? "once" : "required");
    return {};
  }
  const value = CHECKS[item.kind](item, raw);
  if (!item.other || !(Array.isArray(value) ? value : [value]).includes("other")) return { [item.id]: value };
  const own = values[`${item.id}_other`];
  const words = typeof own === "string" ? clean(own) : "";
  if (!words) throw new Wrong("other_words");
  if (lengthOf(words) > LONGEST_OTHER) throw new Wrong("long", { most: LONGEST_OTHER });
  return { [item.id]: value, [`${item.id}_other`]: words };
}

function text(item, raw) {
  if (typeof raw !== "string") throw new Wrong("unreadable");
  const said = item.kind === "text" ? raw.replaceAll("\n", " ") : raw;
  const [least, most] = boundsOf(item);
  if (least !== null && lengthOf(said) < least) throw new Wrong("short", { least });
  if (most !== null && lengthOf(said) > most) throw new Wrong("long", { most });
  return said;
}

function email(item, raw) {
  const said = text(item, raw);
  if (lengthOf(said) > LONGEST_EMAIL || !EMAIL.test(said)) throw new Wrong("email");
  return said;
}

const tooFine = (decimals) => (decimals ? new Wrong("decimals", { decimals }) : new Wrong("whole"));

function readNumber(raw, decimals) {
  if (typeof raw === "string") {
    const found = NUMBER.exec(raw.replaceAll("\u2212", "-"));
    if (!found) throw new Wrong("number");
    if ((found[1] ?? "").replace(/0+$/, "").length > decimals) throw tooFine(decimals);
    return Number(found[0].replace(",", "."));
  }
  if (typeof raw !== "number" || !(Math.abs(raw) < LARGEST)) throw new Wrong("number");
  const scaled = raw * 10 ** decimals;
  if (Math.abs(scaled - Math.floor(scaled + 0.5)) > ROUND) throw tooFine(decimals);
  return raw;
}

function within(item, value) {
  const [least, most] = boundsOf(item);
  if (least !== null && value < least) throw new Wrong("least", { least });
  if (most !== null && value > most) throw new Wrong("most", { most });
  return value;
}

function number(item, raw) {
  const decimals = item.decimals ?? 0;
  const value = readNumber(raw, decimals);
  return within(item, decimals ? value : Math.trunc(value));
}

function slider(item, raw) {
  const value = within(item, readNumber(raw, 6));
  const places = (value - (boundsOf(item)[0] ?? 0)) / stepOf(item);
  if (Math.abs(places - Math.floor(places + 0.5)) > ROUND) throw new Wrong("option");
  return value;
}

function scale(item, raw) {
  if (item.options?.length) return choice(item, raw);
  const value = readNumber(raw, 6);
  if (value !== Math.floor(value)) throw new Wrong("option");
  return within(item, value);
}

const offered = (item) => [...(item.options ?? []).map((option) => option.value), ...(item.other ? ["other"] : [])];

function choice(item, raw) {
  if (typeof raw !== "string" || !offered(item).includes(raw)) throw new Wrong("option");
  return raw;
}

function listed(item, raw) {
  if (!isList(raw)) throw new Wrong("unreadable");
  if (new Set(raw).size !== raw.length || raw.some((one) => !offered(item).includes(one))) throw new Wrong("option");
  return raw;
}

function howMany(item, chosen, exempt = false) {
  const [least, most] = boundsOf(item);
  if (least !== null && chosen.length < least && !exempt) throw new Wrong("few", { least });
  if (most !== null && chosen.length > most) throw new Wrong("many", { most });
  return chosen;
}

function choices(item, raw) {
  const chosen = listed(item, raw);
  const alone = (item.options ?? []).filter((option) => option.alone).map((option) => option.value);
  const lonely = chosen.some((one) => alone.includes(one));
  if (lonely && chosen.length > 1) throw new Wrong("alone");
  return howMany(item, chosen, lonely);
}

function ranking(item, raw) {
  const ranked = listed(item, raw);
  if (ranked.length !== (item.options ?? []).length) throw new Wrong("ranking");
  return ranked;
}

function isDay(said) {
  const [year, month, day] = (DATE.exec(said) ?? []).slice(1).map(Number);
  if (!year || !month || !day) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month <= 12 && day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
}

function date(item, raw) {
  if (typeof raw !== "string" || !isDay(raw)) throw new Wrong("date");
  return within(item, raw);
}

function time(item, raw) {
  if (typeof raw !== "string" || !TIME.test(raw)) throw new Wrong("time");
  return within(item, raw);
}

function yesNo(_item, raw) {
  if (typeof raw !== "boolean") throw new Wrong("option");
  return raw;
}

function file(item, raw) {
  if (!isList(raw) || raw.includes("")) throw new Wrong("unreadable");
  return howMany(item, raw);
}

const CHECKS = {
  text,
  long_text: text,
  number,
  choice,
  choices,
  scale,
  slider,
  ranking,
  date,
  time,
  yes_no: yesNo,
  email,
  file,
};
