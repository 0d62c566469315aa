"""What a write makes of codebook, annotations and one-time codes: every column, every refusal."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from data_layer.database.rows import Row
from data_layer.writing.coding_writes import FinishCoding, PutAnnotation, PutCode
from data_layer.writing.people_writes import TakeCode, Withdraw
from data_layer.writing.writes import InsertRow, ReturnThread
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, new_id

AT: Final = datetime(2026, 11, 21, 13, tzinfo=UTC)
OLGA: Final = "55555555-5555-4555-8555-555555555555"
# Written out: a test that is named by its parameters has one name in every process.
ONE, TWO, THREE = (f"{n}0000000-0000-4000-8000-000000000000" for n in "123")


def said(name: str, **other: Any) -> Row:
    """What a code says."""
    row: Row = {"name": name, "name_key": name.lower(), "definition": "", "colour": "blue"}
    return row | other


def put(batches: Batches, code_id: str, changes: Row, creates: bool = False, retired: bool = False) -> str:
    """A version.

    Returns:
        Why not.
    """
    write = PutCode(code_id, AT, OLGA, "Olga", changes, creates, retired)
    return batches.submit(write).refused or ""


@pytest.fixture
def codebook(batches: Batches) -> Batches:
    """One, and Two under it; Three is retired."""
    assert not put(batches, ONE, said("One"), creates=True)
    assert not put(batches, TWO, said("Two", parent_id=ONE, place=3), creates=True)
    assert not put(batches, THREE, said("Three"), creates=True)
    assert not put(batches, THREE, {}, retired=True)
    return batches


def test_a_version_says_all_of_a_code(codebook: Batches) -> None:
    """What is not changed it says as before; who made it and when is its own."""
    later = AT + timedelta(1)
    codebook.submit(PutCode(TWO, later, ADA, "Ada", {"definition": "Two of them."}))
    first = said("Two", parent_id=ONE, place=3, code_id=TWO, codebook_version=2)
    first |= {"researcher_id": OLGA, "author": "Olga", "created_at": AT, "retired_at": None}
    new = {"codebook_version": 5, "definition": "Two of them.", "researcher_id": ADA, "author": "Ada"}
    assert sorted(codebook.rows("codes", code_id=TWO), key=lambda row: row["codebook_version"]) == [
        first,
        first | new | {"created_at": later},
    ]
    assert [row["retired_at"] for row in codebook.rows("codes", codebook_version=4)] == [AT]


@pytest.mark.parametrize(
    ("code_id", "changes", "creates", "retired", "why"),
    [
        (ONE, said("Other"), True, False, "there is such a code already"),
        ("new", said("Other"), False, False, "there is no such code"),
        ("new", said("One"), True, False, "another living code bears this name"),
        (TWO, {"name": "ONE", "name_key": "one"}, False, False, "another living code bears this name"),
        # A retired code's name is free, and who retires one needs no name that is.
        ("new", said("Three"), True, False, ""),
        (TWO, {"name": "ONE", "name_key": "one"}, False, True, ""),
        (ONE, {"name": "ONE"}, False, False, ""),
        (ONE, {}, False, False, "the code reads so already"),
        (ONE, said("One"), False, False, "the code reads so already"),
        (ONE, {}, False, True, ""),
        (THREE, {}, False, True, "the code reads so already"),
        (THREE, {}, False, False, ""),
        (ONE, {"parent_id": ONE}, False, False, "a code cannot stand under itself"),
        (ONE, {"parent_id": TWO}, False, False, "a code cannot stand under itself"),
        ("new", said("Other", parent_id="new"), True, False, "a code cannot stand under itself"),
        (ONE, {"parent_id": THREE}, False, False, "there is no such living code to stand under"),
        (ONE, {"parent_id": new_id()}, False, False, "there is no such living code to stand under"),
        (TWO, {"parent_id": None}, False, False, ""),
        ("new", said("Other", parent_id=TWO), True, False, ""),
    ],
)
def test_what_the_codebook_takes(
    codebook: Batches, code_id: str, changes: Row, creates: bool, retired: bool, why: str
) -> None:
    """A refused version is none; a name is free, a parent lives, and nothing goes in a circle."""
    before = codebook.rows("codes")
    assert put(codebook, code_id, changes, creates, retired) == why
    assert len(codebook.rows("codes")) == len(before) + (not why)


def test_a_circle_around_others_is_seen(codebook: Batches) -> None:
    """However long; and under a code whose own parent has been retired there is none."""
    four = new_id()
    assert not put(codebook, four, said("Four", parent_id=TWO), creates=True)
    assert put(codebook, ONE, {"parent_id": four}) == "a code cannot stand under itself"
    assert not put(codebook, ONE, {}, retired=True)
    assert not put(codebook, THREE, {"parent_id": four})


def annotation(batches: Batches, thread_id: str, **columns: Any) -> Row:
    """A note on a thread."""
    row: Row = {"annotation_id": new_id(), "thread_id": thread_id, "target": "thread", "note": "Look"}
    return row | {"researcher_id": OLGA, "author": "Olga", "created_at": batches.now()} | columns


def test_an_annotation_takes_the_place_of_another(batches: Batches) -> None:
    """Which is gone with that moment, by that hand; one that was gone before stays as it went."""
    thread_id = batches.begin_thread()
    first = annotation(batches, thread_id)
    batches.submit(PutAnnotation(first))
    assert batches.one("annotations")["deleted_at"] is None
    second = annotation(batches, thread_id, replaces=first["annotation_id"], researcher_id=ADA)
    third = annotation(batches, thread_id, replaces=first["annotation_id"])
    batches.submit(PutAnnotation(second))
    batches.submit(PutAnnotation(third))
    gone = {
        row["annotation_id"]: (row["deleted_at"], row["deleted_by"]) for row in batches.rows("annotations")
    }
    assert gone == {
        first["annotation_id"]: (second["created_at"], ADA),
        second["annotation_id"]: (None, None),
        third["annotation_id"]: (None, None),
    }
    kept = batches.one("annotations", annotation_id=third["annotation_id"])
    assert {name: kept[name] for name in third} == third


def test_nothing_is_noted_where_there_is_no_thread(batches: Batches) -> None:
    """Nor where its participant has withdrawn."""
    common = {"participant_id": ADA, "study_id": "example", "created_at": AT}
    batches.submit(InsertRow("participants", common | {"source": "login"}))
    gone = batches.begin_thread()
    batches.submit(Withdraw(ADA, new_id(), AT, "participant"))
    for thread_id in (new_id(), gone):
        assert batches.submit(PutAnnotation(annotation(batches, thread_id))).refused is not None
    assert batches.rows("annotations") == []
    assert batches.submit(ReturnThread(gone, AT, OLGA)).refused is not None


@pytest.mark.parametrize(
    ("columns", "step", "taken"),
    [
        ({}, 7, True),
        ({"totp_last": 6}, 7, True),
        ({"totp_last": 7}, 7, False),
        ({"totp_last": 8}, 7, False),
        ({"totp_secret": None}, 7, False),
        ({"researcher_id": ADA}, 7, False),
    ],
)
def test_a_one_time_code_is_taken_once(batches: Batches, columns: Row, step: int, taken: bool) -> None:
    """And none before it any more; of this account alone, and only where codes are on."""
    row: Row = {"researcher_id": OLGA, "name": "Olga", "name_key": "olga", "role": "owner"}
    row |= {"password_hash": "x", "totp_secret": "A" * 32, "created_at": AT}
    batches.submit(InsertRow("researchers", row | columns))
    other = {"researcher_id": TWO, "name": "Rosa", "name_key": "rosa"}
    batches.submit(InsertRow("researchers", row | other))
    assert (batches.submit(TakeCode(OLGA, step)).refused is None) is taken
    last = {row["name"]: row["totp_last"] for row in batches.rows("researchers")}
    assert last == {"Olga": step if taken else columns.get("totp_last"), "Rosa": None}


def task(batches: Batches, thread_id: str, **columns: Any) -> str:
    """A thread is Olga's to code.

    Returns:
        The assignment's id.
    """
    row: Row = {"assignment_id": new_id(), "thread_id": thread_id, "researcher_id": OLGA, "created_at": AT}
    batches.submit(InsertRow("coding_assignments", row | {"assigned_by": ADA} | columns))
    return str(row["assignment_id"])


def test_a_coder_says_what_is_coded_and_what_is_not_after_all(codebook: Batches) -> None:
    """With the codebook's version of that moment; said again it bears the later one; others' tasks stay."""
    thread_id, later = codebook.begin_thread(), AT + timedelta(1)
    assignment_id = task(codebook, thread_id)
    other = [task(codebook, thread_id, researcher_id=ADA), task(codebook, codebook.begin_thread())]
    open_ones = [codebook.one("coding_assignments", assignment_id=one) for one in other]
    was = codebook.one("coding_assignments", assignment_id=assignment_id)
    done: Row = {"finished_at": later, "codebook_version": 4}
    back: Row = {"finished_at": None, "codebook_version": None, "reopened_at": later}
    for at, finished, becomes in ((AT, True, None), (later, True, done), (later, False, back)):
        assert codebook.submit(FinishCoding(thread_id, OLGA, at, finished)).refused is None
        if becomes:
            assert codebook.one("coding_assignments", assignment_id=assignment_id) == was | becomes
    assert [codebook.one("coding_assignments", assignment_id=one) for one in other] == open_ones


def test_what_is_not_done_is_not_taken_back(batches: Batches) -> None:
    """Nor twice, also within one transaction."""
    thread_id = batches.begin_thread()
    task(batches, thread_id)
    says = (False, True, False, False)
    outcomes = batches.apply(*(batches.unit(FinishCoding(thread_id, OLGA, AT, one)) for one in says))
    assert [outcome.refused is None for outcome in outcomes] == [False, True, True, False]


@pytest.mark.parametrize("whose", ["another's", "ended", "of no thread"])
def test_nobody_codes_what_is_not_theirs(batches: Batches, whose: str) -> None:
    """Nor what was taken back from them, nor where no thread is."""
    thread_id = new_id() if whose == "of no thread" else batches.begin_thread()
    task(batches, thread_id, **({"researcher_id": ADA} if whose == "another's" else {}))
    if whose == "ended":
        batches.within(lambda open_: open_.exec_driver_sql("UPDATE coding_assignments SET ended_at = 'x'"))
    assert batches.submit(FinishCoding(thread_id, OLGA, AT)).refused is not None
