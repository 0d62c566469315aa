"""Pages that are late by what a busy machine is late by, so that a test that reads too early fails each time.

VERBATIM_SLOW_PAGE names one kind or several: `frames`, `requests`, `socket`, `cpu`, with commas between.
"""

import os
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page

VARIABLE: Final = "VERBATIM_SLOW_PAGE"

# What is due in a frame comes that much later, in the order in which it was asked for.
_FRAMES: Final = """(() => {
  const [ask, drop] = [requestAnimationFrame.bind(window), cancelAnimationFrame.bind(window)];
  const waiting = new Set();
  window.requestAnimationFrame = (callback) => {
    const id = ask(() => {
      waiting.add(id);
      setTimeout(() => waiting.delete(id) && callback(performance.now()), 300);
    });
    return id;
  };
  window.cancelAnimationFrame = (id) => {
    waiting.delete(id);
    drop(id);
  };
})()"""

# An answer is there, and the page hears of it later.
_REQUESTS: Final = """(() => {
  const late = () => new Promise((done) => setTimeout(done, 300));
  const real = window.fetch.bind(window);
  window.fetch = (...asked) => real(...asked).then(
    (answer) => late().then(() => answer),
    (error) => late().then(() => Promise.reject(error)),
  );
  const heard = new WeakSet();
  window.XMLHttpRequest = class extends XMLHttpRequest {
    constructor() {
      super();
      for (const name of ["readystatechange", "load", "loadend", "error", "abort", "timeout"])
        this.addEventListener(name, (event) => {
          if (heard.has(event) || this.readyState !== 4 && name === "readystatechange") return;
          event.stopImmediatePropagation();
          const again = new event.constructor(name, event);
          heard.add(again);
          setTimeout(() => this.dispatchEvent(again), 300);
        });
    }
  };
})()"""

# Each message and the end arrive later, in their order; what is sent leaves at once.
_SOCKET: Final = """(() => {
  const heard = new WeakSet();
  window.WebSocket = class extends WebSocket {
    constructor(...all) {
      super(...all);
      for (const name of ["open", "message", "error", "close"])
        this.addEventListener(name, (event) => {
          if (heard.has(event)) return;
          event.stopImmediatePropagation();
          const again = new event.constructor(name, event);
          heard.add(again);
          setTimeout(() => this.dispatchEvent(again), 200);
        });
    }
  };
})()"""

_SCRIPTS: Final = {"frames": _FRAMES, "requests": _REQUESTS, "socket": _SOCKET}
# How many times slower than this machine a page is.
_RATE: Final = 6


def slow_down(browser: Browser) -> None:
    """Make every page of a browser late by what the variable names; without it, none."""
    kinds = [kind for kind in os.environ.get(VARIABLE, "").split(",") if kind]
    unknown = set(kinds) - {*_SCRIPTS, "cpu"}
    assert not unknown, f"{VARIABLE} names {', '.join(sorted(unknown))}"
    if not kinds:
        return
    new_context = browser.new_context

    def late_context(**options: Any) -> BrowserContext:
        context = new_context(**options)
        for kind in kinds:
            if kind == "cpu":
                context.on("page", _throttle)
            else:
                context.add_init_script(_SCRIPTS[kind])
        return context

    browser.new_context = late_context  # type: ignore[method-assign]


def _throttle(page: Page) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": _RATE})
