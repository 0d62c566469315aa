// An agent's Markdown as Chainlit's page must be given it to draw what is meant: \( \) and \[ \] as the dollars that
// it knows, and escaped what it would take for more than words (a price, a colon before a word). web/formulas.py
// reads the same for our own pages; tests/formulas.py is the table of cases that both are held to.

const CONTAINER = "(?:[ \\t]*(?:>|[-*+][ \\t]|\\d{1,9}[.)][ \\t]))*[ \\t]*"; // quotations and marks of lists
const BEGINS = new RegExp(`^${CONTAINER}$`);
const FENCE = new RegExp(`^(${CONTAINER})(\`{3,}|~{3,})(.*)$`);
const LISTED = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
const BREAKS = /\n[ \t]*(?:[-*+][ \t]|1[.)][ \t]|#{1,6}[ \t]|>)/; // a block of its own: nothing goes on across it
const ADDRESS = /(?:https?:\/\/|www\.)[^\s<]*/iy;
const TAG = /<[A-Za-z/!?][^<>\n]*>/y;

const INSIDE = { "\\(": "\\\\\\)", "\\[": "\\\\\\]", $$: "\\$\\$" };
const FORMULA = Object.fromEntries(
  Object.entries(INSIDE).map(([opening, closing]) => {
    const open = opening.replace(/[\\([$]/g, "\\$&");
    return [opening, new RegExp(`${open}((?:(?!${closing})(?:\\\\[^]|[^\\\\]))*)${closing}${opening === "$$" ? "(?!\\$)" : ""}`, "y")];
  }),
);
const SIGN = /[\\^_={}<>+]/;
const WORD = /\p{L}{2}/u;

// {text, formulas}: what Chainlit's page is given, and each formula as it was written, in the order of drawing.
export function readFormulas(said) {
  const formulas = [];
  const given = chunks(said).map(({ kind, lines }) => {
    const text = lines.join("\n");
    if (kind === "formula") formulas.push(text);
    return kind === "words" ? new Words(text, formulas).read() : text;
  });
  return { text: given.join("\n"), formulas };
}

// Lines that belong together: of words up to a blank one, of code from fence to fence.
function chunks(said) {
  const found = [];
  let fence = null, listed = false, blank = true;
  const put = (kind, line, anew = false) => {
    if (anew || found.at(-1)?.kind !== kind) found.push({ kind, lines: [line] });
    else found.at(-1).lines.push(line);
  };
  for (const line of said.split("\n")) {
    const begins = FENCE.exec(line);
    if (fence) {
      put(fence.kind, line);
      if (begins && begins[2][0] === fence.mark[0] && begins[2].length >= fence.mark.length && !begins[3].trim()) fence = null;
    } else if (begins && !(begins[2][0] === "`" && begins[3].includes("`"))) {
      fence = { mark: begins[2], kind: begins[3].trim() === "math" ? "formula" : "code" };
      put(fence.kind, line, true);
    } else if (!line.trim()) {
      put("blank", line);
      blank = true;
      continue;
    } else if (blank && !listed && /^(?: {4}|\t)/.test(line)) put("code", line);
    else if (found.at(-1)?.kind === "code" && !blank && /^(?: {4}|\t)/.test(line)) put("code", line);
    else {
      if (LISTED.test(line)) listed = true;
      else if (blank && !/^[ \t]/.test(line)) listed = false;
      put("words", line);
    }
    blank = false;
  }
  return found;
}

class Words {
  constructor(text, formulas) {
    this.text = text;
    this.formulas = formulas;
    this.endless = new Set();
    this.made = "";
  }

  read() {
    let at = 0;
    while (at < this.text.length) at = this.next(at);
    return this.made;
  }

  next(at) {
    const { text } = this;
    const two = text.slice(at, at + 2);
    if (two[0] === "`") return this.as(at, this.codeAt(at));
    if (two[0] === "<") return this.as(at, at + (matched(TAG, text, at) || 1));
    if (/[hw]/i.test(two[0]) && !/\w/.test(text[at - 1] ?? "")) return this.as(at, at + (matched(ADDRESS, text, at) || 1));
    if (two === "\\(" || two === "\\[" || two === "$$") return this.formulaAt(at, two);
    if (two[0] === "\\") return this.as(at, at + 2);
    if (two[0] === ":" && /[:A-Za-z]/.test(two[1] ?? "") && !this.defines(at)) return this.colonsAt(at);
    return this.as(at, at + 1);
  }

  // As it stands.
  as(at, to) {
    this.made += this.text.slice(at, to);
    return to;
  }

  codeAt(at) {
    const [run] = /`+/.exec(this.text.slice(at));
    const end = new RegExp(`(?<!\`)${run}(?!\`)`, "g");
    end.lastIndex = at + run.length;
    const found = end.exec(this.text);
    return (found?.index ?? at) + run.length;
  }

  // A reference or a footnote, which is no sentence.
  defines(at) {
    return /(?:^|\n) {0,3}\[[^\]\n]+\]$/.test(this.text.slice(0, at));
  }

  // Chainlit's page takes ":name" for a directive that nobody has, and draws nothing in its place.
  colonsAt(at) {
    const [colons] = /^:+/.exec(this.text.slice(at));
    this.made += colons.length === 1 || this.beginsLine(at) ? colons.replaceAll(":", "\\:") : colons;
    return at + colons.length;
  }

  beginsLine(at) {
    return BEGINS.test(this.text.slice(this.text.lastIndexOf("\n", at - 1) + 1, at));
  }

  formulaAt(at, opening) {
    const run = opening === "$$" ? /^\$+/.exec(this.text.slice(at))[0].length : 2;
    const found = run === 2 && this.found(at, opening);
    const alone = found && opening !== "\\(" && this.alone(at, found[0].length);
    if (found && (alone ? isAlone(found, opening) : isAmongWords(found, opening, this.text))) {
      this.formulas.push(found[0]);
      this.made += alone ? this.inLines(at, found[1]) : amongWords(found[1], opening);
      return at + found[0].length;
    }
    if (opening === "$$") this.made += "\\$".repeat(run);
    else if (found && !BREAKS.test(found[1])) return this.as(at, at + 2); // what Markdown writes so: [sic]
    else this.made += `\\${opening}`;
    return at + run;
  }

  found(at, opening) {
    if (this.endless.has(opening)) return null;
    FORMULA[opening].lastIndex = at;
    const found = FORMULA[opening].exec(this.text);
    if (!found) this.endless.add(opening);
    return found;
  }

  // All that stands in its lines.
  alone(at, length) {
    const rest = /^[ \t]*(?:\n|$)/.test(this.text.slice(at + length));
    return rest && this.beginsLine(at);
  }

  inLines(at, tex) {
    const begin = this.text.slice(this.text.lastIndexOf("\n", at - 1) + 1, at);
    const margin = begin.replace(/[^>\t]/g, " "); // a mark of a list is its first line's alone
    const lines = oneLine(tex.replace(new RegExp(`\\n[ \\t]*(?:>[ \\t]?)*`, "g"), "\n"));
    return `$$\n${margin}${lines}\n${margin}$$`;
  }
}

function matched(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

// Without line ends, which mean nothing in a formula, and without what a % takes out to the end of one.
function oneLine(tex) {
  const lines = tex.trim().split("\n").map((line) => line.replace(/(?<!\\)%.*/, "").trim());
  return lines.filter(Boolean).join(" ");
}

function amongWords(tex, opening) {
  const line = `${opening === "\\[" ? "\\displaystyle " : ""}${oneLine(tex)}`;
  const room = /^\$|\$$/.test(line) ? " " : "";
  return `$$${room}${line}${room}$$`;
}

function isAlone(found, opening) {
  if (!found[1].trim()) return false;
  return opening !== "\\[" || found[0].includes("\n") || isAmongWords(found, opening, "");
}

function isAmongWords(found, opening, text) {
  const inside = found[1];
  if (!inside.trim() || BREAKS.test(inside)) return false;
  if (opening === "\\(") return true;
  const spaced = [/^\s/.test(inside), /\s$/.test(inside)];
  if (opening === "\\[") return SIGN.test(inside) || (spaced[0] && spaced[1] && !WORD.test(inside));
  if (spaced[0] !== spaced[1] || /\d/.test(text[found.index + found[0].length] ?? "")) return false;
  return SIGN.test(inside) || !WORD.test(inside) || (!/\s/.test(inside.trim()) && !spaced[0]);
}
