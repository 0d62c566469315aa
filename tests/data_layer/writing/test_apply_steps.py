"""What the write of a step makes of the rows: every column of them, whatever was there before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from data_layer.database.rows import Row
from data_layer.database.text import words_to_index
from data_layer.writing.writes import DeleteSteps, PutStep, RenameThread
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, message, new_id, reply

AT: Final = datetime(2026, 11, 21, 13, tzinfo=UTC)
GIVEN: Final[Row] = {
    "parent_id": "22222222-2222-4222-8222-222222222222",
    "run_id": "33333333-3333-4333-8333-333333333333",
    "connection_id": "44444444-4444-4444-8444-444444444444",
    "intent_id": "55555555-5555-4555-8555-555555555555",
    "turn": 7,
    "type": "assistant_message",
    "name": "Eliza",
    "agent": "eliza",
    "status": "stopped",
    "input": "What?",
    "output": "That.",
    "is_error": True,
    "shown": False,
    "cut_off": "length",
    "fallback_for": "model",
    "created_at": AT,
    "started_at": AT + timedelta(seconds=1),
    "ended_at": AT + timedelta(seconds=2),
    "metadata": {"a": 1},
    "display": {"b": [2]},
}
EMPTY: Final[Row] = {
    "parent_id": None,
    "run_id": None,
    "connection_id": None,
    "intent_id": None,
    "turn": None,
    "type": "undefined",
    "name": "",
    "agent": None,
    "status": "complete",
    "input": "",
    "output": "",
    "is_error": False,
    "shown": True,
    "cut_off": None,
    "fallback_for": None,
    "started_at": None,
    "ended_at": None,
    "metadata": None,
    "display": None,
}
LIVING: Final[Row] = {"deleted_at": None, "deleted_by": None, "deleted_because": None, "branch": None}


def put_of(batches: Batches, thread_id: str, step_id: str, **columns: Any) -> PutStep:
    """A write of the app's."""
    return PutStep({"step_id": step_id, "thread_id": thread_id} | columns, batches.now())


def test_a_step_is_born_with_what_is_given(batches: Batches) -> None:
    """And with nothing else; its thread is born with it, and belongs to nobody yet."""
    thread_id, step_id = new_id(), new_id()
    outcome = batches.submit(PutStep({"step_id": step_id, "thread_id": thread_id} | GIVEN, AT), orders=[5])
    ids = {"step_id": step_id, "thread_id": thread_id}
    assert batches.rows("steps") == [ids | GIVEN | LIVING | {"seq": 5, "revision": 1, "version": 5}]
    assert outcome.step == batches.one("steps")
    said = {name: GIVEN[name] for name in ("run_id", "input", "output", "status", "created_at")}
    assert batches.rows("step_revisions") == [ids | said | {"revision": 1}]
    assert batches.rows("threads") == [
        {
            "thread_id": thread_id,
            "participant_id": None,
            "study_id": "example",
            "seq": 5,
            "agent": "eliza",
            "title": "",
            "renamed": False,
            "preview": "That.",
            "opening": "That.",
            "message_count": 1,
            "turn_count": 0,
            "state": "active",
            "tags": None,
            "metadata": None,
            "created_at": AT,
            "last_activity_at": AT,
            "ended_at": None,
            "app_version": "0.1.0+gtest",
            "study_fingerprint": "f" * 64,
            "version": 5,
            "open_form_id": None,
            "archived_at": None,
            "deleted_at": None,
            "deleted_by": None,
        }
    ]


def test_a_step_of_which_nothing_is_known_is_born_empty(batches: Batches) -> None:
    """Without a type it is no message: neither counted nor found."""
    thread_id, step_id = new_id(), new_id()
    batches.submit(PutStep({"step_id": step_id, "thread_id": thread_id}, AT), orders=[5])
    ids = {"step_id": step_id, "thread_id": thread_id}
    own = {"created_at": AT, "seq": 5, "revision": 1, "version": 5}
    assert batches.rows("steps") == [ids | EMPTY | LIVING | own]
    assert batches.one("threads")["message_count"] == 0
    assert batches.found() == []


