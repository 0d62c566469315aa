// A row that changes its place moves there: it is drawn where it was, and let go (FLIP).
import { getSidebarContent, idOfRow } from "../base/chainlit.js";
import { onChange } from "../base/dom.js";
import { listed } from "./rows.js";
import { onRows } from "./list.js";

const MOVES_MS = 240;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const places = new Map(); // id -> its height in the list
let order = "";

function measure() {
  const content = getSidebarContent();
  if (!content) return;
  const top = content.getBoundingClientRect().top - content.scrollTop;
  places.clear();
  for (const item of listed()) places.set(idOfRow(item), item.getBoundingClientRect().top - top);
}

const orderOf = (items) => [...items].map(idOfRow).join();

// Chainlit's list moves a row by itself too, before the server's news of it come: rows that stand otherwise
// than when they were looked at last are about to be, and where they stood is still wanted.
function remeasure() {
  if (orderOf(listed()) === order) measure();
}

function look() {
  const items = [...listed()];
  const now = orderOf(items);
  if (now === order) return;
  const before = new Map(places);
  const known = order !== "" && now !== "";
  order = now;
  measure();
  if (!known || still.matches) return;
  for (const item of items) {
    const was = before.get(idOfRow(item));
    const by = was === undefined ? 0 : was - places.get(idOfRow(item));
    const from = was === undefined ? { opacity: 0 } : { transform: `translateY(${by}px)` };
    if (was !== undefined && Math.abs(by) <= 1) continue;
    item.animate([from, {}], { duration: MOVES_MS, easing: "ease-out" }).onfinish = remeasure;
  }
}

// Rows grow and shrink without changing places: what counts is where they stood just before.
onRows(remeasure);
onChange(look);
