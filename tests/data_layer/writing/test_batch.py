"""One transaction: what comes together ends as if it came one by one, and what is refused takes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from data_layer.database.rows import Row
from data_layer.writing import marks
from data_layer.writing.batch import Unit
from data_layer.writing.coding_writes import FinishCoding
from data_layer.writing.form_writes import AnswerForm, PutForm
from data_layer.writing.marks import Attempt
from data_layer.writing.people_writes import AppendAudit, TakeCode, Withdraw
from data_layer.writing.statements import of_dialect
from data_layer.writing.writes import DeleteSteps, InsertRow, PatchRow, PutStep, PutThread, RenameThread
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, BOB, message, new_id, reply

AT: Final = datetime(2026, 11, 21, 13, tzinfo=UTC)


def event(batches: Batches, **columns: Any) -> Row:
    """A row of `events`."""
    row: Row = {"event_id": new_id(), "seq": batches.take_order(), "type": "typed", "timestamp": AT}
    return row | columns


def enter(batches: Batches, participant_id: str) -> None:
    """A participant, with a thread."""
    row: Row = {"participant_id": participant_id, "study_id": "example", "created_at": AT}
    batches.submit(InsertRow("participants", row | {"source": "login"}))


def test_each_unit_hears_what_became_of_it(batches: Batches) -> None:
    """Its own last step and thread, what left by it, and why one of its writes was refused; in order."""
    thread_id, theirs = batches.begin_thread(), batches.begin_thread(owner=BOB)
    put, second = reply(batches, thread_id, "One"), reply(batches, thread_id, "Two")
    outcomes = batches.apply(
        batches.unit(put, second),
        batches.unit(message(batches, theirs, "Let me in"), reply(batches, theirs, "Here")),
        batches.unit(PutThread(thread_id, ADA, AT)),
        batches.unit(DeleteSteps((put.row["step_id"], second.row["step_id"]), AT, "removed")),
        batches.unit(),
    )
    assert [outcome.step and outcome.step["output"] for outcome in outcomes] == [
        "Two",
        "Here",
        None,
        None,
        None,
    ]
    assert [outcome.refused is not None for outcome in outcomes] == [False, True, False, False, False]
    assert [outcome.thread and outcome.thread["thread_id"] for outcome in outcomes] == [
        None,
        None,
        thread_id,
        None,
        None,
    ]
    assert set(outcomes[3].gone) == {put.row["step_id"], second.row["step_id"]}
    assert not any(outcome.journaled for outcome in outcomes)


def test_all_that_left_by_a_unit_is_told(batches: Batches) -> None:
    """By whichever of its writes."""
    thread_id = batches.begin_thread()
    puts = [reply(batches, thread_id, "One"), reply(batches, thread_id, "Two")]
    batches.submit(*puts)
    ids = [put.row["step_id"] for put in puts]
    outcome = batches.submit(*(DeleteSteps((step_id,), AT, "removed") for step_id in ids))
    assert outcome.gone == ids


def test_a_unit_of_the_journal_is_applied_once(batches: Batches) -> None:
    """Known by its entry; the moment of it is kept, and another entry with the same writes goes in."""
    thread_id = batches.begin_thread()
    audit = AppendAudit(AT, "Grace", "x")
    unit = Unit([audit, message(batches, thread_id, "One")], [8, 9], entry_id="e1")
    first, second = batches.apply(unit), batches.apply(unit)
    assert (first[0].step is not None, second[0].step) == (True, None)
    batches.apply(Unit([audit], [8], entry_id="e2"), unit)
    assert len(batches.rows("audit_log")) == 2
    applied = batches.rows("journal_applied")
    assert {row["entry_id"] for row in applied} == {"e1", "e2"}
    assert all(row["applied_at"].tzinfo is UTC for row in applied)


@pytest.mark.parametrize(("number", "goes_in"), [(1, False), (2, False), (3, True)])
def test_a_unit_whose_batch_went_in_is_not_applied_again(
    batches: Batches, number: int, goes_in: bool
) -> None:
    """By the process's last mark; each try up to it is in, for all units of it, and none behind it."""
    batches.mark(Attempt("p", 2))
    units = [
        Unit([AppendAudit(AT, "Grace", f"{place}")], [place], f"e{place}", Attempt(process, number))
        for place, process in enumerate(("p", "p", "another"))
    ]
    batches.apply(*units)
    assert [row["action"] for row in batches.rows("audit_log")] == (["0", "1", "2"] if goes_in else ["2"])


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_withdrawal_stands_between_what_is_before_and_behind_it(batches: Batches, place: int) -> None:
    """Wherever in a transaction: what was said before is erased, what comes behind is refused."""
    enter(batches, ADA)
    mine, theirs = batches.begin_thread(), batches.begin_thread(owner=BOB)
    units = [
        batches.unit(message(batches, mine, "Before"), message(batches, theirs, "One", by=BOB)),
        batches.unit(message(batches, mine, "Also before")),
        batches.unit(message(batches, mine, "Behind")),
        batches.unit(InsertRow("events", event(batches, participant_id=ADA)), AppendAudit(AT, "G", "x")),
        batches.unit(InsertRow("events", event(batches, thread_id=mine))),
        batches.unit(message(batches, theirs, "Two", by=BOB)),
    ]
    outcomes = batches.apply(
        *units[2 - place : 2], batches.unit(Withdraw(ADA, new_id(), AT, "participant")), *units[2:]
    )
    refused = [outcome.refused is not None for outcome in outcomes]
    assert refused == [*([False] * place), False, True, True, True, False]
    said = ["Hello there", "One", "Two"] if place == 2 else ["Hello there", "Two"]
    assert [row["output"] for row in batches.rows("steps")] == said
    assert (batches.rows("events"), batches.rows("audit_log")) == ([], [])
    # Nor later, in another transaction.
    assert batches.submit(InsertRow("events", event(batches, thread_id=mine))).refused is not None


