// The address names the thread, so that a reload stays in it. Chainlit's list of threads does this
// (LeftSidebar/ThreadHistory.tsx), but on a phone it is only there while the drawer is open. The server
// names the thread in its answer to the first message.
import { onArrive } from "./base/wire.js";

const narrow = window.matchMedia("(max-width: 767px)"); // frontend/src/hooks/use-mobile.tsx

onArrive("first_interaction", ({ thread_id: thread }) => {
  if (thread && narrow.matches && location.pathname === "/") {
    history.replaceState(history.state, "", `/thread/${encodeURIComponent(thread)}`);
  }
});
