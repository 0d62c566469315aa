"""Uploads: taken to the disk as they come, looked at by content, and only then known to anybody."""

import asyncio
import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from data_layer.conversations.attachments import Pending
from data_layer.database.durable import sync_file
from data_layer.database.private import make_file
from data_layer.record import Record
from stages.content_types import MOST_PIXELS, Content, recognise
from study.numbers import whole_number
from study.participation import AttachmentRules
from study.strings import Strings
from web.file_names import last_part, plain_name
from web.problem import HttpProblem

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MEGABYTE: Final = 1_000_000  # as Chainlit's page counts (frontend/src/hooks/useUpload.tsx)
# What a form adds to its file: a boundary twice, and a few headers.
_AROUND: Final = 8_192
_BOUNDARY: Final = re.compile(rb"[0-9A-Za-z'()+_,./:=?-]{1,70}")
# Uploads of one participant at the same moment.
_AT_ONCE: Final = 20
# Files that may wait for one participant's messages, in all tabs: times what one message may have.
_MESSAGES_AHEAD: Final = 4


class Uploads:
    """Takes files for their participants' messages.

    Args:
        record: Where they wait.
        allowed: What the study lets participants attach, now; None for nothing.
    """

    def __init__(self, record: Record, allowed: Callable[[], AttachmentRules | None]) -> None:
        self._record = record
        self._allowed = allowed
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def one_more(self, participant_id: str) -> Iterator[AttachmentRules]:
        """Count an upload while it comes; a refusal is kept.

        Yields:
            What is allowed.

        Raises:
            HttpProblem: Nothing is, or too many come at once.
        """
        allowed = self._allowed()
        if allowed is None:
            raise HttpProblem(403, "attachments.not_here")
        if self._under_way[participant_id] >= _AT_ONCE:
            raise HttpProblem(429, "attachments.at_once")
        self._under_way[participant_id] += 1
        try:
            yield allowed
        except HttpProblem as problem:
            why = problem.text.partition(".")[2]
            self._record.refused("upload", why, participant_id)
            raise
        finally:
            self._under_way[participant_id] -= 1
            if not self._under_way[participant_id]:
                del self._under_way[participant_id]

    async def take(
        self,
        request: Request,
        participant_id: str,
        session_id: str,
        allowed: AttachmentRules,
        strings: Strings,
        attachment_id: str | None = None,
    ) -> Pending:
        """Take the one file of a form.

        Args:
            request: With the form as its body.
            participant_id: Whose it will be.
            session_id: The page's that it is uploaded in; "" for none.
            allowed: As `one_more` gave it.
            strings: In the participant's language.
            attachment_id: The id that it will have; None for a new one.

        Raises:
            HttpProblem: It is not what the study allows.
        """
        record, attachment_id = self._record, attachment_id or str(uuid.uuid4())
        place = record.attachments.begin(participant_id, attachment_id)
        try:
            received = await _receive(request, place, allowed.max_size_mb)
            await asyncio.to_thread(sync_file, place)
            name = plain_name(last_part(received.name))
            content = await asyncio.to_thread(recognise, place, name)
            _check(received, content, allowed, strings)
            pending = Pending(
                attachment_id,
                participant_id,
                session_id,
                name,
                str(content.kind) if content else "",
                content.mime if content else "",
                received.size,
                received.digest.hexdigest(),
            )
            most = allowed.max_files * _MESSAGES_AHEAD
            await asyncio.to_thread(record.attachments.put, pending, most)
        finally:
            place.unlink(missing_ok=True)  # Moved away by put, unless something was wrong.
        return pending


def _check(
    received: "_Received", content: Content | None, allowed: AttachmentRules, strings: Strings
) -> None:
    if not received.size:
        raise HttpProblem(400, "attachments.empty", field="file")
    if content is None or content.kind not in allowed.kinds:
        kinds = ", ".join(strings(f"attachments.{kind}") for kind in allowed.kinds)
        raise HttpProblem(
            415, "attachments.not_allowed", field="file", allowed=kinds, limit=allowed.max_size_mb
        )
    if content.pixels > MOST_PIXELS:
        raise HttpProblem(413, "attachments.too_many_pixels", field="file", limit=MOST_PIXELS // 1_000_000)


async def _receive(request: Request, place: Path, max_size_mb: int) -> "_Received":
    """Write the one file of a form to the disk, and never more of it than is allowed."""
    longest = max_size_mb * MEGABYTE
    too_large = HttpProblem(413, "attachments.too_large", field="file", limit=max_size_mb)
    if (whole_number(request.headers.get("content-length"), 18) or 0) > longest + _AROUND:
        raise too_large
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not _BOUNDARY.fullmatch(boundary):
        raise HttpProblem(400, "asked.not_readable")
    came = 0
    make_file(place)
    with place.open("wb", buffering=0) as file:
        received = _Received(file.write)
        parser = MultipartParser(boundary, received.callbacks())
        try:
            async for chunk in request.stream():
                came += len(chunk)
                if came > longest + _AROUND:
                    raise too_large
                parser.write(chunk)
                if received.size > longest:
                    raise too_large
        except (FormParserError, ClientDisconnect, _Odd):
            raise HttpProblem(400, "asked.not_readable") from None
    if not received.whole:
        raise HttpProblem(400, "asked.not_readable")
    return received


class _Odd(Exception):
    """The form is not the one that our page sends."""


class _Received:
    """A form with one file in it, as it comes.

    Args:
        write: Takes the file's bytes.
    """

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._header = b""
        self._value = b""
        self._parts = 0
        self.name = ""
        self.size = 0
        self.digest = hashlib.sha256()
        self.whole = False

    def callbacks(self) -> "MultipartCallbacks":
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > 1:
            raise _Odd

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            if options.get(b"name") != b"file":
                raise _Odd
            self.name = options.get(b"filename", b"").decode("utf-8", "replace")
        self._header = self._value = b""

    def _headers_end(self) -> None:
        if not self.name:
            raise _Odd

    def _data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        self.size += len(piece)
        self.digest.update(piece)
        self._write(piece)

    def _end(self) -> None:
        self.whole = True
