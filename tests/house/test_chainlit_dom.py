"""Chainlit's own elements have their names in one script: after a new Chainlit, only that one is mended.

Sheets name them too, since CSS imports no constants; tests/browser/test_selectors.py tries both on the page.
"""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.house.tree import files, text
from tests.page_scripts import CHAINLIT, TREE, chainlit_selectors, code, scripts

OTHERS: Final = [path for path in scripts() if path != CHAINLIT]
# Not after what stands before a property: then it is a class. A name with a hyphen is no property anyway.
NO_PROPERTY: Final = r"(?<![\w.?)/\]-])"
ENDS: Final = r"(?![\w-])"
# A script of ours keeps a state of its own elements so, and Chainlit one of its.
OURS_TOO: Final = frozenset({"data-state"})


def names(of: str) -> set[str]:
    """The ids, beginnings of ids, classes or attributes that the selectors of chainlit.js name."""
    return {name for value in chainlit_selectors().values() for name in re.findall(of, value)}


def forbidden() -> list[str]:
    """Patterns of what would find an element of Chainlit's without chainlit.js."""
    patterns = []
    for name in names(r"#([\w-]+)"):
        patterns.append(rf"#{name}{ENDS}")
        patterns.append(rf"""(?:getElementById\(\s*|\bid [!=]== )["'`]{name}["'`]""")
    for name in names(r"""\[id\^?=["']?([\w-]+)"""):
        patterns.append(rf"""(?:getElementById\(\s*["'`]|\bid\^?=["']?|startsWith\(["']|#){name}""")
        patterns.append(rf"""["'`]{name}["'`]\.length""")
    for name in names(r"\.([a-z][\w-]*)"):
        patterns.append(rf"{'' if '-' in name else NO_PROPERTY}\.{name}{ENDS}")
        patterns.append(rf"""(?:contains|getElementsByClassName)\(["'`]{name}["'`]\)""")
    for name in names(r"\[(data-[\w-]+)"):
        patterns.append(rf"\[{name}{ENDS}")
        if name not in OURS_TOO:
            in_script = re.sub(r"-(\w)", lambda found: found[1].upper(), name.removeprefix("data-"))
            patterns.append(rf"\bdataset\??\.{in_script}\b")
    return patterns


FORBIDDEN: Final = re.compile("|".join(forbidden()))
ASKED: Final = re.compile(
    r"""(?:(?:querySelector(?:All)?|closest|matches)\??\.?\(\s*|^const [A-Z]+ = )(["'`])(?P<selector>.*?)\1"""
    r"""|getElementById\(["'](?P<id>[\w-]+)""",
    re.MULTILINE,
)


def asked(script: str) -> set[str]:
    """The ids and classes that a script looks for, those of chainlit.js aside."""
    found = set()
    for call in ASKED.finditer(script):
        selector = re.sub(r"\$\{[^}]*\}", "", call["selector"] or f"#{call['id']}")
        found.update(re.findall(r"(?<![\w/])[#.]([a-z][\w-]*)", selector))
    return found


def is_made(name: str, by: str) -> bool:
    """Whether some element gets this id or class in a script or template."""
    return bool(
        re.search(rf"""\b(?:class|id)["']?(?:=|: )["'`][^"'`>]*(?<![\w-]){name}(?![\w-])""", by)
        or re.search(rf"""classList\.(?:add|toggle)\("{name}\"""", by)
    )


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: str(path.relative_to(TREE)))
def test_a_script_finds_chainlits_elements_by_chainlit_js(path: Path) -> None:
    """None but chainlit.js writes an id, class or attribute of Chainlit's."""
    assert [line.strip() for line in code(path).splitlines() if FORBIDDEN.search(line)] == []


@pytest.mark.parametrize(
    "line",
    [
        'document.getElementById("chat-input")?.focus();',
        'if (event.target.id !== "chat-input") return;',
        'document.querySelector("#welcome-screen > #message-composer")',
        "document.querySelector(`${HISTORY} .truncate`)",
        'step.closest(".step")',
        "document.getElementById(`step-${id}`)",
        "document.querySelector('[id^=\"step-\"]')",
        'item.id.slice("thread-".length)',
        'document.querySelector("[data-sidebar=content]")',
        'if (step.dataset.stepType === "user_message") return;',
        'node.classList.contains("message-content")',
        'const REPLIES = "p.message-content";',
    ],
)
def test_the_rule_would_catch_a_name(line: str) -> None:
    """In each way in which a script finds an element."""
    assert FORBIDDEN.search(line)


def test_what_else_a_script_looks_for_is_made_by_ours() -> None:
    """Also of those elements of Chainlit's that chainlit.js does not name yet."""
    ours = [text(path) for path in files(".html", ".py") if path.parts[0] == "page"]
    made = "".join([*(code(path) for path in OTHERS), *ours])
    looked_for = set().union(*(asked(code(path)) for path in OTHERS))
    assert len(looked_for) > 20
    assert [name for name in sorted(looked_for) if not is_made(name, made)] == []
    assert asked("document.querySelector(`${HEADER} > .readme-button`)") == {"readme-button"}
    assert not is_made("readme-button", made)


def test_each_name_is_used() -> None:
    """A name in chainlit.js that no script asks for would be mended for nothing."""
    exported = re.findall(r"^export const (\w+)", code(CHAINLIT), re.MULTILINE)
    assert set(chainlit_selectors()) <= set(exported)
    written = "".join(code(path) for path in OTHERS) + code(CHAINLIT)
    # Once where it is made or imported, and once at least where it is used.
    assert [name for name in exported if len(re.findall(rf"\b{name}\b", written)) < 2 + _imports(name)] == []


def _imports(name: str) -> int:
    return sum(bool(re.search(rf"import \{{[^}}]*\b{name}\b", code(path))) for path in OTHERS)
