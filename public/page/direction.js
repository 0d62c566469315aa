// Everything that somebody wrote begins where its own writing begins: dir="auto" asks for its first letter. What
// holds other paragraphs (a list, a quotation, a table) stands as its first one does; those inside it begin each
// by itself (direction.css). A part with a direction of its own has no say in that of the whole: code has none.
import {
  AGENTS,
  ATTACHED_NAME,
  ATTACHMENTS,
  CONTENT,
  EDIT_FIELD,
  FIELD,
  FORMULA,
  HISTORY,
  INLINE_FILE,
  PLAIN_CODE,
  ROW_BUTTON,
  STARTER_WORDS,
} from "./base/chainlit.js";
import { onChange } from "./base/dom.js";

const WRITTEN = [
  `${CONTENT} :is(ul, ol, blockquote, table, h1, h2, h3, h4)`,
  `${CONTENT} [role=article]:not(li *, blockquote *, td *)`,
  `${CONTENT} ${PLAIN_CODE}`,
  `${FIELD}, ${EDIT_FIELD}, .own-field, .row-title`,
  `${HISTORY} ${ROW_BUTTON} > span, .row-preview, .row-tags span, .tag span, .tag-choice`,
  ".hit-head strong, .hit-words, .bookmark-text, .deleted-list strong, .you-name, .own-dialog.picture h2",
  `${ATTACHMENTS} ${ATTACHED_NAME}, ${INLINE_FILE} ${ATTACHED_NAME}`,
  `#study-title, #study-name, ${AGENTS}, ${STARTER_WORDS}, .rating-reasons button`,
].map((selector) => `:is(${selector}):not([dir])`);
const CODE = `${CONTENT} :is(code, pre:has(> code), ${FORMULA}):not([dir])`;

onChange(() => {
  for (const selector of WRITTEN) for (const found of document.querySelectorAll(selector)) found.dir = "auto";
  for (const found of document.querySelectorAll(CODE)) found.dir = "ltr";
});
