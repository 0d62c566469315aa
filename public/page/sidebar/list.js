// The participant's threads as the server has them. Chainlit's list (LeftSidebar/ThreadHistory.tsx) asks for
// them page by page, and is answered from here: so that what has changed meanwhile, on this page or on
// another of the participant's, can be shown without asking for everything anew.
import { ask } from "../base/ask.js";
import { getSidebarContent } from "../base/chainlit.js";
import { answerFetch, jsonResponse } from "../base/fetched.js";
import { onChange } from "../base/dom.js";
import { onArrive, onLeave, onWire, receive } from "../base/wire.js";

const BATCH = 35; // ThreadHistory.tsx
const NOTHING = { data: [], pageInfo: { hasNextPage: false, startCursor: null, endCursor: null } };
const FORGETS_MS = 15_000; // Out of sight for longer: what other processes have written is not known here.

const rows = new Map(); // id -> a row in Chainlit's shape
const gone = new Set(); // ids that are not to be seen, also before Chainlit's list has been drawn anew
const watchers = new Set();
let page = null; // Where the loaded part of the list ends; null while nothing is known.
let asking = null;
let tag = null;

export const rowOf = (id) => rows.get(id) ?? null;
export const isGone = (id) => gone.has(id);
export const chosenTag = () => tag;
// Called after each change with the ids that have changed.
export const onRows = (watcher) => watchers.add(watcher);

function tell(...ids) {
  for (const watcher of watchers) watcher(ids);
}

// ---- what the list asks for

async function askPage(cursor) {
  const given = new URLSearchParams();
  if (cursor) given.set("cursor", cursor);
  if (tag !== null) given.set("tag", tag);
  const wanted = tag;
  const got = await ask("GET", `/me/threads?${given}`);
  if (wanted !== tag) return; // Another tag was chosen meanwhile, and is asked for.
  if (!cursor) rows.clear();
  for (const row of got.data) rows.set(row.id, row);
  for (const row of got.data) gone.delete(row.id);
  page = got.pageInfo;
  tell(...got.data.map((row) => row.id));
}

function firstPage() {
  if (asking) return asking;
  const mine = askPage(null).finally(() => {
    if (asking === mine) asking = null;
  });
  asking = mine;
  return mine;
}

const newestFirst = () => [...rows.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));

answerFetch("POST", "/project/threads", async ({ pagination }) => {
  // Chainlit's own search dialog asks as well, at each load of the page. Ours stands in its place (search.js).
  if (pagination?.first !== BATCH) return jsonResponse(NOTHING);
  shown();
  try {
    if (pagination.cursor) {
      const before = new Set(rows.keys());
      await askPage(pagination.cursor);
      return jsonResponse({ data: newestFirst().filter((row) => !before.has(row.id)), pageInfo: page });
    }
    // All else is answered at once: ThreadHistory.tsx goes to the thread that was open when it asked, and
    // would go back to it from where the participant has gone meanwhile.
    while (page === null) await firstPage();
  } catch (problem) {
    return jsonResponse({ detail: problem.message }, problem.status || 503);
  }
  return jsonResponse({ data: newestFirst(), pageInfo: page });
});

// ---- how the list is made to ask again

let spoken = null; // What Chainlit's page believes about the thread that is open, so that it keeps to it.
let open = null;
let round = 0;
let resetting = false;

onArrive("first_interaction", ({ interaction, thread_id: thread }) => {
  [spoken, open] = [interaction, thread];
});
onArrive("resume_thread", ({ id }) => {
  open = id;
});
onLeave("clear_session", () => {
  [spoken, open] = [null, null];
});

const AGAIN_MS = 300; // It does not hear while it goes from thread to thread.
let again = 0;
let pending = false;
const isShown = () => getSidebarContent() !== null;

// Chainlit's list asks for its first page whenever the first words of the open thread change. On a phone it
// is only there while the drawer is open.
export function refresh() {
  pending = !isShown();
  if (pending) return;
  clearTimeout(again);
  again = setTimeout(refresh, AGAIN_MS);
  round += 1;
  resetting = spoken === null;
  receive("first_interaction", { interaction: `\u2063${round}`, thread_id: open ?? undefined });
}

onChange(() => {
  if (pending && isShown()) refresh();
});

// In a thread where nothing was said yet, Chainlit must go on to believe just that.
function shown() {
  clearTimeout(again);
  if (!resetting) return;
  resetting = false;
  setTimeout(() => {
    if (spoken === null) receive("first_interaction", { thread_id: open ?? undefined });
  });
}

// Asks the server anew.
export function reload() {
  asking = null;
  firstPage().then(refresh, () => {}); // Else the list stays as it is.
}

// ---- what has changed

const inReach = (row) => !page?.hasNextPage || [...rows.values()].some((other) => other.createdAt <= row.createdAt);

// Takes a row in; a place in the list that has changed is shown. `deleted` and `archived` take it out.
export function put(row) {
  const known = rows.get(row.id);
  const away = row.deleted || row.archived;
  const wanted = !away && (tag === null || row.tags.includes(tag)) && (known || inReach(row));
  if (wanted) rows.set(row.id, row);
  else rows.delete(row.id);
  if (away) gone.add(row.id);
  else gone.delete(row.id);
  tell(row.id);
  const moved = known?.createdAt !== row.createdAt || known?.name !== row.name;
  if (page !== null && (wanted ? moved : known)) refresh();
}

// The same with some fields of a row that is known.
export function patch(id, fields) {
  const known = rows.get(id);
  if (known) put({ ...known, ...fields });
}

// Shows the threads that bear a tag; null: all.
export function chooseTag(chosen) {
  if (chosen === tag) return;
  tag = chosen;
  reload();
}

onArrive("thread_news", put);

// What has changed at the top of the list, on the rows that are there: further pages of it stay.
async function catchUp() {
  const wanted = tag;
  const newer = new Set(); // What is told while we ask is newer than the answer.
  const note = (ids) => ids.forEach((id) => newer.add(id));
  watchers.add(note);
  const given = new URLSearchParams(tag === null ? {} : { tag });
  const { data, pageInfo } = await ask("GET", `/me/threads?${given}`).finally(() => watchers.delete(note));
  if (wanted !== tag || page === null) return;
  const told = new Set(data.map((row) => row.id));
  const end = pageInfo.hasNextPage ? data.at(-1).createdAt : "";
  const left = [...rows.values()].filter((row) => !told.has(row.id) && row.createdAt > end);
  for (const row of left) if (!newer.has(row.id)) put({ ...row, deleted: true });
  for (const row of data) if (!newer.has(row.id)) put(row);
}

// A connection that was lost has not told everything. Nor has one that the page left for another thread: what
// becomes of threads before the next one stands is told to nobody.
let away = null;
onWire(({ state }) => {
  if (state === "closed") away = reload;
  if (state === "left") [spoken, open, away] = [null, null, away ?? (() => catchUp().catch(() => {}))];
  if (state !== "open" || !away) return;
  const again = away;
  away = null;
  if (page !== null) setTimeout(again);
});

let hiddenAt = null;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenAt = Date.now();
  else if (page !== null && hiddenAt !== null && Date.now() - hiddenAt > FORGETS_MS) reload();
});
