"""A participant takes a conversation with them: three files, and a page to print."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from data_layer.conversations import intents
from data_layer.conversations.paging import whole_thread
from data_layer.conversations.threads import ThreadRecord, owner_of
from data_layer.record import Record
from page.me.participant_request import ParticipantRequest, ParticipantRoutes
from page.transcript.draw import Paper, clock, draw_page, own_file, transcript_headers
from page.transcript.entries import entries_of
from page.transcript.text import TranscriptConversation, as_json, as_markdown, as_text
from study.definition import Study
from study.strings import Strings
from study.text import beginning
from web.file_names import plain_name
from web.files import SANDBOX
from web.pages import NOT_KEPT
from web.problem import HttpProblem

_KINDS: Final[Mapping[str, tuple[str, Callable[[TranscriptConversation, Strings], str]]]] = {
    "md": ("text/markdown; charset=utf-8", as_markdown),
    "txt": ("text/plain; charset=utf-8", as_text),
    "json": ("application/json", as_json),
}
# With the date and the ending below what file systems take, in any script.
_LONGEST_TITLE: Final = 60


def save_routes(own: ParticipantRoutes, record: Record, definition: Callable[[], Study]) -> list[BaseRoute]:
    """Make the routes of the files and of the page to print.

    Args:
        own: Makes routes for participants.
        record: Read.
        definition: The study's file as it now is.
    """

    async def save(asked: ParticipantRequest) -> Response:
        kind = _KINDS.get(asked.path("ending"))
        if kind is None:
            raise HttpProblem(404, "asked.no_such_thing")
        pieces = await _own_thread(record, asked)
        title = pieces[0].thread["title"] or definition().title
        now = record.now()

        def written() -> bytes:
            entries = [entry for piece in pieces for entry in entries_of(piece)]
            conversation = TranscriptConversation(title, definition().title, now, entries)
            return kind[1](conversation, asked.strings).encode("utf-8", "surrogatepass")

        return Response(
            # A long one takes its time: others need not wait for it.
            await asyncio.to_thread(written),
            media_type=kind[0],
            headers={
                "Content-Disposition": _disposition(f"{_short(title)} {now:%Y-%m-%d}.{asked.path('ending')}"),
                **NOT_KEPT,
                # Some browsers draw Markdown or text in place: nothing in it runs there.
                "Content-Security-Policy": SANDBOX,
            },
        )

    async def to_print(asked: ParticipantRequest) -> Response:
        pieces = await _own_thread(record, asked)
        strings, study = asked.strings, definition()
        paper = Paper(
            title=pieces[0].thread["title"] or study.title,
            about=[study.title, strings("transcript.saved", when=clock(record.now()))],
            closing=[],
            participant=strings("transcript.you"),
            address=own_file,
            printable=True,
        )
        return HTMLResponse(
            await draw_page(pieces, paper, strings), headers=transcript_headers(printable=True)
        )

    return [
        own.route("/me/threads/{thread_id}/save.{ending}", save),
        own.route("/me/threads/{thread_id}/print", to_print),
    ]


async def _own_thread(record: Record, asked: ParticipantRequest) -> list[ThreadRecord]:
    """Raises HttpProblem: not there, or not theirs: one answer for both."""
    thread_id = asked.path("thread_id")
    owner = await owner_of(record.database, thread_id)
    pieces: list[ThreadRecord] = []
    if owner is not None and owner == asked.participant_id:
        pieces = await whole_thread(record.database, thread_id)
    if not pieces:
        raise HttpProblem(404, "asked.no_such_thing")
    told = await intents.lines(record.database, thread_id)
    return [replace(piece, intents=told) for piece in pieces]


def _short(title: str) -> str:
    # Characters that some file systems refuse, or read as part of a path.
    bare = "".join(
        " " if character in '<>:"|?*' or not character.isprintable() else character for character in title
    )
    return beginning(" ".join(plain_name(bare).split()), _LONGEST_TITLE).strip(" .") or "conversation"


def _disposition(name: str) -> str:
    """RFC 6266: plain letters for old readers, the whole name for all others."""
    plain = "".join(
        character if character.isascii() and character not in '"\\%;' else "_" for character in name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
