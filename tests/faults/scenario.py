"""A participant, a researcher and somebody who withdraws: a call of each kind, as the app makes them."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from data_layer.database.rows import Row
from data_layer.people.participants import identity_row
from data_layer.record import Record
from data_layer.writing.coding_writes import FinishCoding, PutAnnotation, PutCode
from data_layer.writing.form_writes import AnswerForm, PutForm
from data_layer.writing.intent_writes import MoveIntent
from data_layer.writing.people_writes import AppendAudit, Enter, TakeCode
from data_layer.writing.tool_writes import BeginTool, EndTool, PutToolRecord
from data_layer.writing.writes import (
    DeleteSteps,
    DeleteThread,
    InsertRow,
    MergeThreadMetadata,
    PatchRow,
    PutStep,
    PutThread,
    RenameThread,
    RestoreThread,
    ReturnMessage,
    ReturnThread,
    ShowBranch,
    TagThread,
    UnarchiveThread,
    Write,
)
from tests.data_layer.rows import ADA, BOB, form_row, message, new_id, reply
from tests.faults.nemesis import Nemesis
from tests.faults.told import Fact, Setting, Tale

MARKER: Final = "quokkamarmot"
OLGA: Final = "33333333-3333-4333-8333-333333333333"


class Scenario:
    """What is done, in order.

    Args:
        record: Where.
        tale: What was told.
        nemesis: Takes the database away for a while.
    """

    def __init__(self, record: Record, tale: Tale, nemesis: Nemesis) -> None:
        self._record = record
        self._tale = tale
        self._nemesis = nemesis
        self._thread = new_id()
        self._first = new_id()

    async def play(self) -> None:
        """Do all of it."""
        await self._converse()
        await self._arrange()
        await self._research()
        await self._work()
        await self._speak_while_away()
        await self._withdraw()
        await self._leave_open()

    async def _converse(self) -> None:
        await self._enter(ADA, "ada")
        first = self._said(self._thread, "Hello there", step_id=self._first)
        await self._do([*_facts(first), _of("threads", thread_id=self._thread)], self._born(ADA), first)
        elsewhere = new_id()
        gone = self._said(elsewhere, "Taken back")
        await self._do(_facts(gone), gone)
        step_id = gone.row["step_id"]
        delete = DeleteSteps((step_id,), self._record.now(), "removed", elsewhere, ADA)
        because = {"table": "steps", "key": {"step_id": step_id}, "column": "deleted_because"}
        await self._do([Setting(**because, value="removed")], delete)
        back = ReturnMessage(elsewhere, step_id, self._record.now(), OLGA)
        await self._do([Setting(**because, value=None)], back)
        await self._answer("Half an answer", " and its end")
        await self._answer("Another one", ", whole")
        again = {"step_id": self._first, "thread_id": self._thread, "output": "Said otherwise"}
        revision = _of("step_revisions", step_id=self._first, output="Said otherwise")
        put = PutStep(again, self._record.now(), by=ADA)
        await self._do([revision, _output(self._first, "Said otherwise")], put)
        show = ShowBranch(self._thread, self._first, self._record.now(), ADA, 1)
        await self._do([_output(self._first, "Hello there")], show)

    async def _answer(self, *parts: str) -> None:
        """A reply that grows, and its end with its run's."""
        run_id, now = new_id(), self._record.now()
        run: Row = {"run_id": run_id, "thread_id": self._thread, "message_id": self._first, "name": "x"}
        run |= {"seq": self._record.take_order(), "status": "streaming", "started_at": now}
        run |= {"message_revision": 1, "turn": 1, "process_id": self._record.processes.own_id}
        await self._do([_of("runs", run_id=run_id)], InsertRow("runs", run))
        text, step_id = parts[0], new_id()
        growing = reply(self._record, self._thread, text, step_id=step_id, run_id=run_id, status="streaming")
        await self._do([_output(step_id, text), _of("steps", step_id=step_id)], growing)
        growths = []
        for part in parts[1:]:
            text += part
            row = growing.row | {"output": text}
            growths.append(self._do([_output(step_id, text)], PutStep(row, self._record.now())))
        await asyncio.gather(*growths)
        end = PutStep(growing.row | {"output": text, "status": "complete"}, self._record.now())
        ended = {"status": "complete", "ended_at": self._record.now()}
        key = {"run_id": run_id}
        claims = [Setting("runs", key, "status", "complete")]
        claims.append(Setting("steps", {"step_id": step_id}, "status", "complete"))
        await self._do(claims, end, PatchRow("runs", key, ended, "ended_at"))

    async def _arrange(self) -> None:
        now, thread = self._record.now, self._thread
        for title in ("A name", "A better name"):
            event = _of("events", type="thread_renamed", payload={"to": title})
            await self._do([event, self._set("title", title)], RenameThread(thread, title, now(), ADA))
        await self._do([self._set("tags", ["a", "b"])], TagThread(thread, ("a", "b"), now(), ADA))
        merge = MergeThreadMetadata(thread, {"a": 1}, now())
        await self._do([self._set("metadata", {"a": 1})], merge)
        other, lone = new_id(), new_id()
        await self._do([_of("threads", thread_id=other)], PutThread(other, ADA, now(), "Another"))
        await self._do([_of("events", type="thread_deleted", target=other)], DeleteThread(other, now(), ADA))
        await self._do(
            [_of("events", type="thread_restored", target=other)], RestoreThread(other, now(), ADA)
        )
        await self._do([_of("threads", thread_id=lone)], PutThread(lone, ADA, now(), "A lone one"))
        await self._do([_of("events", type="thread_deleted", target=lone)], DeleteThread(lone, now(), ADA))
        await self._do([_of("events", type="thread_returned", target=lone)], ReturnThread(lone, now(), OLGA))
        # The app archives by another write's rule alone; this one may come to nothing.
        await self._do([], PatchRow("threads", {"thread_id": other}, {"archived_at": now()}))
        await self._do([], UnarchiveThread(other, now(), ADA))

    async def _research(self) -> None:
        now, code = self._record.now, new_id()
        for number in range(2):
            await self._do([_of("audit_log", action=f"act_{number}")], _line(self._record, f"act_{number}"))
        both = [
            self._do([_of("audit_log", action=f"both_{number}")], _line(self._record, f"both_{number}"))
            for number in range(2)
        ]
        await asyncio.gather(*both)
        row: Row = {"name": "Code", "name_key": "code", "colour": "blue"}
        for definition in ("once", "again"):
            changes = row | {"definition": definition}
            put = PutCode(code, now(), OLGA, "Olga", changes, creates=definition == "once")
            await self._do([_of("codes", code_id=code, definition=definition)], put)
        note: Row = {"annotation_id": new_id(), "thread_id": self._thread, "target": "thread", "note": "Look"}
        fact = _of("annotations", annotation_id=note["annotation_id"])
        note |= {"researcher_id": OLGA, "author": "Olga", "created_at": now()}
        await self._do([fact], PutAnnotation(note))
        task: Row = {"assignment_id": new_id(), "thread_id": self._thread, "researcher_id": OLGA}
        fact = _of("coding_assignments", assignment_id=task["assignment_id"])
        task |= {"assigned_by": OLGA, "created_at": now()}
        await self._do([fact], InsertRow("coding_assignments", task))
        await self._do([], FinishCoding(self._thread, OLGA, now()))
        olga: Row = {"researcher_id": OLGA, "name": "Olga", "name_key": "olga", "role": "owner"}
        olga |= {"password_hash": "x", "totp_secret": "A" * 32, "created_at": now()}
        await self._do([_of("researchers", researcher_id=OLGA)], InsertRow("researchers", olga))
        step = Setting("researchers", {"researcher_id": OLGA}, "totp_last", 7)
        await self._do([step], TakeCode(OLGA, 7))

    async def _work(self) -> None:
        """Forms, tools, intents, files."""
        now, thread, run_id = self._record.now, self._thread, new_id()
        form = form_row(self._record, thread)
        await self._do([_of("forms", form_id=form["form_id"])], PutForm(form, now()))
        answers = {"step_id": new_id(), "thread_id": thread, "type": "user_message", "output": "tea"}
        answers |= {"metadata": {"answers_form": form["form_id"]}}
        row: Row = {"answer_id": new_id(), "form_id": form["form_id"], "thread_id": thread, "form": "order"}
        row |= {"message_id": answers["step_id"], "seq": self._record.take_order(), "item": "drink"}
        row |= {"kind": "choice", "position": 1, "state": "answered", "value": "tea", "number": 1.0}
        row |= {"changes": 1, "shown_at": now(), "sent_at": now()}
        facts = [_of("form_answers", answer_id=row["answer_id"]), _of("steps", step_id=answers["step_id"])]
        await self._do(facts, AnswerForm(form["form_id"], answers, {"drink": "tea"}, (row,), now(), ADA))
        key = new_id().replace("-", "") * 2
        fact = _of("tool_decisions", key=key)
        await self._do([fact], BeginTool(key, thread, run_id, "pay", "{}", False, now(), ADA))
        came: Row = {"output": "1", "is_error": False, "error_type": None, "sentence": "", "undone": False}
        ended = Setting("tool_decisions", {"key": key}, "output", "1")
        await self._do([ended], EndTool(key, run_id, came, now()))
        kept = _of("tool_records", thread_id=thread, key="order")
        await self._do([kept], PutToolRecord(thread, "order", {"cups": [1]}, now(), ADA))
        begins: Row = {"agent": "Agent", "name": "order", "title": "Order", "score": 0.5}
        intent = new_id()
        move = MoveIntent(thread, intent, "began", "agent", now(), begins=begins)
        await self._do([_of("intents", intent_id=intent)], move)
        event = self._record.event("typed", thread_id=thread)
        await self._do([_of("events", event_id=event.row["event_id"])], event)
        await self._keep_file(ADA, thread, b"a file")

    async def _speak_while_away(self) -> None:
        """The database is away for some calls: they wait in the journal."""
        self._nemesis.away = True
        for number in range(3):
            put = self._said(self._thread, f"said while away {number}")
            await self._do(_facts(put), put)
            await self._do([_of("audit_log", action=f"away_{number}")], _line(self._record, f"away_{number}"))
        rename = RenameThread(self._thread, "While away", self._record.now(), ADA)
        event = _of("events", type="thread_renamed", payload={"to": "While away"})
        await self._do([event, self._set("title", "While away")], rename)
        self._nemesis.away = False
        await until_back(self._record)
        put = self._said(self._thread, "said when it was back")
        await self._do(_facts(put), put)

    async def _withdraw(self) -> None:
        thread = new_id()
        await self._enter(BOB, f"{MARKER} the first")
        said = self._said(thread, f"I am {MARKER}", by=BOB)
        await self._do(_facts(said, BOB), self._born(BOB, thread, f"I am {MARKER}"), said)
        await self._keep_file(BOB, thread, MARKER.encode())
        self._nemesis.away = True
        more = self._said(thread, f"Once more {MARKER}", by=BOB)
        await self._do(_facts(more, BOB), more)
        self._nemesis.away = False
        await until_back(self._record)
        fact = _of("withdrawals", participant_id=BOB)
        does = self._record.withdrawals.withdraw(BOB, "participant")
        await self._tale.call(fact, does=does, erases=BOB)
        await self._tale.call(does=self._record.withdrawals.finish())

    async def _leave_open(self) -> None:
        """Replies that the next start finds open: one that has begun, and one with words."""
        await self._do([_of("events", type="x")], self._record.event("x"))
        run: Row = {"run_id": new_id(), "thread_id": self._thread, "message_id": self._first, "name": "x"}
        run |= {"seq": self._record.take_order(), "status": "streaming", "started_at": self._record.now()}
        run |= {"process_id": self._record.processes.own_id}
        await self._do([_of("runs", run_id=run["run_id"])], InsertRow("runs", run))
        growing = reply(self._record, self._thread, "Left", run_id=run["run_id"], status="streaming")
        await self._do([_output(growing.row["step_id"], "Left")], growing)

    async def _enter(self, person: str, name: str) -> None:
        now = self._record.now()
        row: Row = {"participant_id": person, "study_id": "example", "source": "login", "created_at": now}
        identity = identity_row("example", person, "user_name", name, name, now)
        claim = identity_row("example", person, "claim", f"browser of {name}", name, now)
        await self._do([_of("participants", participant_id=person)], Enter(identity, row, claim))

    async def _keep_file(self, by: str, thread: str, content: bytes) -> None:
        element = {"element_id": new_id(), "thread_id": thread, "type": "file", "name": "notes.txt"}
        facts = [Fact("elements", {"element_id": element["element_id"]}, by)]
        does = self._record.elements.put(by, self._record.take_order(), element, content)
        await self._tale.call(*facts, does=does)

    async def _do(self, claims: Sequence[Fact | Setting], *writes: Write) -> None:
        await self._tale.call(*claims, does=self._record.writer.submit(*writes))

    def _born(self, by: str, thread: str | None = None, title: str = "Hello there") -> PutThread:
        return PutThread(thread or self._thread, by, self._record.now(), title)

    def _said(self, thread: str, words: str, **columns: Any) -> PutStep:
        return message(self._record, thread, words, **columns)

    def _set(self, column: str, value: Any) -> Setting:
        return Setting("threads", {"thread_id": self._thread}, column, value)


async def until_back(record: Record) -> None:
    """Wait until the writer has the database again, and all that waited."""
    async with asyncio.timeout(20):
        while record.writer.health.away:  # noqa: ASYNC110  # the writer tells nobody when it is back
            await asyncio.sleep(0.005)
    await record.writer.flush()


def _line(record: Record, action: str) -> AppendAudit:
    return AppendAudit(record.now(), "Olga", action, OLGA)


def _of(table: str, **where: Any) -> Fact:
    return Fact(table, where)


def _output(step_id: str, words: str) -> Setting:
    return Setting("steps", {"step_id": step_id}, "output", words)


def _facts(put: PutStep, of: str | None = None) -> list[Fact | Setting]:
    step_id, words = put.row["step_id"], put.row["output"]
    revision = {"step_id": step_id, "output": words}
    return [Fact("steps", {"step_id": step_id}, of), Fact("step_revisions", revision, of)]
