"""What stands on a participant's screen, from the record, in the order in which it is read."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from data_layer.conversations.threads import ThreadRecord
from data_layer.database.rows import Row
from stages.transcript.beside import CopiedForm, IntentLine, lines_at, shown_in_copies
from study.strings import Strings
from study.text import is_blank
from study.vocabulary import NAMED_BY_TYPE, StepType

_ROLES: Final = {
    StepType.USER_MESSAGE.value: "participant",
    StepType.ASSISTANT_MESSAGE.value: "agent",
    StepType.SYSTEM_MESSAGE.value: "notice",
}


@dataclass(frozen=True)
class AttachedFile:
    """A file that stands with a message."""

    element_id: str
    name: str
    mime: str
    size_bytes: int | None

    @property
    def is_image(self) -> bool:
        """Whether a browser draws it in place (page/me/files.py)."""
        return self.mime in ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True)
class Entry:
    """A message, or a step of an agent's visible work.

    Args:
        role: "participant", "agent", "notice" (the app's own words) or "step".
        author: The agent's name, the tool's; never a participant's.
        text: Byte for byte as it stands.
        input: What a step was given.
        language: What the text is written in, where the whole of it is code.
        status: study.vocabulary.Status.
        cut_off: Why a reply breaks off, where the page said so: study.vocabulary.CutOff.
        fallback_for: Who could not answer, where another agent stepped in.
        form: What a reply asked with.
        above: Intents that began with a message.
        below: Intents that ended with what was said in its turn.
    """

    step_id: str
    type: str
    role: str
    author: str
    text: str
    input: str
    language: str | None
    at: datetime
    status: str
    is_error: bool
    attachments: tuple[AttachedFile, ...]
    cut_off: str | None = None
    fallback_for: str | None = None
    form: CopiedForm | None = None
    above: tuple[IntentLine, ...] = ()
    below: tuple[IntentLine, ...] = ()

    def called(self, strings: Strings) -> str:
        """Its author, as a reader of some language knows it."""
        return strings(f"page.said_{self.type}") if self.type in NAMED_BY_TYPE else self.author

    def stepped_in(self, strings: Strings) -> str:
        """What stands under a reply of an agent that stepped in; empty for every other."""
        if not self.fallback_for:
            return ""
        return strings("page.fallback", agent=self.author, failed=self.fallback_for)

    def breaks_off(self, strings: Strings) -> str:
        """What stands under a reply that breaks off; empty for every other."""
        return strings(f"page.cut_off_{self.cut_off}") if self.cut_off else ""


def entries_of(record: ThreadRecord) -> list[Entry]:
    """Take what is to be read out of a thread or a window of it.

    A turn's answers follow its message, also where the next message came before they did: so the page
    draws them.
    """
    files: defaultdict[str, list[Row]] = defaultdict(list)
    for row in record.elements:
        if row["message_id"] and row["file"]:
            files[row["message_id"]].append(row)
    rows = sorted(record.steps, key=lambda row: (row["turn"] or 0, row["seq"]))
    entries = [_entry(row, files[row["step_id"]]) for row in rows]
    # A message without words is a reply that has not begun; the page draws nothing for it.
    shown = [one for one in entries if one.role == "step" or not is_blank(one.text) or one.attachments]
    forms = {row["message_id"]: shown_in_copies(row) for row in record.forms}
    above, below = lines_at(record.intents, [(one.step_id, one.role) for one in shown])
    return [
        replace(one, form=forms.get(one.step_id), above=above[one.step_id], below=below[one.step_id])
        for one in shown
    ]


def _entry(row: Row, files: Sequence[Row]) -> Entry:
    role = _ROLES.get(row["type"], "step")
    return Entry(
        step_id=row["step_id"],
        type=row["type"],
        role=role,
        author="" if role == "participant" else row["name"],
        text=row["output"] or "",
        input=row["input"] if role == "step" else "",
        language=(row["display"] or {}).get("language"),
        at=row["created_at"],
        status=row["status"],
        is_error=bool(row["is_error"]),
        attachments=tuple(
            AttachedFile(one["element_id"], one["name"], _plain(one["mime"]), one["size_bytes"])
            for one in files
        ),
        cut_off=row.get("cut_off"),
        fallback_for=row.get("fallback_for"),
    )


def _plain(mime: str | None) -> str:
    return (mime or "").partition(";")[0].strip().lower()
