"""The examples that our pages show, as they stand in the Markdown: whoever adds one adds a test of it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
_FENCED: Final = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A block of code of a page.

    Args:
        page: The page, from the root of the project.
        number: Which of its blocks in this language, from 0.
        language: As its fence says; "" where it does not.
        code: What stands in it.
    """

    page: str
    number: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page}, {self.language} {self.number}"


def pages() -> list[str]:
    """Every page that people read, from the root of the project."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]
    found += [*(ROOT / "studies").rglob("*.md"), *(ROOT / "tests" / "data").glob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def fenced(page: str) -> list[Example]:
    """All blocks of a page, in their order."""
    examples: list[Example] = []
    for _, language, code in _FENCED.findall((ROOT / page).read_text(encoding="utf-8")):
        number = sum(one.language == language for one in examples)
        examples.append(Example(page, number, language, code))
    return examples


def examples(page: str, *languages: str) -> list[Example]:
    """The blocks of a page in some languages, in their order."""
    return [one for one in fenced(page) if one.language in languages]