def test_the_lists_are_told_of_a_withdrawal(batches: Batches) -> None:
    """Of each thread of theirs, and of what was changed before it and behind it."""
    enter(batches, ADA)
    mine = {batches.begin_thread() for _ in range(2)}
    before, behind = (batches.begin_thread(owner=BOB) for _ in range(2))
    batches.apply(
        batches.unit(RenameThread(before, "New", AT, BOB)),
        batches.unit(Withdraw(ADA, new_id(), AT, "participant")),
        batches.unit(RenameThread(behind, "New", AT, BOB)),
    )
    assert batches.touched == mine | {before, behind}


def test_the_lists_of_all_who_leave_together_are_told(batches: Batches) -> None:
    """Two withdrawals of one unit."""
    enter(batches, ADA)
    enter(batches, BOB)
    theirs = {batches.begin_thread(owner=one) for one in (ADA, BOB)}
    batches.submit(*(Withdraw(one, new_id(), AT, "participant") for one in (ADA, BOB)))
    assert batches.touched == theirs


def test_nobody_adds_a_row_to_anothers_thread(batches: Batches) -> None:
    """In a participant's name; the app may, and so may its owner."""
    theirs = batches.begin_thread(owner=BOB)
    told = [
        batches.submit(InsertRow("events", event(batches, thread_id=theirs), by=by)).refused is None
        for by in (ADA, BOB, None)
    ]
    assert told == [False, True, True]
    assert len(batches.rows("events")) == 2


def test_the_list_is_told_of_what_reads_otherwise(batches: Batches) -> None:
    """A reply that grows says no word; one that ends does, and so do a rename and a message."""
    thread_id, other = batches.begin_thread(), batches.begin_thread()
    put = reply(batches, thread_id, "A", status="streaming")
    told = []
    for writes in (
        [put],
        [PutStep(put.row | {"output": "A B"}, AT)],
        [PutStep(put.row | {"output": "A B C", "status": "complete"}, AT)],
        [message(batches, thread_id, "One"), reply(batches, thread_id, "x", status="streaming")],
        [RenameThread(other, "New", AT, ADA)],
        [InsertRow("events", event(batches))],
    ):
        batches.submit(*writes)
        told.append({thread_id: "one", other: "other"}[one] for one in batches.touched)
    assert [list(names) for names in told] == [["one"], [], ["one"], ["one"], ["other"], []]


