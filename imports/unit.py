"""The writes of one thread: all that it becomes in the record, in one unit."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from data_layer.database.rows import Row
from data_layer.writing.writes import (
    DeleteSteps,
    DeleteThread,
    InsertRow,
    PutStep,
    PutThread,
    ShowBranch,
    Write,
)
from imports.acts import Act, Asks, RunBegins, RunSays, Stands, Walks, acts_of
from imports.fields import shallow
from imports.foreign import ForeignMessage, ForeignRole, ForeignThread, Times
from imports.known import known_key
from imports.remarks import Remarks
from study.text import storable, storable_json
from study.vocabulary import APP_NAME, PARTICIPANT_AUTHOR, Status, StepType

RUN_NAME: Final = "import"
# What messages and threads of an import keep under this name of their metadata is theirs from elsewhere.
KEPT: Final = "import"
_TYPES: Final = {
    ForeignRole.USER: StepType.USER_MESSAGE,
    ForeignRole.ASSISTANT: StepType.ASSISTANT_MESSAGE,
    ForeignRole.SYSTEM: StepType.SYSTEM_MESSAGE,
    ForeignRole.TOOL: StepType.TOOL,
    ForeignRole.THINKING: StepType.THINKING,
    ForeignRole.OTHER: StepType.UNDEFINED,
}


@dataclass(frozen=True)
class Origin:
    """Where a thread comes from.

    Args:
        source: Which of imports/sources read it.
        file_sha256: Of the file; None for a database.
        at: When it is imported.
    """

    source: str
    file_sha256: str | None
    at: datetime


@dataclass
class _Wording:
    """A participant's message as it now reads: the runs that answered it so far."""

    step_id: str
    place: int
    turn: int
    revision: int = 1
    runs: dict[int, list[str]] = field(default_factory=dict)


@dataclass
class ThreadUnit:
    """The writes of a thread, as if the first had the order 0.

    Args:
        thread_id: What it is called here.
        writes: In order.
        messages: How many messages and steps they make.
    """

    thread_id: str
    writes: list[Write] = field(default_factory=list)
    messages: int = 0

    def placed(self, start: int) -> list[Write]:
        """The writes with their orders, of which the first is `start`."""
        return [_moved(write, start, start + place) for place, write in enumerate(self.writes)]


def _moved(write: Write, start: int, order: int) -> Write:
    if isinstance(write, DeleteSteps) and write.after_seq is not None:
        return replace(write, after_seq=start + write.after_seq)
    if isinstance(write, InsertRow) and write.table == "runs":
        return replace(write, row=write.row | {"seq": order})
    return write


def content_digest(thread: ForeignThread) -> str:
    """SHA-256 of what was read of a thread, to tell one that was said otherwise since."""
    digest = hashlib.sha256(thread.title.encode("utf-8", "surrogatepass"))
    for one in thread.messages:
        said = "\0".join((one.key, one.role, one.content, one.input, str(one.deleted), one.parent or ""))
        digest.update(said.encode("utf-8", "surrogatepass") + b"\1")
    return digest.hexdigest()


def unit_of(
    thread: ForeignThread, thread_id: str, participant_id: str, origin: Origin, told: Remarks
) -> ThreadUnit:
    """What a thread becomes.

    Args:
        thread: As it was read.
        thread_id: What it is called here.
        participant_id: Whose it is.
        origin: Where it comes from.
        told: Takes remarks, and counts what has no place of its own.
    """
    return _Making(thread, participant_id, origin, told, ThreadUnit(thread_id)).made()


