"""Reads a docstring in Google's style: what a function does, and what each of its parameters means."""

import inspect
import re
from dataclasses import dataclass, field
from typing import Final

_SECTION: Final = re.compile(
    r"^(Args|Arguments|Parameters|Returns?|Raises|Yields?|Examples?|Notes?|Attributes):\s*$"
)
_ARGS: Final = frozenset({"Args", "Arguments", "Parameters"})
_PARAMETER: Final = re.compile(r"^\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")


@dataclass(frozen=True)
class Docstring:
    """What it says.

    Args:
        description: All that stands before its first section.
        parameters: What each parameter means, by name.
    """

    description: str
    parameters: dict[str, str] = field(default_factory=dict)


def read_docstring(text: str | None) -> Docstring:
    """Read a docstring; None and white space say nothing."""
    before: list[str] = []
    args: list[str] = []
    section: str | None = None
    for line in inspect.cleandoc(text or "").splitlines():
        if found := _SECTION.match(line):
            section = found[1]
        elif section is None:
            before.append(line)
        elif section in _ARGS:
            args.append(line)
    return Docstring("\n".join(before).strip(), _parameters(args))


def _parameters(lines: list[str]) -> dict[str, str]:
    said: dict[str, list[str]] = {}
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    name = ""
    for line in lines:
        indent = len(line) - len(line.lstrip())
        found = _PARAMETER.match(line.strip())
        if found and indent == indents[0]:
            name = found[1]
            said[name] = [found[2]]
        elif name:
            said[name].append(line.strip())
    return {name: " ".join(part for part in parts if part) for name, parts in said.items()}
