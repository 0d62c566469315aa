"""README's picture of the house is the house: each arrow an import, and each import along arrows."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.house.tree import imports, modules, text

NODE = re.compile(r'(\w+)\["(.+?)<br>')
ARROW = re.compile(r"(\w+)(?:\[.*?\])? --> (\w+)")
# Entry points that stand in a package read the settings; they are not the package's way.
ENTRIES = ("page/serve.py", "exports/__main__.py")


def picture() -> str:
    """The drawing's own text."""
    return text(Path("README.md")).partition("```mermaid\n")[2].partition("```")[0]


def rooms() -> dict[str, str]:
    """Which node a package or a module at the root is drawn in."""
    return {
        name.strip(" /").removesuffix(".py"): node
        for node, names in NODE.findall(picture())
        for name in names.split("·")
    }


def drawn() -> set[tuple[str, str]]:
    """The arrows."""
    return {(start, end) for start, end in ARROW.findall(picture())}


def built() -> set[tuple[str, str]]:
    """What one node's modules import of another's."""
    where = rooms()
    return {
        (where[path.parts[0].removesuffix(".py")], where[name])
        for path in modules()
        if path.parts[0].removesuffix(".py") in where and str(path) not in ENTRIES
        for name in imports(path)
        if name in where and where[name] != where[path.parts[0].removesuffix(".py")]
    }


def reached(arrows: set[tuple[str, str]], start: str) -> set[str]:
    """Every node below another."""
    below = {end for begin, end in arrows if begin == start}
    return below.union(*(reached(arrows, end) for end in below))


def test_every_arrow_is_an_import() -> None:
    """Nothing is drawn that does not stand in the code."""
    assert drawn() - built() == set()
    assert len(drawn()) > 10


def test_every_import_is_along_arrows() -> None:
    """Nothing stands in the code that a reader of the picture would not expect."""
    arrows = drawn()
    assert {(start, end) for start, end in built() if end not in reached(arrows, start)} == set()


def test_every_package_is_drawn() -> None:
    """A new one has its place in the picture."""
    from tests.house.tree import ENTRY_POINTS, PACKAGES

    names = {*PACKAGES, *(name.removesuffix(".py") for name in ENTRY_POINTS), "settings", "secret_key"}
    assert rooms().keys() == names


@pytest.mark.parametrize("arrows", [{("a", "b"), ("b", "c")}])
def test_the_rule_follows_arrows_down(arrows: set[tuple[str, str]]) -> None:
    """Along several, and never up."""
    found: Mapping[str, set[str]] = {node: reached(arrows, node) for node in "abc"}
    assert found == {"a": {"b", "c"}, "b": {"c"}, "c": set()}
