// The list as a drawer on a phone, New Chat, and whether the list is open.
import { below } from "../base/below.js";
import { NEW_CHAT, OF_ANY_TYPE, OPEN_DRAWER, ROW_LINK, SIDEBAR_TRIGGER, WELCOME, getField } from "../base/chainlit.js";
import { answerFetch } from "../base/fetched.js";

const drawer = () => document.querySelector(OPEN_DRAWER);

export const closeDrawer = () => drawer()?.querySelector(SIDEBAR_TRIGGER)?.click();

// Nothing was said here yet: it is a new conversation already.
const inEmptyThread = () => document.querySelector(WELCOME) !== null && !document.querySelector(OF_ANY_TYPE);

export function newThread() {
  const button = document.querySelector(NEW_CHAT);
  if (button) button.click();
  else location.assign(below("/"));
}

document.addEventListener(
  "click",
  (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest(NEW_CHAT)) {
      const stays = inEmptyThread();
      if (stays) event.stopPropagation(); // Chainlit would end the session and begin another.
      setTimeout(() => {
        closeDrawer();
        if (stays) getField()?.focus();
      });
    }
    if (event.target.closest(ROW_LINK)) setTimeout(closeDrawer);
  },
  true,
);

// Chainlit keeps the state in a cookie that it never reads (ui/sidebar.tsx), and builds the list anew on the
// way from the first screen to a thread: it asks its settings then, and they tell what the cookie says.
answerFetch("GET", "/project/settings", async (_, through) => {
  const answer = await through();
  if (!answer.ok) return answer;
  const settings = await answer.json();
  if (settings.ui) {
    const stated = settings.ui.default_sidebar_state;
    const state = () => /(?:^|; )sidebar:state=false/.test(document.cookie) ? "closed" : stated;
    Object.defineProperty(settings.ui, "default_sidebar_state", { get: state, enumerable: true, configurable: true });
  }
  Object.defineProperty(answer, "json", { value: async () => settings });
  return answer;
});
