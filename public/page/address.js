// The address names the thread, so that a reload stays in it. Chainlit's list of threads does this
// (LeftSidebar/ThreadHistory.tsx), but on a phone it is only there while the drawer is open. The server
// names the thread in its answer to the first message.
import { below, place } from "./base/below.js";
import { onArrive } from "./base/wire.js";

const narrow = window.matchMedia("(max-width: 767px)"); // frontend/src/hooks/use-mobile.tsx

onArrive("first_interaction", ({ thread_id: thread }) => {
  if (thread && narrow.matches && place() === "/") {
    history.replaceState(history.state, "", below(`/thread/${encodeURIComponent(thread)}`));
  }
});

// Chainlit's page asks for a file where the server says that it is, and knows of no public path.
const fetched = (element) => (element.url?.startsWith("/") ? { ...element, url: below(element.url) } : element);

onArrive("element", fetched);
onArrive("resume_thread", (thread) => ({ ...thread, elements: (thread.elements ?? []).map(fetched) }));
