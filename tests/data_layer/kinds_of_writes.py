"""A write of each kind, with what has to be there before it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeAlias

from data_layer.database.rows import Row
from data_layer.people.participants import identity_row
from data_layer.record import Record
from data_layer.writing.coding_writes import FinishCoding, PutAnnotation, PutCode
from data_layer.writing.form_writes import AnswerForm, PutForm
from data_layer.writing.intent_writes import MoveIntent
from data_layer.writing.people_writes import AppendAudit, Enter, TakeCode, Withdraw
from data_layer.writing.protocol_writes import (
    BeginParticipation,
    MoveParticipation,
    ReopenPlace,
    ResumePlace,
)
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
from study.assignment import AssignmentMethod, AssignmentPlan, crossed
from tests.data_layer.rows import ADA, begin_thread, form_row, message, new_id, rows

Prepare: TypeAlias = Callable[[Record], Awaitable[Write]]
RESEARCHER: Final = "33333333-3333-4333-8333-333333333333"


async def _thread(record: Record) -> str:
    return await begin_thread(record)


async def _message_of(record: Record, thread_id: str) -> str:
    return str((await rows(record, "steps", thread_id=thread_id))[0]["step_id"])


async def _put_step(record: Record) -> Write:
    return message(record, await _thread(record), "Said once")


async def _delete_steps(record: Record) -> Write:
    thread = await _thread(record)
    return DeleteSteps((await _message_of(record, thread),), record.now(), "removed", thread, ADA)


async def _show_branch(record: Record) -> Write:
    thread = await _thread(record)
    first = await _message_of(record, thread)
    await record.writer.submit(message(record, thread, "Otherwise", step_id=first, creates=False))
    return ShowBranch(thread, first, record.now(), ADA, 1)


async def _put_thread(record: Record) -> Write:
    return PutThread(new_id(), ADA, record.now(), "A new one")


async def _rename(record: Record) -> Write:
    return RenameThread(await _thread(record), "Otherwise", record.now(), ADA)


async def _merge(record: Record) -> Write:
    return MergeThreadMetadata(await _thread(record), {"a": 1}, record.now())


async def _delete_thread(record: Record) -> Write:
    return DeleteThread(await _thread(record), record.now(), ADA)


async def _restore_thread(record: Record) -> Write:
    thread = await _thread(record)
    await record.writer.submit(DeleteThread(thread, record.now(), ADA))
    return RestoreThread(thread, record.now(), ADA)


async def _return_thread(record: Record) -> Write:
    thread = await _thread(record)
    await record.writer.submit(DeleteThread(thread, record.now(), ADA))
    return ReturnThread(thread, record.now(), RESEARCHER)


async def _return_message(record: Record) -> Write:
    thread = await _thread(record)
    first = await _message_of(record, thread)
    await record.writer.submit(DeleteSteps((first,), record.now(), "removed", thread, ADA))
    return ReturnMessage(thread, first, record.now(), RESEARCHER)


async def _tag(record: Record) -> Write:
    return TagThread(await _thread(record), ("one", "two"), record.now(), ADA)


async def _unarchive(record: Record) -> Write:
    thread = await _thread(record)
    await record.writer.submit(PatchRow("threads", {"thread_id": thread}, {"archived_at": record.now()}))
    return UnarchiveThread(thread, record.now(), ADA)


async def _insert(record: Record) -> Write:
    return record.event("typed", thread_id=await _thread(record))


async def _patch(record: Record) -> Write:
    connection = new_id()
    row: Row = {"connection_id": connection, "session_id": new_id(), "opened_at": record.now()}
    await record.writer.submit(InsertRow("connections", row))
    changes = {"closed_at": record.now(), "close_reason": "left"}
    return PatchRow("connections", {"connection_id": connection}, changes, "closed_at")


async def _audit(record: Record) -> Write:
    return AppendAudit(record.now(), "Grace", "export_made", RESEARCHER)


async def _take_code(record: Record) -> Write:
    researcher = new_id()
    row: Row = {"researcher_id": researcher, "name": researcher, "name_key": researcher, "role": "owner"}
    row |= {"password_hash": "x", "totp_secret": "A" * 32, "created_at": record.now()}
    await record.writer.submit(InsertRow("researchers", row))
    return TakeCode(researcher, 7)


async def _enter(record: Record) -> Write:
    person, now = new_id(), record.now()
    row: Row = {"participant_id": person, "study_id": "example", "source": "login", "created_at": now}
    identity = identity_row("example", person, "user_name", person, person, now)
    return Enter(identity, row, identity_row("example", person, "claim", "a browser", person, now))


async def _put_code(record: Record) -> Write:
    code = new_id()
    changes: Row = {"name": code, "name_key": code, "definition": "", "colour": "blue"}
    return PutCode(code, record.now(), RESEARCHER, "Grace", changes, creates=True)


async def _annotate(record: Record) -> Write:
    row: Row = {"annotation_id": new_id(), "thread_id": await _thread(record), "target": "thread"}
    return PutAnnotation(
        row | {"note": "Look", "researcher_id": RESEARCHER, "author": "Grace", "created_at": record.now()}
    )


async def _finish_coding(record: Record) -> Write:
    thread = await _thread(record)
    await record.coding_tasks.given.give([thread], RESEARCHER, RESEARCHER)
    return FinishCoding(thread, RESEARCHER, record.now())


async def _put_form(record: Record) -> Write:
    return PutForm(form_row(record, await _thread(record)), record.now())


async def _answer_form(record: Record) -> Write:
    thread = await _thread(record)
    put = PutForm(form_row(record, thread), record.now())
    await record.writer.submit(put)
    form_id = put.row["form_id"]
    message = {"step_id": new_id(), "thread_id": thread, "type": "user_message", "output": "tea"}
    message |= {"metadata": {"answers_form": form_id}}
    row: Row = {"answer_id": new_id(), "form_id": form_id, "thread_id": thread, "form": "order"}
    row |= {"message_id": message["step_id"], "seq": record.take_order(), "item": "drink", "kind": "choice"}
    row |= {"position": 1, "state": "answered", "value": "tea", "number": 1.0, "changes": 1}
    row |= {"shown_at": record.now(), "sent_at": record.now()}
    return AnswerForm(form_id, message, {"drink": "tea"}, (row,), record.now(), ADA)


async def _move_intent(record: Record) -> Write:
    begins: Row = {"agent": "Agent", "name": "order", "title": "Order a drink", "score": 0.5}
    return MoveIntent(await _thread(record), new_id(), "began", "agent", record.now(), begins=begins)


async def _begin_tool(record: Record) -> Write:
    return BeginTool("k" * 64, await _thread(record), new_id(), "pay", "{}", True, record.now(), ADA)


async def _end_tool(record: Record) -> Write:
    begin = await _begin_tool(record)
    assert isinstance(begin, BeginTool)
    await record.writer.submit(begin)
    changes: Row = {"output": "1", "is_error": False, "error_type": None, "sentence": "", "undone": False}
    return EndTool(begin.key, begin.run_id, changes, record.now())


async def _put_tool_record(record: Record) -> Write:
    return PutToolRecord(await _thread(record), "order", {"cups": [1, 2]}, record.now(), ADA)


async def _begin_participation(record: Record) -> Write:
    participant, now = new_id(), record.now()
    row: Row = {
        "participant_id": participant,
        "stage_id": "before",
        "visit": 1,
        "attempt": 1,
        "entered_at": now,
    }
    own: Row = {"study_id": "example", "study_fingerprint": "f", "attention_failed": 0, "began_at": now}
    visit = row | {"visit_id": new_id(), "kind": "survey"}
    return BeginParticipation(row | own | {"seen_at": now}, visit)


async def _move_participation(record: Record) -> Write:
    begin = await _begin_participation(record)
    assert isinstance(begin, BeginParticipation)
    await record.writer.submit(begin)
    participant = begin.row["participant_id"]
    entered = begin.visit | {"visit_id": new_id(), "visit": 2, "stage_id": "after"}
    change: Row = {
        "change_id": new_id(),
        "participant_id": participant,
        "seq": record.take_order(),
        "stage_id": "before",
        "visit": 1,
        "item": "age",
        "changed_at": record.now(),
    }
    changes: Row = {"visit": 2, "stage_id": "after"}
    kept = (("survey_changes", change),)
    return MoveParticipation(participant, 1, changes, "passed", record.now(), kept, entered)


async def _assigned(record: Record) -> tuple[str, str]:
    plan = AssignmentPlan(AssignmentMethod.BLOCKS, crossed({"appeal": ["facts", "stories"]}), (2,))
    ledger = await record.assignments.ledger_of(plan, "a seed of our own")
    begin = await _begin_participation(record)
    assert isinstance(begin, BeginParticipation)
    assign: Row = {"ledger": ledger, "stratum": "all", "levels": {}, "fill": False}
    await record.writer.submit(replace(begin, assign=assign))
    return begin.row["participant_id"], ledger


async def _reopen_place(record: Record) -> Write:
    participant, ledger = await _assigned(record)
    return ReopenPlace(participant, ledger, record.now(), record.now())


async def _resume_place(record: Record) -> Write:
    participant, ledger = await _assigned(record)
    await record.writer.submit(ReopenPlace(participant, ledger, record.now(), record.now()))
    return ResumePlace(participant, ledger, record.now())


async def _withdraw(record: Record) -> Write:
    participant = new_id()
    row: Row = {"participant_id": participant, "study_id": "example", "source": "login"}
    await record.writer.submit(InsertRow("participants", row | {"created_at": record.now()}))
    await begin_thread(record, owner=participant)
    return Withdraw(participant, new_id(), record.now(), "participant")


KINDS: Final[dict[type, Prepare]] = {
    PutStep: _put_step,
    DeleteSteps: _delete_steps,
    ShowBranch: _show_branch,
    PutThread: _put_thread,
    RenameThread: _rename,
    MergeThreadMetadata: _merge,
    DeleteThread: _delete_thread,
    RestoreThread: _restore_thread,
    ReturnThread: _return_thread,
    ReturnMessage: _return_message,
    TagThread: _tag,
    UnarchiveThread: _unarchive,
    InsertRow: _insert,
    PatchRow: _patch,
    MoveIntent: _move_intent,
    AppendAudit: _audit,
    TakeCode: _take_code,
    Enter: _enter,
    PutCode: _put_code,
    PutAnnotation: _annotate,
    FinishCoding: _finish_coding,
    PutForm: _put_form,
    AnswerForm: _answer_form,
    BeginTool: _begin_tool,
    EndTool: _end_tool,
    PutToolRecord: _put_tool_record,
    BeginParticipation: _begin_participation,
    MoveParticipation: _move_participation,
    ReopenPlace: _reopen_place,
    ResumePlace: _resume_place,
    Withdraw: _withdraw,
}
