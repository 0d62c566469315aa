"""By which way a page connects, in the page's own time: no server, no network, and no busy machine in it.

The modules are the page's; the WebSocket, the requests and the clock are the test's.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

PUBLIC: Final = Path(__file__).parents[2] / "public"
SITE: Final = "http://study.test"
# What the participant is promised, in milliseconds.
STANDS_WITHIN: Final = 10_000
# Until Socket.IO connects anew, at the latest: its reconnectionDelay with its randomizationFactor.
ANEW_AFTER: Final = 1_500
STEP: Final = 50

# Of each kind of network, what it does with a WebSocket that was begun.
NETWORK: Final = """
const ways = {
  refused: (socket) => socket.onclose?.(),
  hanging: () => {},
  "cut after the handshake": (socket) => { socket.hear("0{}"); socket.onclose?.(); },
  "silent after the handshake": (socket) => setTimeout(() => socket.hear("0{}"), 2900),
  "cut after it stood": (socket) => {
    socket.hear("0{}");
    socket.hear('40{"sid":"s"}');
    setTimeout(() => socket.onclose?.(), 1000);
  },
  open: (socket) => { socket.hear("0{}"); socket.hear('40{"sid":"s"}'); },
};
window.net = { way: "refused", away: false, sockets: 0, current: null };
window.WebSocket = class {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 3;
  constructor() {
    net.sockets += 1;
    net.current = this;
    this.readyState = 0;
    queueMicrotask(() => (net.away ? this.onclose?.() : ways[net.way](this)));
  }
  hear(data) { this.readyState = 1; this.onmessage?.({ data }); }
  send() {}
  close() { this.readyState = 3; }
};
let greeted = null;
window.fetch = async (address, settings = {}) => {
  if (net.away) throw new TypeError("no server");
  if (!String(address).includes("transport=polling")) return new Response("ok");
  if (settings.method === "POST") { greeted?.(); return new Response("ok"); }
  if (!new URL(address).searchParams.has("sid")) return new Response('0{"sid":"p"}');
  await new Promise((answered) => { greeted = answered; });
  return new Response('40{"sid":"s"}');
};
"""
# As the page's wire does it, and Socket.IO above it.
DIAL: Final = """async (anew) => {
  const { dial } = await import("/public/page/base/dial.js");
  window.stood = [];
  const begin = () => {
    const line = dial("ws://study.test/ws/socket.io/", {
      taken: () => stood.push(line.way()), frame() {}, refused() {}, lost: () => setTimeout(begin, anew),
    });
    line.greet("40{}");
  };
  begin();
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page that has our modules, and a clock that stands still."""
    context = chromium.new_context()
    page = context.new_page()

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path.startswith("/public/"):
            route.fulfill(path=PUBLIC / path.removeprefix("/public/"), content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>.</title>", content_type="text/html")

    page.route("**/*", answer)
    page.clock.install(time=0)
    page.add_init_script(NETWORK)
    page.goto(SITE)
    page.clock.pause_at(60)
    yield page
    context.close()


def until(page: Page, sign: Callable[[dict[str, Any]], bool], most: int = 60_000) -> int:
    """Let the page's time go on until something is so, and say how much of it that took."""
    for passed in range(0, most + STEP, STEP):
        told: dict[str, Any] = page.evaluate("({stood, sockets: net.sockets})")
        if sign(told):
            return passed
        page.clock.run_for(STEP)
    raise AssertionError(f"not within {most} ms of the page's time: {told}")


def polls(told: dict[str, Any]) -> bool:
    """Whether it stands by requests."""
    return told["stood"][-1:] == ["polling"]


@pytest.mark.parametrize(
    ("way", "sockets"),
    [
        ("refused", 1),
        ("hanging", 1),
        ("cut after the handshake", 1),
        ("silent after the handshake", 1),
        ("cut after it stood", 2),
    ],
)
def test_a_page_stands_by_requests_within_ten_seconds_of_its_own_time(
    page: Page, way: str, sockets: int
) -> None:
    """Whatever the network does with WebSockets; it tries no more of them than it takes to know."""
    page.evaluate("(way) => { net.way = way; }", way)
    page.evaluate(DIAL, ANEW_AFTER)
    until(page, polls, STANDS_WITHIN)
    assert page.evaluate("net.sockets") == sockets


def test_a_server_that_was_away_leaves_nobody_on_requests(page: Page) -> None:
    """Neither it nor its /health answers for half a minute; when it is back, a WebSocket stands again."""
    page.evaluate("() => { net.way = 'open'; }")
    page.evaluate(DIAL, ANEW_AFTER)
    until(page, lambda told: told["stood"] == ["websocket"])
    page.clock.run_for(20_000)
    page.evaluate("() => { net.away = true; net.current.onclose(); }")
    page.clock.run_for(30_000)
    tried = page.evaluate("net.sockets")
    assert tried > 5
    page.evaluate("() => { net.away = false; }")
    until(page, lambda told: len(told["stood"]) == 2, STANDS_WITHIN)
    assert page.evaluate("stood") == ["websocket", "websocket"]


def test_a_tab_that_goes_by_requests_begins_with_them_when_it_is_loaded_again(page: Page) -> None:
    """It waits for no WebSocket a second time."""
    page.evaluate("(way) => { net.way = way; }", "hanging")
    page.evaluate(DIAL, ANEW_AFTER)
    until(page, polls, STANDS_WITHIN)
    page.reload()
    page.evaluate("(way) => { net.way = way; }", "hanging")
    page.evaluate(DIAL, ANEW_AFTER)
    until(page, polls, STEP)
    assert page.evaluate("net.sockets") == 0
