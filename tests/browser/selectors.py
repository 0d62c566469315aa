"""Every selector of ours for Chainlit's page, read from the sheets and scripts."""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, Final

import tinycss2
from playwright.sync_api import BrowserContext, Page
from tinycss2.ast import FunctionBlock, Node, QualifiedRule

from tests.page_scripts import CHAINLIT, TREE, chainlit_selectors, scripts, sheets, with_constants

# They depend on where the pointer is, or are no element.
_PASSING: Final = frozenset(
    (
        *(
            "hover",
            "focus",
            "focus-visible",
            "focus-within",
            "active",
            "after",
            "before",
            "placeholder",
            "backdrop",
        ),
        *("-webkit-search-cancel-button", "-webkit-autofill"),
    )
)
_ANY_OF: Final = frozenset({"is", "where", "has"})
_ASKED: Final = re.compile(
    r"""(?:querySelector(?:All)?|closest|matches)\??\.?\(\s*(?P<quote>["'`])(?P<selector>.*?)(?P=quote)"""
)
_BY_ID: Final = re.compile(r"""getElementById\(\s*["'](?P<id>[\w-]+)["']""")
# Scripts keep some of theirs in constants.
_LISTS: Final = re.compile(
    r"^const (?:ATTRIBUTES|BEGINS|CODE|DRAWN|PRESSED|REFUSED|REPLIES|SCROLLERS|SENTENCES|STEPS|WRITTEN)"
    r" = (.*?);$",
    re.MULTILINE | re.DOTALL,
)
_LITERAL: Final = re.compile(r"""(?P<quote>["'`])(?P<selector>(?:(?!(?P=quote)).)*)(?P=quote)""")


def selectors() -> dict[str, str]:
    """Each selector, one alternative at a time, and where it stands first."""
    found: dict[str, str] = {}
    for path in sheets():
        rules = tinycss2.parse_stylesheet(
            path.read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True
        )
        for rule in _rules(rules):
            for one in _alternatives(rule.prelude):
                found.setdefault(one, f"{path.relative_to(TREE)}:{rule.source_line}")
    written = [(path, one) for path in scripts() for one in _written(with_constants(path))]
    for path, selector in [*((CHAINLIT, one) for one in chainlit_selectors().values()), *written]:
        for one in _alternatives(tinycss2.parse_component_value_list(_filled(selector))):
            found.setdefault(one, str(path.relative_to(TREE)))
    return found


def _rules(nodes: Sequence[Node]) -> Iterator[QualifiedRule]:
    for node in nodes:
        if node.type == "qualified-rule":
            yield node
        elif (
            node.type == "at-rule"
            and node.lower_at_keyword in ("media", "supports")
            and node.content is not None
        ):
            yield from _rules(
                tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
            )


def _written(text: str) -> Iterator[str]:
    for call in _ASKED.finditer(text):
        yield call["selector"]
    for call in _BY_ID.finditer(text):
        yield f"#{call['id']}"
    for block in _LISTS.finditer(text):
        for literal in _LITERAL.finditer(block[1]):
            if re.match(r"[#.\[]|[a-z]+[.\[: ]", literal["selector"]):
                yield literal["selector"]


def _filled(template: str) -> str:
    """A selector without what is filled in when it is asked, and without what the found get from it."""
    named = re.sub(r"""[~^|$*]?=["']?[^\]]*\$\{[^\]]*\]""", "]", template)
    return named.replace(":scope", "*").replace(":not([dir])", "").replace(":not([data-said])", "")


def _alternatives(nodes: Sequence[Node]) -> Iterator[str]:
    """Selectors without commas and without what a pointer does, each `:is(a, b)` as two."""
    for member in _members(nodes):
        if "${" not in (text := tinycss2.serialize(member)) and text.strip():
            yield from (one for one in dict.fromkeys(_expanded(member)) if one)


def _members(nodes: Sequence[Node]) -> list[list[Node]]:
    members: list[list[Node]] = [[]]
    for node in nodes:
        if node.type == "literal" and node.value == ",":
            members.append([])
        else:
            members[-1].append(node)
    return members


def _expanded(nodes: Sequence[Node]) -> list[str]:
    parts: list[list[str]] = []
    at = 0
    while at < len(nodes):
        node = nodes[at]
        if node.type == "literal" and node.value == ":":
            colons = 2 if at + 1 < len(nodes) and nodes[at + 1] == ":" else 1
            told = nodes[at + colons]
            parts.append(_pseudo(told, colons))
            at += colons + 1
            continue
        parts.append([tinycss2.serialize([node])])
        at += 1
    return [_tidy("".join(one)) for one in product(*parts)]


def _pseudo(told: Any, colons: int) -> list[str]:
    name = told.lower_name if isinstance(told, FunctionBlock) else told.lower_value
    if name in _PASSING:
        return [""]
    if not isinstance(told, FunctionBlock):
        return [":" * colons + name]
    inside = [one for member in _members(told.arguments) for one in _expanded(member) if one]
    if name in _ANY_OF:
        return [f":{name}({one})" for one in inside]
    return [f":{name}({', '.join(inside)})" if inside else ""]


def _tidy(selector: str) -> str:
    bare = re.sub(r"\s+", " ", selector).strip()
    bare = re.sub(r"([>+~]) ?$", r"\1 *", bare)  # `:focus > x` and the like
    return re.sub(r"(^|[ (])([>+~]) ?([>+~])", r"\1\2 * \3", bare)


_LOOK: Final = """(all) => {
  const left = new Set(all);
  let waits = 0, pause = 60;
  const look = () => {
    const began = performance.now();
    waits = 0;
    for (const one of left) {
      let found = "!";
      try { found = document.querySelector(one) && ""; } catch {}
      if (found === null) continue;
      left.delete(one);
      foundSelector(found + one);
    }
    pause = 60 + 9 * (performance.now() - began); // the page itself has work to do
  };
  const soon = () => { waits ||= setTimeout(look, pause); };
  window.lookForSelectors = look;
  new MutationObserver(soon).observe(document, { childList: true, subtree: true, attributes: true });
  soon();
}"""


class Seen:
    """Which selectors have found something on the pages of browsers that are looked at.

    Attributes:
        left: Those that have not, and where they stand.
        wrong: What is no selector.
    """

    def __init__(self) -> None:
        self.left = selectors()
        self.wrong: set[str] = set()

    def watch(self, context: BrowserContext) -> None:
        """Look at all pages of a browser from now on, whenever something changes there."""
        context.expose_function("foundSelector", self._found)
        context.add_init_script(f"({_LOOK})({list(self.left)!r})")

    def look(self, page: Page) -> None:
        """Look now."""
        page.evaluate("window.lookForSelectors?.()")

    def _found(self, selector: str) -> None:
        if selector.startswith("!"):
            self.wrong.add(selector[1:])
        self.left.pop(selector.removeprefix("!"), None)
