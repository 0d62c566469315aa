// The list as a drawer on a phone, New Chat, and whether the list is open.
import { answerFetch } from "../base/fetched.js";

const drawer = () => document.querySelector("[data-sidebar=sidebar][data-mobile][data-state=open]");

export const closeDrawer = () => drawer()?.querySelector("#sidebar-trigger-button")?.click();

// Nothing was said here yet: it is a new conversation already.
const inEmptyThread = () => document.querySelector("#welcome-screen") !== null && !document.querySelector("[data-step-type]");

export function newThread() {
  const button = document.querySelector("#new-chat-button");
  if (button) button.click();
  else location.assign("/");
}

document.addEventListener(
  "click",
  (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("#new-chat-button")) {
      const stays = inEmptyThread();
      if (stays) event.stopPropagation(); // Chainlit would end the session and begin another.
      setTimeout(() => {
        closeDrawer();
        if (stays) document.getElementById("chat-input")?.focus();
      });
    }
    if (event.target.closest("#thread-history a")) setTimeout(closeDrawer);
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
