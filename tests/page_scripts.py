"""The scripts and sheets of Chainlit's page, as tests read them."""

import re
from pathlib import Path
from typing import Final

TREE: Final = Path(__file__).parents[1]
PAGE: Final = TREE / "public" / "page"
# Where Chainlit's own elements have their names.
CHAINLIT: Final = PAGE / "base" / "chainlit.js"

_COMMENT: Final = re.compile(r"^\s*//.*$|(?<=[;,{(]) // .*$", re.MULTILINE)
_CONSTANT: Final = re.compile(
    r"^(?P<export>export )?const (?P<name>[A-Z_]+) = (?P<quote>[\"'`])(?P<value>.*?)(?P=quote);$",
    re.MULTILINE,
)
_NAMED: Final = re.compile(r"\$\{([A-Z_]+)\}")


def sheets() -> list[Path]:
    """Our sheets on Chainlit's page."""
    return [TREE / "public/style.css", *sorted(PAGE.rglob("*.css"))]


def scripts() -> list[Path]:
    """Our scripts on it."""
    return [TREE / "public/script.js", *sorted(PAGE.rglob("*.js"))]


def code(path: Path) -> str:
    """A script without its comments."""
    return _COMMENT.sub("", path.read_text(encoding="utf-8"))


def chainlit_selectors() -> dict[str, str]:
    """What chainlit.js exports as a selector: name and value."""
    script = code(CHAINLIT)
    exported = {found["name"] for found in _CONSTANT.finditer(script) if found["export"]}
    return {name: value for name, value in _constants(script, {}).items() if name in exported}


def with_constants(path: Path) -> str:
    """A script without its comments, with the constants that its texts name put into them."""
    script = code(path)
    return _put(script, _constants(script, chainlit_selectors()))


def _constants(script: str, known: dict[str, str]) -> dict[str, str]:
    constants = dict(known)
    for found in _CONSTANT.finditer(script):
        constants[found["name"]] = _put(found["value"], constants)
    return constants


def _put(script: str, constants: dict[str, str]) -> str:
    return _NAMED.sub(lambda found: constants.get(found[1], found[0]), script)
