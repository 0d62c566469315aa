"""A participant takes a conversation along, by whichever door: three kinds of file, and a page to print."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from data_layer.conversations import intents
from data_layer.conversations.paging import whole_thread
from data_layer.conversations.threads import ThreadRecord, owner_of
from data_layer.record import Record
from stages.transcript.draw import Address, Paper, clock, draw_page, own_file, transcript_headers
from stages.transcript.entries import entries_of
from stages.transcript.text import TranscriptConversation, as_json, as_markdown, as_text
from study.strings import Strings
from study.text import beginning
from web.file_names import plain_name
from web.files import SANDBOX
from web.pages import NOT_KEPT
from web.problem import HttpProblem

KINDS: Final[Mapping[str, tuple[str, Callable[[TranscriptConversation, Strings], str]]]] = {
    "md": ("text/markdown; charset=utf-8", as_markdown),
    "txt": ("text/plain; charset=utf-8", as_text),
    "json": ("application/json", as_json),
}
# With the date and the ending below what file systems take, in any script.
_LONGEST_TITLE: Final = 60


@dataclass(frozen=True)
class OwnCopies:
    """Makes copies of threads for their participants.

    Args:
        record: Read.
        study: The study's title.
        strings: In the participant's language.
    """

    record: Record
    study: str
    strings: Strings

    async def file(self, participant_id: str, thread_id: str, ending: str) -> Response:
        """A thread as a file.

        Args:
            participant_id: Whose it must be.
            thread_id: Which.
            ending: A key of KINDS.

        Raises:
            HttpProblem: There is no such kind, or no such thread of theirs.
        """
        kind = KINDS.get(ending)
        if kind is None:
            raise HttpProblem(404, "asked.no_such_thing")
        pieces = await self._own_thread(participant_id, thread_id)
        title = pieces[0].thread["title"] or self.study
        now = self.record.now()

        def written() -> bytes:
            entries = [entry for piece in pieces for entry in entries_of(piece)]
            conversation = TranscriptConversation(title, self.study, now, entries)
            return kind[1](conversation, self.strings).encode("utf-8", "surrogatepass")

        return Response(
            # A long one takes its time: others need not wait for it.
            await asyncio.to_thread(written),
            media_type=kind[0],
            headers={
                "Content-Disposition": _disposition(f"{_short(title)} {now:%Y-%m-%d}.{ending}"),
                **NOT_KEPT,
                # Some browsers draw Markdown or text in place: nothing in it runs there.
                "Content-Security-Policy": SANDBOX,
            },
        )

    async def to_print(self, participant_id: str, thread_id: str, address: Address = own_file) -> Response:
        """A thread as a page to print.

        Args:
            participant_id: Whose it must be.
            thread_id: Which.
            address: Where its files are fetched from.

        Raises:
            HttpProblem: There is no such thread of theirs.
        """
        pieces = await self._own_thread(participant_id, thread_id)
        paper = Paper(
            title=pieces[0].thread["title"] or self.study,
            about=[self.study, self.strings("transcript.saved", when=clock(self.record.now()))],
            closing=[],
            participant=self.strings("transcript.you"),
            address=address,
            printable=True,
        )
        page = await draw_page(pieces, paper, self.strings)
        return HTMLResponse(page, headers=transcript_headers(printable=True))

    async def _own_thread(self, participant_id: str, thread_id: str) -> list[ThreadRecord]:
        """Raises HttpProblem: not there, or not theirs: one answer for both."""
        owner = await owner_of(self.record.database, thread_id)
        pieces: list[ThreadRecord] = []
        if owner is not None and owner == participant_id:
            pieces = await whole_thread(self.record.database, thread_id)
        if not pieces:
            raise HttpProblem(404, "asked.no_such_thing")
        told = await intents.lines(self.record.database, thread_id)
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