@pytest.mark.parametrize("name", sorted(set(GIVEN) - {"created_at", "turn", "type"}))
def test_each_column_is_said_later(batches: Batches, name: str) -> None:
    """It replaces what stood; nothing else changes but the version, and for a text the revision."""
    thread_id, step_id = new_id(), new_id()
    batches.submit(PutStep({"step_id": step_id, "thread_id": thread_id} | GIVEN, AT), orders=[5])
    before = batches.one("steps")
    other = {"is_error": False, "shown": True, "metadata": {"c": 3}, "display": {"d": 4}}.get(name, "other")
    if name.endswith("_at"):
        other = AT + timedelta(seconds=9)
    batches.submit(put_of(batches, thread_id, step_id, **{name: other}), orders=[6])
    said = 2 if name in {"input", "output"} else 1
    assert batches.one("steps") == before | {name: other, "version": 6, "revision": said}


def test_nothing_but_what_may_be_said_is_taken(batches: Batches) -> None:
    """What is the record's own doing is nobody's to write."""
    thread_id, step_id = new_id(), new_id()
    own = {"seq": 99, "revision": 9, "version": 99, "deleted_at": AT, "branch": "b", "deleted_because": "x"}
    batches.submit(put_of(batches, thread_id, step_id, **GIVEN))
    before = batches.one("steps")
    batches.submit(put_of(batches, thread_id, step_id, **own, name="Later"))
    batches.submit(put_of(batches, thread_id, other := new_id(), **own))
    after, new = batches.rows("steps")
    assert after == before | {"name": "Later", "version": after["version"]}
    assert {name: new[name] for name in own} == {
        "seq": 1002,
        "revision": 1,
        "version": 1002,
        "deleted_at": None,
        "branch": None,
        "deleted_because": None,
    }
    assert new["step_id"] == other


@pytest.mark.parametrize(
    ("order", "creates", "ends"),
    [
        # Called for later: it overwrites. At the same moment, or earlier, or as a create: it fills gaps.
        (11, False, ("new", "new", "old", 11)),
        (10, False, ("old", "new", "old", 10)),
        (9, False, ("old", "new", "old", 10)),
        (11, True, ("old", "new", "old", 10)),
    ],
)
def test_a_late_write_only_fills_gaps(
    batches: Batches, order: int, creates: bool, ends: tuple[str, str, str, int]
) -> None:
    """Name, which stood; agent, which did not; input, which is given empty; and the version."""
    thread_id, step_id = new_id(), new_id()
    batches.submit(put_of(batches, thread_id, step_id, name="old", input="old"), orders=[10])
    born = batches.one("steps")["created_at"]
    row = {"step_id": step_id, "thread_id": thread_id, "name": "new", "agent": "new", "input": ""}
    batches.submit(PutStep(row | {"created_at": AT}, AT, creates=creates), orders=[order])
    step = batches.one("steps")
    assert (step["name"], step["agent"], step["input"], step["version"]) == ends
    assert step["created_at"] == born


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
@pytest.mark.parametrize("name", ["input", "output", "name", "agent"])
def test_what_no_database_holds_is_replaced(batches: Batches, name: str, text: str) -> None:
    """In each text, and in JSON."""
    thread_id, step_id = new_id(), new_id()
    odd = {name: text, "metadata": {"k": text}, "display": {"k": text}}
    assert batches.submit(put_of(batches, thread_id, step_id, **odd)).refused is None
    step = batches.one("steps")
    for kept in (step[name], step["metadata"]["k"], step["display"]["k"]):
        assert kept == text.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")


def test_a_text_that_is_none_is_kept_as_it_shows(batches: Batches) -> None:
    """Chainlit hands numbers over as they came."""
    thread_id, step_id = new_id(), new_id()
    batches.submit(put_of(batches, thread_id, step_id, output=42))
    assert batches.one("steps")["output"] == "42"


def test_turns_go_on_from_what_is_kept(batches: Batches) -> None:
    """A message begins the next turn; all else belongs to the last, or to none; a given one stands."""
    thread_id = new_id()
    batches.submit(reply(batches, thread_id, "Welcome"))
    batches.submit(message(batches, thread_id, "One"), reply(batches, thread_id, "To one"))
    batches.submit(message(batches, thread_id, "Two"), message(batches, thread_id, "Three"))
    batches.submit(reply(batches, thread_id, "To three"), message(batches, thread_id, "Nine", turn=9))
    batches.submit(reply(batches, thread_id, "To nine"))
    assert [row["turn"] for row in batches.rows("steps")] == [None, 1, 1, 2, 3, 3, 9, 9]


