"""What each kind of write needs to be read, and what it changes: one rule a kind.

A kind without a rule is refused where it is submitted. Taken and passed over, it would be reported as kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from sqlalchemy.engine import Connection

from data_layer.writing import erasure, loading
from data_layer.writing.apply import (
    archiving,
    branches,
    codebook,
    entering,
    forms,
    intents,
    one_time_codes,
    protocol,
    restore,
    steps,
    threads,
    tools,
)
from data_layer.writing.coding_writes import FinishCoding, PutAnnotation, PutCode
from data_layer.writing.form_writes import AnswerForm, PutForm
from data_layer.writing.intent_writes import MoveIntent
from data_layer.writing.loading import Needs
from data_layer.writing.outcome import Outcome
from data_layer.writing.people_writes import AppendAudit, Enter, TakeCode, Withdraw
from data_layer.writing.protocol_writes import (
    BeginParticipation,
    MoveParticipation,
    ReopenPlace,
    ResumePlace,
)
from data_layer.writing.state import State, own_thread
from data_layer.writing.statements import RowQueue
from data_layer.writing.tool_writes import BeginTool, EndTool, PutToolRecord
from data_layer.writing.withdrawn import WithdrawnParticipants
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
from study.errors import WriteRefused
from study.reasons import Reason

W = TypeVar("W")
_OfThread = TypeVar(
    "_OfThread",
    RenameThread,
    MergeThreadMetadata,
    DeleteThread,
    RestoreThread,
    ReturnThread,
    TagThread,
    UnarchiveThread,
)


@dataclass
class Work:
    """What the rules of one transaction work on.

    Args:
        connection: In the transaction, for what cannot wait for the flush.
        state: Rows that were read, and what becomes of them.
        gone: Who has withdrawn.
        rows: Rows to insert or to patch.
        audits: Lines for the audit log.
        touched: Threads that a withdrawal has emptied.
    """

    connection: Connection
    state: State
    gone: WithdrawnParticipants
    rows: RowQueue = field(default_factory=RowQueue)
    audits: list[AppendAudit] = field(default_factory=list)
    touched: frozenset[str] = frozenset()


def _nothing(_needs: Needs, _write: Any) -> None:
    """Needs no row."""


@dataclass(frozen=True)
class WriteRule(Generic[W]):
    """One kind's rule.

    Args:
        apply: Changes the state, by order; raises WriteRefused for what its caller may not do.
        needs: Says which rows `apply` looks at, so that they are read for the whole batch at once.
        looks_into: A table in which it looks for a row itself, that InsertRow or PutForm may have queued.
    """

    apply: Callable[[Work, int, W, Outcome], None]
    needs: Callable[[Needs, W], None] = _nothing
    looks_into: str | None = None


def require_rules(writes: tuple[Write, ...]) -> None:
    """Make sure that there is a rule for each.

    Raises:
        LookupError: For one there is none: a mistake in the code, seen before anything is taken.
    """
    for write in writes:
        rule_of(write)


def rule_of(write: Write) -> WriteRule[Any]:
    """Look up the rule of a write.

    Raises:
        LookupError: There is none.
    """
    rule = RULES.get(type(write))
    if rule is None:
        raise LookupError(
            f"There is no rule for {type(write).__name__}: give it one in data_layer/writing/rules.py."
        )
    return rule


def tables_looked_into(writes: Sequence[Write]) -> set[str]:
    """Tables in which writes look for rows that others may only have queued."""
    return {table for write in writes if (table := rule_of(write).looks_into) is not None}


def tables_queued(writes: Sequence[Write]) -> set[str]:
    """Tables that writes queue rows for."""
    inserted = {write.table for write in writes if isinstance(write, InsertRow)}
    return inserted | {"forms" for write in writes if isinstance(write, PutForm)}


def _needs_thread(needs: Needs, write: PutThread | _OfThread) -> None:
    needs.threads.add(write.thread_id)
    if isinstance(write, PutThread) and write.participant_id is not None:
        needs.owners.add(write.participant_id)


def _needs_step(needs: Needs, write: PutStep) -> None:
    needs.steps.add(write.row["step_id"])
    needs.threads.add(write.row["thread_id"])
    needs.puts.append(write)
    if write.by is not None:
        needs.owners.add(write.by)


def _put_step(work: Work, order: int, write: PutStep, outcome: Outcome) -> None:
    thread = work.state.threads.get(write.row["thread_id"])
    before = thread["open_form_id"] if thread is not None else None
    outcome.step = steps.put_step(work.state, order, write)
    if before is not None and thread is not None and thread["open_form_id"] is None:
        outcome.left_form = before


def _needs_steps(needs: Needs, write: DeleteSteps) -> None:
    needs.steps.update(write.step_ids, write.runs_of)
    if write.branch is not None:
        needs.steps.add(write.branch)
    needs.tails.append(write)


def _delete_steps(work: Work, _order: int, write: DeleteSteps, outcome: Outcome) -> None:
    gone = branches.delete_steps(work.state, write)
    # What never stood on the screen does not leave it: its page is not told that it was there.
    steps_gone = {step_id: work.state.steps.get(step_id) for step_id in gone}
    outcome.gone += [step_id for step_id, step in steps_gone.items() if step is None or step["shown"]]


def _needs_message(needs: Needs, write: ShowBranch | ReturnMessage) -> None:
    needs.steps.add(write.message_id)
    needs.threads.add(write.thread_id)
    needs.tails.append(write)


def _needs_walk(needs: Needs, write: ShowBranch) -> None:
    _needs_message(needs, write)
    needs.walks.append(write)


def _show_branch(work: Work, order: int, write: ShowBranch, _outcome: Outcome) -> None:
    branches.show_branch(work.state, order, write)
    forms.reopen(work.connection, work.state, write)


def _needs_form(needs: Needs, write: PutForm) -> None:
    needs.threads.add(write.row["thread_id"])


def _put_form(work: Work, _order: int, write: PutForm, _outcome: Outcome) -> None:
    own_thread(work.state, write.row["thread_id"], None)
    work.rows.insert("forms", forms.open_form(work.state, write.row))


def _needs_answer(needs: Needs, write: AnswerForm) -> None:
    _needs_step(needs, _message_of(write))


def _answer_form(work: Work, order: int, write: AnswerForm, outcome: Outcome) -> None:
    message = _message_of(write)
    there = work.state.steps.get(write.message["step_id"])
    if there is not None and (there["metadata"] or {}).get("answers_form") != write.form_id:
        raise WriteRefused(Reason.FORM_CLOSED)
    if there is None:
        thread = own_thread(work.state, write.message["thread_id"], write.by)
        forms.answer_form(work.connection, thread, write)
        for row in write.rows:
            work.rows.insert("form_answers", row)
    outcome.step = steps.put_step(work.state, order, message)


def _message_of(write: AnswerForm) -> PutStep:
    return PutStep(write.message, write.at, by=write.by, creates=True)


def _return_message(work: Work, order: int, write: ReturnMessage, _outcome: Outcome) -> None:
    restore.return_message(work.state, order, write)


def _put_thread(work: Work, order: int, write: PutThread, outcome: Outcome) -> None:
    threads.put_thread(work.state, order, write)
    outcome.thread = work.state.threads[write.thread_id]


def _of_thread(change: Callable[[State, int, _OfThread], None]) -> WriteRule[_OfThread]:
    """A rule of what is done to one thread alone."""

    def apply(work: Work, order: int, write: _OfThread, _outcome: Outcome) -> None:
        change(work.state, order, write)

    return WriteRule(apply, _needs_thread)


def _needs_row(needs: Needs, write: InsertRow) -> None:
    if write.by is not None:
        needs.threads.add(write.row["thread_id"])


def _insert_row(work: Work, _order: int, write: InsertRow, _outcome: Outcome) -> None:
    if write.by is not None:
        own_thread(work.state, write.row["thread_id"], write.by)
    work.rows.insert(write.table, write.row)
    if write.table == "runs":
        loading.know_run(work.state, write.row)


def _patch_row(work: Work, _order: int, write: PatchRow, _outcome: Outcome) -> None:
    work.rows.patch(write.table, write.key, write.changes, write.while_null)


def _needs_intents(needs: Needs, write: MoveIntent) -> None:
    needs.threads.add(write.thread_id)
    needs.intents.add(write.thread_id)
    if write.message_id is not None:
        needs.steps.add(write.message_id)
    if write.run_id is not None:
        needs.runs.add(write.run_id)


def _move_intent(work: Work, order: int, write: MoveIntent, _outcome: Outcome) -> None:
    intents.move_intent(work.state, order, write)


def _append_audit(work: Work, _order: int, write: AppendAudit, _outcome: Outcome) -> None:
    work.audits.append(write)


def _take_code(work: Work, _order: int, write: TakeCode, _outcome: Outcome) -> None:
    one_time_codes.take_code(work.connection, write)


def _enter(work: Work, _order: int, write: Enter, outcome: Outcome) -> None:
    entering.enter(work.connection, write, outcome)


def _put_code(work: Work, _order: int, write: PutCode, _outcome: Outcome) -> None:
    codebook.put_code(work.connection, write)


def _needs_annotated(needs: Needs, write: PutAnnotation) -> None:
    needs.threads.add(write.row["thread_id"])


def _put_annotation(work: Work, _order: int, write: PutAnnotation, _outcome: Outcome) -> None:
    codebook.put_annotation(work.state, work.rows, write)


def _needs_task(needs: Needs, write: FinishCoding) -> None:
    needs.threads.add(write.thread_id)
    needs.tasks.add(write.thread_id)


def _finish_coding(work: Work, _order: int, write: FinishCoding, _outcome: Outcome) -> None:
    codebook.finish_coding(work.connection, work.state, work.rows, write)


def _needs_tools_thread(needs: Needs, write: BeginTool | PutToolRecord) -> None:
    needs.threads.add(write.thread_id)


def _begin_tool(work: Work, _order: int, write: BeginTool, outcome: Outcome) -> None:
    own_thread(work.state, write.thread_id, write.by)
    outcome.decision = tools.begin_tool(work.connection, write)


def _end_tool(work: Work, _order: int, write: EndTool, _outcome: Outcome) -> None:
    tools.end_tool(work.connection, write)


def _put_tool_record(work: Work, _order: int, write: PutToolRecord, _outcome: Outcome) -> None:
    own_thread(work.state, write.thread_id, write.by)
    tools.put_record(work.connection, write)


def _begin_participation(work: Work, _order: int, write: BeginParticipation, _outcome: Outcome) -> None:
    _check_takes_part(work, write.row["participant_id"])
    protocol.begin_participation(work.connection, write)


def _move_participation(work: Work, _order: int, write: MoveParticipation, _outcome: Outcome) -> None:
    _check_takes_part(work, write.participant_id)
    protocol.move_participation(work.connection, write)


def _reopen_place(work: Work, _order: int, write: ReopenPlace, _outcome: Outcome) -> None:
    protocol.reopen_place(work.connection, write)


def _resume_place(work: Work, _order: int, write: ResumePlace, _outcome: Outcome) -> None:
    _check_takes_part(work, write.participant_id)
    protocol.resume_place(work.connection, write)


def _check_takes_part(work: Work, participant_id: str) -> None:
    if participant_id in work.gone.participants:
        raise WriteRefused(Reason.HAS_WITHDRAWN)


def _withdraw(work: Work, order: int, write: Withdraw, _outcome: Outcome) -> None:
    threads = erasure.erase(work.connection, order, write)
    work.gone = work.gone.and_of(write.participant_id, threads)
    work.touched |= threads


RULES: Final[Mapping[type, WriteRule[Any]]] = {
    PutStep: WriteRule(_put_step, _needs_step),
    DeleteSteps: WriteRule(_delete_steps, _needs_steps),
    ShowBranch: WriteRule(_show_branch, _needs_walk),
    ReturnMessage: WriteRule(_return_message, _needs_message),
    PutThread: WriteRule(_put_thread, _needs_thread),
    RenameThread: _of_thread(threads.rename_thread),
    MergeThreadMetadata: _of_thread(threads.merge_thread_metadata),
    DeleteThread: _of_thread(threads.delete_thread),
    RestoreThread: _of_thread(threads.restore_thread),
    ReturnThread: _of_thread(threads.return_thread),
    TagThread: _of_thread(threads.tag_thread),
    UnarchiveThread: _of_thread(archiving.unarchive_thread),
    PutForm: WriteRule(_put_form, _needs_form),
    AnswerForm: WriteRule(_answer_form, _needs_answer, "forms"),
    BeginTool: WriteRule(_begin_tool, _needs_tools_thread),
    EndTool: WriteRule(_end_tool),
    PutToolRecord: WriteRule(_put_tool_record, _needs_tools_thread),
    InsertRow: WriteRule(_insert_row, _needs_row),
    PatchRow: WriteRule(_patch_row),
    MoveIntent: WriteRule(_move_intent, _needs_intents),
    AppendAudit: WriteRule(_append_audit),
    TakeCode: WriteRule(_take_code, looks_into="researchers"),
    Enter: WriteRule(_enter),
    BeginParticipation: WriteRule(_begin_participation),
    MoveParticipation: WriteRule(_move_participation),
    ReopenPlace: WriteRule(_reopen_place),
    ResumePlace: WriteRule(_resume_place),
    PutCode: WriteRule(_put_code),
    PutAnnotation: WriteRule(_put_annotation, _needs_annotated),
    FinishCoding: WriteRule(_finish_coding, _needs_task, "coding_assignments"),
    Withdraw: WriteRule(_withdraw),
}
