"""A page of a stage, read as a browser reads it: its form, its fields, and what is said to be wrong."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_VOID: Final = frozenset({"input", "meta", "link", "br", "img", "hr", "source", "wbr"})
_SILENT: Final = frozenset({"style", "script", "title"})
_BOX: Final = "box_"


@dataclass
class Control:
    """Something that can be filled in or chosen.

    Args:
        name: Under which it is sent.
        type: As HTML names it.
        value: What it holds, or sends when it is chosen.
        least: Of a number.
        most: Likewise.
        step: Likewise.
        words: What stands beside it.
    """

    name: str
    type: str
    value: str = ""
    least: str = ""
    most: str = ""
    step: str = ""
    words: str = ""


@dataclass
class PageQuestion:
    """A question of a page.

    Args:
        id: The item's.
        kind: What is asked for; "" where the page does not say.
        applies_later: Whether it is shown only after certain answers.
        controls: In their order.
        words: All that stands there.
        flaw: What is wrong with what was sent.
    """

    id: str
    kind: str
    applies_later: bool = False
    controls: list[Control] = field(default_factory=list)
    words: str = ""
    flaw: str = ""

    @property
    def is_consent(self) -> bool:
        """Whether it is a box of a consent."""
        return self.id.startswith(_BOX)


@dataclass
class ReadPage:
    """What a page shows.

    Args:
        stage: The stage's id; "" on the page of an ending.
        kind: What the stage is.
        hidden: What is sent without being seen.
        questions: In their order.
        buttons: Name and value of each; the first is the one that Enter presses.
        words: All that is read, as one text.
        code: Of the ending, where there is one.
        form: Whether it has one.
        seconds: How long one has to wait on it.
    """

    stage: str = ""
    kind: str = ""
    hidden: list[tuple[str, str]] = field(default_factory=list)
    questions: list[PageQuestion] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    words: str = ""
    code: str | None = None
    form: bool = False
    seconds: int = 0

    @property
    def visit(self) -> str:
        """Which page of theirs it is."""
        return dict(self.hidden).get("visit", "")

    @property
    def flaws(self) -> list[str]:
        """What is wrong with what was sent."""
        return [f"{one.id}: {one.flaw}" for one in self.questions if one.flaw]


def read_page(html: str) -> ReadPage:
    """Read a page.

    Args:
        html: As the server sent it.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.page.words = re.sub(r"\s+", " ", reader.page.words).strip()
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = ReadPage()
        self._open: list[str] = []
        self._question: PageQuestion | None = None
        self._depth = 0
        self._control: Control | None = None
        self._flaw_of = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "main":
            self.page.stage, self.page.kind = said.get("data-stage", ""), said.get("data-kind", "")
        elif tag == "form":
            self.page.form = True
        elif tag == "div" and said.get("id", "").startswith("item-"):
            self._question = PageQuestion(
                said["id"].removeprefix("item-"), said.get("data-kind", ""), "data-show-if" in said
            )
            self._depth = len(self._open)
            self.page.questions.append(self._question)
        elif tag == "output":
            self.page.code = ""
        elif tag == "p" and "flaw" in said.get("class", ""):
            self._flaw_of = said.get("id", "").removeprefix("wrong-")
        elif tag == "button" and said.get("type") == "submit":
            self.page.buttons.append((said.get("name", ""), said.get("value", "")))
        elif "data-seconds" in said:
            self.page.seconds = int(said["data-seconds"])
        elif tag in {"input", "textarea"}:
            self._add(tag, said)

    def _add(self, tag: str, said: dict[str, str]) -> None:
        control = Control(
            said.get("name", ""),
            said.get("type", "text") if tag == "input" else tag,
            said.get("value", ""),
            said.get("min", ""),
            said.get("max", ""),
            said.get("step", ""),
            said.get("aria-label", ""),
        )
        if control.type == "hidden":
            self.page.hidden.append((control.name, control.value))
        elif self._question is not None:
            self._question.controls.append(control)
            self._control = control

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open.pop() != tag:
            pass
        if tag == "p":
            self._flaw_of = ""
        if tag == "label":
            self._control = None
        if self._question is not None and len(self._open) < self._depth:
            self._question = self._control = None

    def handle_data(self, data: str) -> None:
        if any(tag in _SILENT for tag in self._open):
            return
        self.page.words += f" {data}"
        if "output" in self._open:
            self.page.code = (self.page.code or "") + data
        if self._question is None:
            return
        if self._flaw_of:
            self._question.flaw += data
            return
        self._question.words += f" {data}"
        if self._control is not None:
            self._control.words = f"{self._control.words} {data}".strip()