def test_a_greeting_that_comes_late_is_in_no_turn(batches: Batches) -> None:
    """It was called for before the thread was born, and answers nothing; at the same moment it does."""
    thread_id = new_id()
    batches.submit(message(batches, thread_id, "One"), orders=[50])
    batches.submit(reply(batches, thread_id, "Welcome"), orders=[49])
    batches.submit(reply(batches, thread_id, "To one"), orders=[50])
    assert {row["output"]: row["turn"] for row in batches.rows("steps")} == {
        "One": 1,
        "Welcome": None,
        "To one": 1,
    }


def test_only_a_participant_who_speaks_is_activity(batches: Batches) -> None:
    """The thread's last moment is the latest message's or edit's; never an older one's."""
    thread_id = new_id()
    first = message(batches, thread_id, "One")
    batches.submit(first)
    moments = [batches.one("threads")["last_activity_at"]]

    def then(put: PutStep, at: datetime) -> None:
        batches.submit(PutStep(put.row, at, by=put.by))
        moments.append(batches.one("threads")["last_activity_at"])

    then(reply(batches, thread_id, "To one"), AT)
    then(PutStep(first.row | {"name": "Ada", "output": "One"}, AT, by=ADA), AT)
    then(message(batches, thread_id, "Two"), AT)
    then(message(batches, thread_id, "Late"), AT - timedelta(hours=1))
    then(PutStep(first.row | {"output": "Once"}, AT, by=ADA), AT + timedelta(seconds=1))
    assert moments == [first.at, first.at, first.at, AT, AT, AT + timedelta(seconds=1)]


@pytest.mark.parametrize(
    ("title", "becomes"),
    [("", "Second"), ("First", "First")],
)
def test_a_thread_without_a_title_is_called_as_its_next_message(
    batches: Batches, title: str, becomes: str
) -> None:
    """And found by that; one that has a title keeps it."""
    thread_id = batches.begin_thread(title)
    batches.submit(message(batches, thread_id, "Second"))
    assert batches.one("threads")["title"] == becomes
    titles = [row["words"] for row in batches.found() if row["kind"] == "title"]
    assert titles == [becomes.lower()]


def test_a_thread_that_was_given_no_name_stays_without(batches: Batches) -> None:
    """Its participant has taken the name away."""
    thread_id = batches.begin_thread("First")
    batches.submit(RenameThread(thread_id, "", batches.now(), ADA))
    batches.submit(message(batches, thread_id, "Second"))
    assert batches.one("threads")["title"] == ""


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({}, "whale song"),
        ({"type": "user_message", "status": "stopped"}, "whale song"),
        ({"status": "streaming"}, None),
        ({"type": "tool"}, None),
    ],
)
def test_a_message_that_is_whole_is_found(batches: Batches, columns: Row, found: str | None) -> None:
    """By its words, in its thread, by its owner; a growing one and visible work are not."""
    thread_id = batches.begin_thread("Hello")
    put = reply(batches, thread_id, "Whale song", **columns)
    batches.submit(put)
    rows = [row for row in batches.found() if row["target_id"] == put.row["step_id"]]
    common = {"kind": "message", "thread_id": thread_id, "owner": ADA.replace("-", ""), "number": 1002}
    assert rows == ([common | {"words": found, "target_id": put.row["step_id"]}] if found else [])
    assert words_to_index("Whale song") == ["whale", "song"]


def test_what_leaves_the_screen_is_found_no_more(batches: Batches) -> None:
    """Also a reply that was still growing."""
    thread_id = batches.begin_thread("Hello")
    put = reply(batches, thread_id, "Whale song")
    batches.submit(put)
    batches.submit(put_of(batches, thread_id, put.row["step_id"], status="streaming"))
    batches.submit(DeleteSteps((put.row["step_id"],), batches.now(), "removed"))
    assert [row["words"] for row in batches.found() if row["target_id"] == put.row["step_id"]] == [""]