@dataclass
class _Making:
    thread: ForeignThread
    participant_id: str
    origin: Origin
    told: Remarks
    unit: ThreadUnit
    wordings: dict[str, _Wording] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    gone: list[tuple[ForeignMessage, str]] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    run: Row | None = None
    run_id: str | None = None
    turn: int = 0
    now: datetime | None = None

    def made(self) -> ThreadUnit:
        thread, told = self.thread, self.told
        thread.agent = storable(thread.agent) if thread.agent else None
        times = [one.at for one in thread.messages if one.at is not None]
        self.now = min([*times, *([thread.at] if thread.at else [])], default=self.origin.at)
        begun = self.now
        # Before all else: it names the thread, by which a unit of who has withdrawn is refused as a whole.
        self._add(InsertRow("imports", {}))
        self._add(
            PutThread(
                self.unit.thread_id,
                self.participant_id,
                begun,
                thread.title,
                thread.agent,
                thread.tags or None,
            )
        )
        for act in acts_of(thread, told):
            _ACTS[type(act)](self, act)
        self._take_away(max([begun, *times]))
        self.unit.writes[0] = InsertRow("imports", self._origin_row(len(times)))
        return self.unit

    def _origin_row(self, timed: int) -> Row:
        thread = self.thread
        times = Times.ALL if timed == len(thread.messages) else Times.SOME if timed else Times.NONE
        named = {one.key: one.personal for one in thread.messages if one.personal}
        ids = {key: step_id for key, step_id in self.ids.items() if not key.startswith("#")}
        details = thread.details | ({"named": named} if named else {}) | ({"messages": ids} if ids else {})
        return {
            "thread_id": self.unit.thread_id,
            "source": self.origin.source,
            "source_id": known_key(thread.key),
            "file_sha256": self.origin.file_sha256,
            "content_sha256": content_digest(thread),
            "place": thread.place,
            "message_count": len(thread.messages),
            "times": times.value,
            "origin": storable_json(shallow(details)) or None,
            "imported_at": self.origin.at,
        }

    def _id(self, what: str) -> str:
        """The same whenever the thread is imported, so that two imports at once make no row twice."""
        return str(uuid.uuid5(uuid.UUID(self.unit.thread_id), f"{what} {len(self.unit.writes)}"))

    def _add(self, write: Write) -> int:
        self.unit.writes.append(write)
        return len(self.unit.writes) - 1

    def _stands(self, act: Stands) -> None:
        step_id = self._put(act.message, None)
        if act.leaves:
            self.elsewhere.append(step_id)

    def _asks(self, act: Asks) -> None:
        message = act.message
        if not act.again:
            self.turn += 1
            place = len(self.unit.writes)
            self.wordings[act.of] = _Wording(self._put(message, None), place, self.turn)
            return
        wording = self.wordings[act.of]
        self.turn = wording.turn
        self._leave(wording, "edited", wording.step_id, self._time(message))
        wording.revision += 1
        row = {"step_id": wording.step_id, "thread_id": self.unit.thread_id, "output": message.content}
        at = self._time(message)
        self._add(PutStep(row | {"type": StepType.USER_MESSAGE.value}, at, by=self.participant_id))
        self.ids[message.key] = wording.step_id
        self.told.keep("wordings of a message, as its revisions")

    def _answers(self, act: RunBegins) -> None:
        wording = self.wordings[act.of]
        self.turn = wording.turn
        runs = wording.runs.setdefault(wording.revision, [])
        if act.number:
            self._leave(wording, "retried", runs[-1], self.now)
            self.told.keep("further answers to a message, as branches")
        self.run_id = self._id("run")
        runs.append(self.run_id)
        self.run = {
            "run_id": self.run_id,
            "thread_id": self.unit.thread_id,
            "message_id": wording.step_id,
            "message_revision": wording.revision,
            "seq": 0,
            "turn": wording.turn,
            "name": RUN_NAME,
            "agent": self.thread.agent,
            "agent_kind": RUN_NAME,
            "status": Status.COMPLETE.value,
            "started_at": self.now,
            "ended_at": self.now,
        }
        self._add(InsertRow("runs", self.run))

    def _replies(self, act: RunSays) -> None:
        if act.copy:
            self.told.keep("messages that stand twice, for a branch forks within a reply")
        self._put(act.message, self.run_id, copy=act.copy)
        if self.run is not None:
            self.run["ended_at"] = self.now

    def _walks(self, act: Walks) -> None:
        wording, at = self.wordings[act.of], self.now or self.origin.at
        mine = (self.unit.thread_id, wording.step_id, at, self.participant_id)
        if act.revision is not None:
            self._add(ShowBranch(*mine, revision=act.revision))
            wording.revision = act.revision
        elif act.answer is not None:
            self._add(ShowBranch(*mine, run_id=wording.runs[wording.revision][act.answer]))

    def _leave(self, wording: _Wording, because: str, branch: str, at: datetime | None) -> None:
        """What stands behind a message leaves the screen as a branch."""
        self._add(
            DeleteSteps(
                (),
                at or self.origin.at,
                because,
                self.unit.thread_id,
                self.participant_id,
                after_seq=wording.place,
                runs_of=(wording.step_id,),
                branch=branch,
            )
        )

    def _time(self, message: ForeignMessage) -> datetime:
        """A message's own time, else that of what came before it."""
        self.now = message.at or self.now
        return self.now or self.origin.at

    def _put(self, message: ForeignMessage, run_id: str | None, copy: bool = False) -> str:
        step_id, at, said = self._id("step"), self._time(message), message.role is ForeignRole.USER
        row: Row = {
            "step_id": step_id,
            "thread_id": self.unit.thread_id,
            "run_id": run_id,
            "type": _TYPES[message.role].value,
            "name": self._name(message),
            "agent": None
            if said or message.role is ForeignRole.SYSTEM
            else message.agent or self.thread.agent,
            "status": Status.COMPLETE.value,
            "input": message.input,
            "output": message.content,
            "is_error": message.is_error,
            "created_at": at,
            "ended_at": None if said else at,
            "metadata": {KEPT: self._kept(message, copy)},
        }
        self._add(PutStep(row, at, by=self.participant_id if said else None, creates=True))
        self.unit.messages += 1
        if not copy:
            self.ids[message.key] = step_id
            if message.deleted:
                self.gone.append((message, step_id))
            self._rate(message, step_id, run_id, at)
        return step_id

    def _name(self, message: ForeignMessage) -> str:
        if message.role is ForeignRole.USER:
            return PARTICIPANT_AUTHOR
        if message.role is ForeignRole.SYSTEM:
            return APP_NAME
        if message.role is ForeignRole.THINKING:
            return StepType.THINKING.value
        return message.name or message.agent or self.thread.agent or message.role.value

    def _kept(self, message: ForeignMessage, copy: bool) -> Row:
        kept: dict[str, Any] = {"source": self.origin.source}
        if message.model:
            kept["model"] = message.model
            self.told.keep("names of models, in the messages’ metadata")
        if message.metadata:
            kept["metadata"] = shallow(message.metadata)
            self.told.keep("messages with metadata of their own")
        if message.personal:
            self.told.keep("messages whose metadata names somebody, kept apart with the origin")
        if message.at is None:
            kept["time"] = "not known"
        return kept | ({"copy": True} if copy else {})

    def _rate(self, message: ForeignMessage, step_id: str, run_id: str | None, at: datetime) -> None:
        if message.rating is None:
            return
        self._add(
            InsertRow(
                "ratings",
                {
                    "rating_id": self._id("rating"),
                    "revision": 1,
                    "thread_id": self.unit.thread_id,
                    "message_id": step_id,
                    "run_id": run_id,
                    "participant_id": self.participant_id,
                    "value": message.rating,
                    "reasons": None,
                    "comment": message.comment and storable(message.comment),
                    "is_current": True,
                    "created_at": at,
                    "deleted_at": None,
                },
            )
        )

    def _take_away(self, last: datetime) -> None:
        """What was taken off the screen there is off it here."""
        for message, step_id in self.gone:
            at = message.deleted_at or message.at or last
            self._remove((step_id,), at, "removed")
        if self.elsewhere:
            self._remove(self.elsewhere, last, "switched")
        if self.thread.deleted:
            at = self.thread.deleted_at or last
            self._add(DeleteThread(self.unit.thread_id, at, self.participant_id))

    def _remove(self, step_ids: Sequence[str], at: datetime, because: str) -> None:
        self._add(DeleteSteps(tuple(step_ids), at, because, self.unit.thread_id, self.participant_id))


_ACTS: Final[dict[type[Act], Callable[[_Making, Any], None]]] = {
    Stands: _Making._stands,
    Asks: _Making._asks,
    RunBegins: _Making._answers,
    RunSays: _Making._replies,
    Walks: _Making._walks,
}
