"""Entries as HTML: a window of the chat, or a page of its own."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from data_layer.conversations.threads import ThreadRecord
from stages.transcript.entries import AttachedFile, Entry, entries_of
from stages.transcript.markdown import TranscriptMarkdown
from study.strings import Strings
from web.pages import hash_of, policy, style_of, templates_in
from web.pages import page_headers as headers_of

_INLINED: Final = Path(__file__).parent / "inlined"
_templates: Final = templates_in(Path(__file__).parent / "templates")

_BACKTICKS: Final = re.compile("`+")
_PRINT: Final = 'document.getElementById("print").addEventListener("click", () => print());'

Address = Callable[[AttachedFile], str]


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


def own_file(file: AttachedFile) -> str:
    """Where the owner of a file fetches it (page/me/files.py)."""
    return f"/files/{file.element_id}"


async def draw_window(record: ThreadRecord, strings: Strings) -> str:
    """Draw a window of a thread as the chat does; in a thread of its own, for it takes its time."""
    return await asyncio.to_thread(_window, record, strings)


async def draw_page(pieces: Sequence[ThreadRecord], paper: Paper, strings: Strings) -> str:
    """Draw a whole thread as a page of its own; likewise."""
    return await asyncio.to_thread(_page, pieces, paper, strings)


def transcript_headers(*, printable: bool = False) -> Mapping[str, str]:
    """The headers of such a page: it may draw itself and its pictures, and nothing else."""
    opened = {"style_src": hash_of(_style()), "img_src": "'self'", "font_src": "'self'"}
    if printable:
        opened["script_src"] = hash_of(_PRINT)
    return headers_of(policy(**opened), referrer="no-referrer") | {
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow",
    }


def clock(moment: datetime) -> str:
    """A time as a reader anywhere understands it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _window(record: ThreadRecord, strings: Strings) -> str:
    template = _templates.get_template("entries.html")
    tools = _tools(TranscriptMarkdown(like_chat=True, no_picture=strings("transcript.no_picture")), strings)
    return template.render(entries=entries_of(record), address=own_file, **tools)


def _page(pieces: Sequence[ThreadRecord], paper: Paper, strings: Strings) -> str:
    entries = [entry for piece in pieces for entry in entries_of(piece)]
    tools = _tools(TranscriptMarkdown(like_chat=False, no_picture=strings("transcript.no_picture")), strings)
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


def _tools(markdown: TranscriptMarkdown, strings: Strings) -> dict[str, Any]:
    def draw(entry: Entry) -> Markup:
        return markdown(_fenced(entry.text, entry.language) if entry.language else entry.text)

    def code(text: str) -> Markup:
        return markdown(_fenced(text, "json"))

    return {"draw": draw, "code": code, "strings": strings}


def _fenced(text: str, language: str) -> str:
    fence = fence_for(text)
    return f"{fence}{language}\n{text}\n{fence}"


def fence_for(text: str) -> str:
    """A fence that no line of the text can close."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    return "`" * max(3, longest + 1)


@cache
def _style() -> Markup:
    return style_of(_INLINED / "transcript.css", _INLINED / "print.css")