def test_each_text_is_a_revision_with_its_moment(batches: Batches) -> None:
    """Edits count on from the last; one that fills an empty text, or says the same, is none."""
    thread_id, step_id = new_id(), new_id()
    at = [AT + timedelta(seconds=number) for number in range(5)]
    columns: list[Row] = [
        {"output": "", "input": "q"},
        {"output": "One", "run_id": "r" * 36},
        {"output": "Two"},
        {"output": "Two", "name": "x"},
        {"output": "Three", "status": "stopped"},
    ]
    for moment, said in zip(at, columns, strict=True):
        row = {"step_id": step_id, "thread_id": thread_id, "type": "assistant_message"} | said
        batches.submit(PutStep(row, moment))
    ids = {"step_id": step_id, "thread_id": thread_id, "run_id": "r" * 36, "input": "q"}
    assert batches.rows("step_revisions") == [
        ids | {"revision": 1, "output": "One", "status": "complete", "created_at": at[0]},
        ids | {"revision": 2, "output": "Two", "status": "complete", "created_at": at[2]},
        ids | {"revision": 3, "output": "Three", "status": "stopped", "created_at": at[4]},
    ]


def test_a_thread_has_the_agent_that_spoke_first(batches: Batches) -> None:
    """Whether its first message named one or a later one."""
    thread_id = batches.begin_thread("Hello")
    assert batches.one("threads")["agent"] is None
    for agent in ("eliza", "other"):
        batches.submit(reply(batches, thread_id, "Hi", agent=agent))
    assert batches.one("threads")["agent"] == "eliza"


def test_the_first_who_writes_owns_a_thread(batches: Batches) -> None:
    """Of those that the app began."""
    thread_id, step_id = new_id(), new_id()
    batches.submit(reply(batches, thread_id, "Welcome"))
    put = PutStep({"step_id": step_id, "thread_id": thread_id, "type": "tool"}, batches.now(), by=ADA)
    batches.submit(put)
    assert batches.one("threads")["participant_id"] == ADA


@pytest.mark.parametrize(
    ("by", "kind", "refused"),
    [(ADA, "user_message", True), (ADA, None, False), (ADA, "tool", False), (None, "user_message", False)],
)
def test_a_participant_makes_no_step_another_kind(
    batches: Batches, by: str | None, kind: str | None, refused: bool
) -> None:
    """The app may; a write that names no kind, or the same, changes none."""
    thread_id = batches.begin_thread("Hello")
    put = reply(batches, thread_id, "42", type="tool")
    batches.submit(put)
    row = {"step_id": put.row["step_id"], "thread_id": thread_id, "type": kind, "name": "Later"}
    assert (batches.submit(PutStep(row, batches.now(), by=by)).refused is not None) is refused
    step = batches.one("steps", step_id=put.row["step_id"])
    assert (step["name"], step["type"]) == ("Agent", "tool") if refused else ("Later", kind or "tool")


@pytest.mark.parametrize("by", [None, ADA])
def test_what_is_said_again_says_no_word_to_the_list(batches: Batches, by: str | None) -> None:
    """It is newer than what may be on its way, and nobody's list reads otherwise."""
    thread_id = batches.begin_thread("Hello")
    put = reply(batches, thread_id, "Hi")
    batches.submit(put)
    assert batches.touched == {thread_id}
    again = put_of(batches, thread_id, put.row["step_id"], output="Hi")
    batches.submit(replace(again, by=by), orders=[2_000])
    assert batches.touched == frozenset()
    assert batches.one("steps", step_id=put.row["step_id"])["version"] == 2_000


@pytest.mark.parametrize("name", ["step_id", "thread_id"])
def test_each_id_is_a_uuid(batches: Batches, name: str) -> None:
    """One that is spelled in another way is refused, whichever of the two it is."""
    put = message(batches, new_id(), "Hi")
    odd = PutStep(put.row | {name: new_id().replace("-", "")}, AT, by=ADA)
    assert batches.submit(odd).refused is not None
    assert (batches.rows("steps"), batches.rows("threads")) == ([], [])