def test_a_run_of_the_same_batch_leaves_with_its_message(batches: Batches) -> None:
    """It has been begun, and what leaves takes it along; its own columns stay."""
    thread_id = new_id()
    put = message(batches, thread_id, "One")
    run: Row = {"run_id": new_id(), "thread_id": thread_id, "message_id": put.row["step_id"], "seq": 7}
    run |= {"message_revision": 1, "turn": 1, "name": "x", "status": "complete", "started_at": AT}
    batches.apply(
        batches.unit(put, InsertRow("runs", run)),
        batches.unit(DeleteSteps((put.row["step_id"],), AT, "removed", branch="b")),
    )
    left = {"deleted_at": AT, "deleted_because": "removed", "branch": "b"}
    kept = batches.one("runs")
    assert {name: kept[name] for name in run | left} == run | left


def test_rows_go_in_before_they_are_changed(batches: Batches) -> None:
    """In one transaction, whatever the order of tables; a key that is there keeps its row."""
    connection = new_id()
    row: Row = {"connection_id": connection, "session_id": "s", "opened_at": AT}
    batches.submit(
        InsertRow("connections", row),
        PatchRow("connections", {"connection_id": connection}, {"closed_at": AT}),
        InsertRow("connections", row | {"session_id": "other"}),
        InsertRow("connections", {"connection_id": new_id(), "session_id": "t", "opened_at": AT}),
    )
    first = batches.one("connections", connection_id=connection)
    assert (first["session_id"], first["closed_at"]) == ("s", AT)
    assert batches.one("connections", session_id="t")["closed_at"] is None


def test_changes_of_a_row_keep_their_order(batches: Batches) -> None:
    """Whichever columns each of them sets; the last stands."""
    one, two = new_id(), new_id()
    for name in (one, two):
        row: Row = {"connection_id": name, "session_id": "s", "opened_at": AT}
        batches.submit(InsertRow("connections", row))

    def patch(name: str, **changes: Any) -> PatchRow:
        return PatchRow("connections", {"connection_id": name}, changes)

    batches.submit(
        patch(one, close_reason="a"),
        patch(two, close_reason="x", closed_at=AT),
        patch(one, close_reason="b", closed_at=AT),
        patch(one, close_reason="c"),
        patch(two, close_reason="y"),
        patch(two),
    )
    told = {
        row["connection_id"]: (row["close_reason"], row["closed_at"]) for row in batches.rows("connections")
    }
    assert told == {one: ("c", AT), two: ("y", AT)}


def test_what_ended_once_stays_ended(batches: Batches) -> None:
    """A change that is for an open row only leaves one that has ended; another's key is another row."""
    one, two = new_id(), new_id()
    for name in (one, two):
        row: Row = {"connection_id": name, "session_id": "s", "opened_at": AT}
        batches.submit(InsertRow("connections", row))
    for moment in (AT, AT + timedelta(1)):
        key = {"connection_id": one}
        batches.submit(PatchRow("connections", key, {"closed_at": moment}, "closed_at"))
    told = {row["connection_id"]: row["closed_at"] for row in batches.rows("connections")}
    assert told == {one: AT, two: None}


@pytest.mark.parametrize(
    ("said", "preview", "opening"),
    [
        ("", "", ""),
        (" \t\r\n Hello ", " \t\r\n Hello ", "Hello "),
        ("x" * 60 + "y", "x" * 59 + "y", "x" * 60 + "y"),
        ("x" * 60, "x" * 60, "x" * 60),
        ("\u00a0Hello", "\u00a0Hello", "\u00a0Hello"),
        ("a" + "b" * 5_000, "b" * 60, None),
    ],
)
def test_a_thread_shows_how_its_last_message_ends_and_begins(
    batches: Batches, said: str, preview: str, opening: str | None
) -> None:
    """The last sixty characters of it; its beginning without spaces before it."""
    thread_id = batches.begin_thread()
    batches.submit(reply(batches, thread_id, "Before"), reply(batches, thread_id, said))
    thread = batches.one("threads")
    assert thread["preview"] == preview
    assert said.startswith(thread["opening"]) if opening is None else thread["opening"] == opening


