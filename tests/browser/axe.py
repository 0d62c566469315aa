"""What axe finds on a page: https://github.com/dequelabs/axe-core."""

from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.waiting import what_stays

# What is not asked for is cut short: to describe each element that passed takes axe three times as long.
WANTED: Final = {"resultTypes": ["violations"]}
# Between day and night only colours differ: all rules twice would take twice as long.
_OF_COLOURS: Final = ("color-contrast", "link-in-text-block")
# Nothing fades or moves any more, but for what never ends, as a sign that something is awaited.
_AT_REST: Final = """() => document.getAnimations().every((one) =>
  one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity)"""
_ASK: Final = "async (options) => (await axe.run(options)).violations"
# A page has a dozen colours, and axe reads them from their text at each element: that is half of its work.
_REMEMBER_COLOURS: Final = """(() => {
  const { Color } = axe.commons.color;
  const read = Color.prototype.parseString;
  const known = new Map();
  Color.prototype.parseString = function (text) {
    if (known.has(text)) {
      [this.r, this.g, this.b, this.alpha] = known.get(text);
    } else {
      read.call(this, text);
      known.set(text, [this.r, this.g, this.b, this.alpha]);
    }
    return this;
  };
})()"""


def rules_of(look: str) -> tuple[str, ...]:
    """The rules to ask for of a page that was asked for all by day: none named are all."""
    return _OF_COLOURS if look == "dark" else ()


def grave(page: Page, *only: str, known: tuple[str, ...] = ()) -> list[str]:
    """What axe calls serious or critical, with the place; of all its rules, or of these alone.

    What the page is about to change, a frame later, is looked at again: what stays is told.

    Args:
        page: As it now stands.
        only: The rules to ask for.
        known: Of which rules nothing is told.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
        page.evaluate(_REMEMBER_COLOURS)
    options: dict[str, Any] = WANTED | ({"runOnly": list(only)} if only else {})

    def find() -> list[str]:
        page.wait_for_function(_AT_REST)
        return [one for one in _found(page.evaluate(_ASK, options)) if not one.startswith(known)]

    return what_stays(page, find)


def _found(violations: list[dict[str, Any]]) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
