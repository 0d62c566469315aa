"""What axe finds on a page: https://github.com/dequelabs/axe-core."""

from typing import Any, Final

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# What is not asked for is cut short: to describe each element that passed takes axe three times as long.
WANTED: Final = {"resultTypes": ["violations"]}
# Between day and night only colours differ: all rules twice would take twice as long.
_OF_COLOURS: Final = ("color-contrast", "link-in-text-block")
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


def grave(page: Page, *only: str) -> list[str]:
    """What axe calls serious or critical, with the place; of all its rules, or of these alone."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
        page.evaluate(_REMEMBER_COLOURS)
    options: dict[str, Any] = WANTED | ({"runOnly": list(only)} if only else {})
    violations: list[dict[str, Any]] = page.evaluate(_ASK, options)
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
