// A stream of events from the room (web/sse.py), for as long as the page is looked at: a tab in the
// background lets go, so that it costs the server nothing, and comes back when it is seen again.
const TRY_AGAIN_MS = 5000;

// `on` is {event: function(data)}; `tell` is called with "live", "away" or "out" (signed out, or not theirs).
// Returns a function that ends it.
export function listen(address, on, tell) {
  let source = null;
  let timer = 0;
  let ended = false;

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  function open() {
    if (ended || source || document.hidden) return;
    source = new EventSource(address);
    source.onopen = () => tell("live");
    source.onerror = failed;
    for (const [name, heard] of Object.entries(on)) {
      source.addEventListener(name, (event) => heard(JSON.parse(event.data)));
    }
  }

  // The browser itself comes back after a stream that ended. After a refusal it does not: whether that was a sign-out
  // is seen from where the page leads now.
  async function failed() {
    tell("away");
    if (source?.readyState !== EventSource.CLOSED) return;
    close();
    const answer = await fetch(address, { method: "HEAD" }).catch(() => null);
    if (answer && (answer.redirected || answer.status === 403 || answer.status === 404)) tell("out");
    else timer = setTimeout(open, TRY_AGAIN_MS);
  }

  function look() {
    if (document.hidden) close();
    else open();
  }

  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
  return () => {
    ended = true;
    document.removeEventListener("visibilitychange", look);
    close();
  };
}

// What a template of the room has drawn, as elements.
export function elements(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}
