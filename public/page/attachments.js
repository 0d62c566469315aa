// Files: looked at before they are sent, so that a refusal is a sentence here and not an error there.
// The server looks again, at what they hold (page/me/uploads.py).
import { ATTACHED, ATTACHED_NAME, COMPOSER, INLINE_IMAGE, UPLOAD, getComposer, getField } from "./base/chainlit.js";
import { data, t } from "./base/data.js";
import { openDialog } from "./base/dialog.js";
import { make, onChange } from "./base/dom.js";
import { toast } from "./base/toast.js";
import { onArrive } from "./base/wire.js";

const allowed = data.study.attachments ?? null;
const MEGABYTE = 1_000_000;
const IS = {
  image: (file) => /^image\/(png|jpeg|gif|webp)$/.test(file.type),
  pdf: (file) => file.type === "application/pdf",
  text: (file) => (/^text\/(?!html|xml|javascript)/.test(file.type) || /\.(txt|md|csv|json|log)$/i.test(file.name)) && !/\.x?html?$/i.test(file.name),
};

const attached = () => document.querySelectorAll(ATTACHED).length;

// The files that may go; what is said of the others.
function sift(files) {
  if (!allowed) {
    toast(t("attach_off"), { urgent: true });
    return [];
  }
  const good = [];
  for (const file of files) {
    if (!allowed.kinds.some((kind) => IS[kind](file))) {
      const kinds = allowed.kinds.map((kind) => t(`attach_${kind}`)).join(", ");
      toast(t("attach_type", { name: file.name, allowed: kinds }), { urgent: true });
    } else if (file.size > allowed.max_size_mb * MEGABYTE) {
      toast(t("attach_size", { name: file.name, limit: allowed.max_size_mb }), { urgent: true });
    } else if (attached() + good.length >= allowed.max_files) {
      toast(t("attach_count", { limit: allowed.max_files }), { urgent: true });
      break;
    } else good.push(file);
  }
  return good;
}

function carrying(files) {
  const carrier = new DataTransfer();
  for (const file of files) carrier.items.add(file);
  return carrier;
}

const ours = new WeakSet();

// Gives files to Chainlit's page, as if they had been pasted.
function give(files) {
  if (!files.length) return;
  const pasted = new ClipboardEvent("paste", { clipboardData: carrying(files), bubbles: true, cancelable: true });
  ours.add(pasted);
  getField()?.dispatchEvent(pasted);
}

const filesOf = (carrier) => [...(carrier?.files ?? [])];
const bringsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

document.addEventListener(
  "paste",
  (event) => {
    const files = filesOf(event.clipboardData);
    if (!files.length || ours.has(event)) return;
    event.stopImmediatePropagation();
    // A table copied from a program comes as words and as a picture of them: the words are meant.
    if (event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    give(sift(files));
  },
  true,
);

let over = 0;

function dropping(is) {
  const composer = getComposer();
  if (!composer) return;
  if (is && allowed) composer.dataset.drop = t("attach_drop");
  else delete composer.dataset.drop;
}

document.addEventListener("dragenter", (event) => bringsFiles(event) && dropping(++over > 0), true);
document.addEventListener("dragleave", (event) => bringsFiles(event) && dropping(--over > 0), true);
// A file that is let go beside the conversation would replace the page.
document.addEventListener("dragover", (event) => bringsFiles(event) && event.preventDefault());
document.addEventListener("drop", (event) => bringsFiles(event) && event.preventDefault());
document.addEventListener(
  "drop",
  (event) => {
    over = 0;
    dropping(false);
    const files = filesOf(event.dataTransfer);
    if (!files.length) return;
    // Chainlit's page takes files in some places at some times; the field takes them always.
    event.preventDefault();
    event.stopImmediatePropagation();
    give(sift(files));
  },
  true,
);
document.addEventListener(
  "change",
  (event) => {
    const input = event.target;
    if (input.type !== "file" || !input.closest(COMPOSER)) return;
    const files = [...input.files];
    const good = sift(files);
    if (good.length === files.length) return;
    input.files = carrying(good).files;
    if (!good.length) event.stopImmediatePropagation();
  },
  true,
);

// A first message of files alone: without words Chainlit's page does not know that the conversation has begun.
onArrive("first_interaction", (said) => (said.interaction ? undefined : { ...said, interaction: " " }));

function put(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}

// Names for who hears the page; pictures that the keyboard can open.
onChange(() => {
  for (const button of document.querySelectorAll(UPLOAD)) put(button, { "aria-label": t("attach") });
  for (const card of document.querySelectorAll(ATTACHED)) {
    const name = card.querySelector("img")?.alt || card.querySelector(ATTACHED_NAME)?.textContent || "";
    const remove = card.querySelector("button");
    if (remove) put(remove, { "aria-label": t("attach_remove", { name }) });
  }
  for (const picture of document.querySelectorAll(INLINE_IMAGE)) {
    put(picture, { role: "button", tabindex: "0", "aria-label": t("attach_open", { name: picture.alt }) });
  }
});

// Chainlit's own large view is made anew, closed, with each word of a reply (components/QuiltedGrid.tsx).
function enlarge(event) {
  const picture = event.target;
  if (!picture.matches?.(INLINE_IMAGE)) return;
  if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const dialog = openDialog(picture.alt, make("img", { src: picture.src, alt: picture.alt }));
  dialog.classList.add("picture");
}

document.addEventListener("click", enlarge, true);
document.addEventListener("keydown", enlarge, true);
