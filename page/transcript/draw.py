"""Entries as HTML: a window of the chat, or a page of its own."""

import asyncio
import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from data_layer.threads import ThreadRecord
from page.colours import theme_colours
from page.transcript.entries import Attachment, Entry, entries_of
from page.transcript.markdown import Markdown
from study.strings import Strings

_STATIC: Final = Path(__file__).parents[1] / "static"
_templates: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)

_BACKTICKS: Final = re.compile("`+")
_PRINT: Final = 'document.getElementById("print").addEventListener("click", () => print());'

Address = Callable[[Attachment], str]


@dataclass(frozen=True)
class Paper:
    """What stands on a transcript beside the words.

    Args:
        title: The heading.
        about: Lines below it.
        closing: Lines at the end.
        participant: What the participant is called.
        address: Where a file is fetched from.
        printable: Whether it has a button to print it with.
    """

    title: str
    about: Sequence[str]
    closing: Sequence[str]
    participant: str
    address: Address
    printable: bool = False


def own_file(file: Attachment) -> str:
    """Where the owner of a file fetches it (page/files.py)."""
    return f"/files/{file.element_id}"


async def draw_window(record: ThreadRecord, strings: Strings) -> str:
    """Draw a window of a thread as the chat does; in a thread of its own, for it takes its time."""
    return await asyncio.to_thread(_window, record, strings)


async def draw_page(pieces: Sequence[ThreadRecord], paper: Paper, strings: Strings) -> str:
    """Draw a whole thread as a page of its own; likewise."""
    return await asyncio.to_thread(_page, pieces, paper, strings)


def page_headers(*, printable: bool = False) -> Mapping[str, str]:
    """The headers of such a page: it may draw itself and its pictures, and nothing else."""
    script = f"script-src '{_hash(_PRINT)}'; " if printable else ""
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src '{_hash(_style())}'; {script}img-src 'self'; font-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }


def clock(moment: datetime) -> str:
    """A time as a reader anywhere understands it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _window(record: ThreadRecord, strings: Strings) -> str:
    template = _templates.get_template("entries.html")
    tools = _tools(Markdown(like_chat=True, no_picture=strings("transcript.no_picture")))
    return template.render(entries=entries_of(record), address=own_file, **tools)


def _page(pieces: Sequence[ThreadRecord], paper: Paper, strings: Strings) -> str:
    entries = [entry for piece in pieces for entry in entries_of(piece)]
    tools = _tools(Markdown(like_chat=False, no_picture=strings("transcript.no_picture")))
    return _templates.get_template("transcript.html").render(
        language=strings.language,
        title=paper.title,
        about=paper.about,
        closing=paper.closing,
        entries=entries,
        participant=paper.participant,
        nothing=strings("transcript.nothing"),
        print_label=strings("transcript.print") if paper.printable else None,
        script=_PRINT if paper.printable else None,
        style=_style(),
        clock=clock,
        address=paper.address,
        **tools,
    )


def _tools(markdown: Markdown) -> dict[str, Any]:
    def draw(entry: Entry) -> Markup:
        text = _fenced(entry.text, entry.language) if entry.language else entry.text
        return Markup(markdown(text))  # noqa: S704  # Markdown escapes all that it is given

    def code(text: str) -> Markup:
        return Markup(markdown(_fenced(text, "json")))  # noqa: S704  # likewise

    return {"draw": draw, "code": code}


def _fenced(text: str, language: str) -> str:
    fence = fence_for(text)
    return f"{fence}{language}\n{text}\n{fence}"


def fence_for(text: str) -> str:
    """A fence that no line of the text can close."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    return "`" * max(3, longest + 1)


_style_made: Final[list[str]] = []


def _style() -> str:
    """The theme's colours and the sheets, inside the page: one request, and nothing to wait for."""
    if not _style_made:
        sheets = [(_STATIC / name).read_text(encoding="utf-8") for name in ("transcript.css", "print.css")]
        _style_made.append(theme_colours() + "".join(sheets))
    return _style_made[0]


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
