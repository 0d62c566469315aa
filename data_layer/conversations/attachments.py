"""Attachments: what a participant has uploaded, until a message takes it along.

Until then a file lies in pending/<participant_id>/, beside a note of what it is: a restart loses none,
and every process that shares the data folder finds it. A message's files move to the files folder and
become elements in the transaction that keeps the message.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from data_layer.database.files import FileStore
from data_layer.database.ids import is_uuid
from data_layer.database.order import Clock
from data_layer.database.private import opener
from data_layer.database.rows import Row
from data_layer.writing.writes import InsertRow
from study.text import storable

# A page that goes to another thread begins a new session, with what was attached still on it.
OUTLIVES_SESSION: Final = timedelta(hours=1)
_NOTE: Final = ".json"
_PART: Final = ".part"


@dataclass(frozen=True)
class Pending:
    """A file that was uploaded, looked at and found to be allowed.

    Args:
        attachment_id: The id of its element, once a message has taken it along.
        participant_id: Whose it is.
        session_id: Chainlit's session that it was uploaded in.
        name: As the participant reads it.
        kind: One of study.participation.AttachmentKind.
        mime: By its content.
        size_bytes: Its size.
        sha256: Of its content.
    """

    attachment_id: str
    participant_id: str
    session_id: str
    name: str
    kind: str
    mime: str
    size_bytes: int
    sha256: str


class AttachmentStore:
    """Keeps uploads until they are sent.

    Args:
        folder: Where; made when there is none, mode 0700.
        files: Where sent ones go.
        clock: The time.
    """

    def __init__(self, folder: Path, files: FileStore, clock: Clock) -> None:
        self._folder = folder
        self._files = files
        self._clock = clock

    def begin(self, participant_id: str, attachment_id: str) -> Path:
        """A place to write an upload to while it comes.

        Raises:
            OSError: The folder cannot be made.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = self._place(participant_id, attachment_id)
        place.parent.mkdir(exist_ok=True, mode=0o700)
        return place.with_suffix(_PART)

    def put(self, pending: Pending, most: int) -> None:
        """Make an upload known that `begin` gave the place of; the oldest beyond `most` go.

        Raises:
            OSError: The disk is full.
        """
        place = self._place(pending.participant_id, pending.attachment_id)
        place.with_suffix(_PART).replace(place)
        note = place.with_suffix(_NOTE)
        written = note.with_suffix(".note")
        with open(written, "w", encoding="utf-8", opener=opener) as file:
            json.dump(asdict(pending), file)
        written.replace(note)
        notes = sorted(place.parent.glob(f"*{_NOTE}"), key=lambda path: path.stat().st_mtime_ns)
        for old in notes[:-most]:
            self._drop(old)

    def find(self, participant_id: str, attachment_id: str) -> Pending | None:
        """An upload of a participant's that no message has taken along yet."""
        if not is_uuid(attachment_id) or not is_uuid(participant_id):
            return None
        try:
            note = self._place(participant_id, attachment_id).with_suffix(_NOTE)
            return Pending(**json.loads(note.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def take(self, pending: Pending) -> str | None:
        """Move a file to where it stays.

        Returns:
            Its place below the files folder; None when it is gone.

        Raises:
            OSError: The files folder cannot be written.
        """
        place = self._place(pending.participant_id, pending.attachment_id)
        return self._files.adopt(pending.attachment_id, place)

    def forget(self, pending: Pending) -> None:
        """A message has taken it along."""
        self._drop(self._place(pending.participant_id, pending.attachment_id).with_suffix(_NOTE))

    def sweep(self, sessions: Collection[str]) -> int:
        """Remove what no message will take along any more.

        Args:
            sessions: Those that live. What belongs to others goes once it is older than OUTLIVES_SESSION.

        Returns:
            How many files were removed.
        """
        removed = 0
        latest = (self._clock() - OUTLIVES_SESSION).timestamp()
        for path in self._folder.glob("*/*"):
            try:
                if path.stat().st_mtime > latest or self._lives(path, sessions):
                    continue
            except FileNotFoundError:
                continue  # It has been sent this very moment.
            path.unlink(missing_ok=True)
            removed += 1
        return removed

    def _lives(self, path: Path, sessions: Collection[str]) -> bool:
        found = self.find(path.parent.name, path.stem)
        return found is not None and found.session_id in sessions

    def _drop(self, note: Path) -> None:
        note.with_suffix("").unlink(missing_ok=True)
        note.unlink(missing_ok=True)

    def _place(self, participant_id: str, attachment_id: str) -> Path:
        return self._folder / participant_id / attachment_id


def element_of(
    pending: Pending, file: str, *, thread_id: str, message_id: str, seq: int, at: object
) -> InsertRow:
    """The element that an attachment becomes in a participant's message.

    Args:
        pending: The attachment.
        file: Its place below the files folder.
        thread_id: Where the message stands; refused when that is another participant's.
        message_id: The message.
        seq: Its place in the thread.
        at: When it was sent.
    """
    row: Row = {
        "element_id": pending.attachment_id,
        "thread_id": thread_id,
        "message_id": message_id,
        "seq": seq,
        "type": pending.kind,
        "name": storable(pending.name),
        "mime": pending.mime,
        "size_bytes": pending.size_bytes,
        "sha256": pending.sha256,
        "file": file,
        # The page would draw a text as Markdown, all of it, and a PDF by its first page: to open, both.
        "display": None if pending.kind == "image" else {"type": "file"},
        "created_at": at,
    }
    return InsertRow("elements", row, by=pending.participant_id)