@pytest.mark.parametrize(("version", "stands"), [(1_004, "new"), (1_003, "new"), (1_002, "old")])
@pytest.mark.parametrize(("table", "column"), [("steps", "name"), ("threads", "title")])
def test_a_newer_row_is_never_overwritten(
    batches: Batches, table: str, column: str, version: int, stands: str
) -> None:
    """Another process may have gone on with it since it was loaded: its version is looked at once more."""
    thread_id = batches.begin_thread()
    batches.submit(message(batches, thread_id, "One", name="old"), RenameThread(thread_id, "old", AT))
    batches.within(lambda connection: connection.execute(text(f"UPDATE {table} SET version = 1003")))
    row = batches.rows(table)[-1] | {column: "new", "version": version}

    def put(connection: Connection) -> None:
        sql = of_dialect(connection.dialect)
        prepared = sql.put_step if table == "steps" else sql.put_thread
        connection.exec_driver_sql(prepared.sql, [prepared.values(row)])

    batches.within(put)
    assert batches.rows(table)[-1][column] == stands


def test_audit_lines_are_one_chain(batches: Batches) -> None:
    """In the order of their units."""
    batches.apply(*(batches.unit(AppendAudit(AT, "Grace", f"{n}")) for n in range(3)))
    rows = sorted(batches.rows("audit_log"), key=lambda row: row["position"])
    assert [row["action"] for row in rows] == ["0", "1", "2"]


def test_the_process_of_a_mark_is_its_own(batches: Batches) -> None:
    """Whoever asks for another hears nothing went in."""
    batches.mark(Attempt("p", 4))
    assert batches.within(lambda connection: marks.last_batch(connection, "p")) == 4
    assert batches.within(lambda connection: marks.last_batch(connection, "q")) == 0


def test_what_looks_for_a_row_finds_one_of_the_same_batch(batches: Batches) -> None:
    """An outage brings a researcher and their first one-time code into one transaction: the code is taken."""
    olga = new_id()
    row: Row = {"researcher_id": olga, "name": "Olga", "name_key": "olga", "role": "owner"}
    row |= {"password_hash": "x", "totp_secret": "A" * 32, "created_at": AT}
    made, taken = batches.unit(InsertRow("researchers", row)), batches.unit(TakeCode(olga, 7))
    assert [outcome.reason for outcome in batches.apply(made, taken)] == [None, None]
    assert batches.one("researchers")["totp_last"] == 7


def test_a_form_is_answered_in_the_batch_that_opens_it(batches: Batches) -> None:
    """Both waited in the journal: the answer was called kept, and is."""
    thread_id = batches.begin_thread()
    form: Row = {"form_id": new_id(), "thread_id": thread_id, "message_id": new_id(), "name": "order"}
    form |= {"seq": batches.take_order(), "turn": 1, "definition": {}, "state": "open", "shown_at": AT}
    form |= dict.fromkeys(("run_id", "left_because", "answers", "closed_at", "answered_by_message"))
    said: Row = {"step_id": new_id(), "thread_id": thread_id, "type": "user_message", "output": "tea"}
    said |= {"metadata": {"answers_form": form["form_id"]}}
    answer = AnswerForm(form["form_id"], said, {"drink": "tea"}, (), AT, ADA)
    batches.apply(batches.unit(PutForm(form, AT)), batches.unit(answer))
    assert batches.one("forms")["state"] == "answered"
    assert batches.one("steps", step_id=said["step_id"])["output"] == "tea"


def test_a_task_is_finished_in_the_batch_that_gives_it(batches: Batches) -> None:
    """As above."""
    thread_id, olga = batches.begin_thread(), new_id()
    task: Row = {"assignment_id": new_id(), "thread_id": thread_id, "researcher_id": olga}
    given = InsertRow("coding_assignments", task | {"assigned_by": olga, "created_at": AT})
    batches.apply(batches.unit(given), batches.unit(FinishCoding(thread_id, olga, AT)))
    assert batches.one("coding_assignments")["finished_at"] == AT
