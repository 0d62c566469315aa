"""Events that a page hears as if its server had sent them: states that are hard to come by otherwise."""

import itertools
from typing import Any, Final

from playwright.sync_api import Page

# The module is asked for by itself, and what is heard needs no promise: Chromium sometimes collects one that
# waits for a module while its page draws much ("Resulting promise was garbage collected").
_ASK: Final = """() => {
  const modules = [...document.querySelectorAll("link[rel=modulepreload]")].map((one) => one.href);
  const wire = modules.find((one) => one.endsWith("/page/base/wire.js"));
  import(wire).then((module) => { globalThis.wire = module; });
}"""
_HAS: Final = "() => Boolean(globalThis.wire)"
_HEAR: Final = "([event, data]) => { wire.socket().heard(`42${JSON.stringify([event, data])}`); }"
_numbers: Final = itertools.count(1)


def hear(page: Page, event: str, data: dict[str, Any]) -> None:
    """Let the page hear something: its own scripts, and then Chainlit's."""
    if not page.evaluate(_HAS):
        page.evaluate(_ASK)
        page.wait_for_function(_HAS)
    page.evaluate(_HEAR, [event, data])


def step(**fields: Any) -> dict[str, Any]:
    """A step as the server sends it, with an id of its own; a reply unless said otherwise."""
    return {
        "id": f"5e1ec700-0000-4000-8000-{next(_numbers):012}",
        "type": "assistant_message",
        "name": "Teacher",
        "input": "",
        "output": "",
        "streaming": False,
        "isError": False,
        "metadata": {},
        "createdAt": "2026-11-21T12:00:00.000Z",
        "start": "2026-11-21T12:00:00.000Z",
        "end": "2026-11-21T12:00:01.000Z",
    } | fields
