"""The journal: what it was given comes out as it went in, whatever happened to the file between."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.writing.batch import Unit
from data_layer.writing.coding_writes import FinishCoding, PutAnnotation, PutCode
from data_layer.writing.form_writes import AnswerForm, PutForm
from data_layer.writing.intent_writes import MoveIntent
from data_layer.writing.journal import Journal
from data_layer.writing.marks import Attempt
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
from data_layer.writing.writes_json import from_json, to_json

NOW = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
WRITES: list[Write] = [
    PutStep({"step_id": "a", "metadata": {"$time": "no time", "b": [1, None, {"c": 2.5}]}}, NOW, "ada", True),
    DeleteSteps(("a", "b"), NOW, "edited", "t", "ada", 5, ("m",), "m"),
    ShowBranch("t", "m", NOW, "ada", 2),
    PutThread("t", "ada", NOW, "Title", "Agent", ("x", "y")),
    RenameThread("t", "Other", NOW, "ada"),
    MergeThreadMetadata("t", {"a": None, "$map": 1}, NOW, ()),
    DeleteThread("t", NOW, "ada"),
    RestoreThread("t", NOW, "ada"),
    UnarchiveThread("t", NOW, "ada"),
    ReturnThread("t", NOW, "r"),
    ReturnMessage("t", "m", NOW, "r"),
    TagThread("t", ("x", "y"), NOW, "ada"),
    InsertRow("events", {"timestamp": NOW, "payload": {"$tuple": [1]}}),
    PatchRow("runs", {"run_id": "r"}, {"ended_at": NOW}, "ended_at"),
    MoveIntent("t", "i", "began", "agent", NOW, "ada", "r", "m", "c", {"score": 0.5}, {}, {"a": 1}, NOW),
    AppendAudit(NOW, "Olga", "thread_read", "r", "t", {"query": "a b"}),
    TakeCode("r", 59_468_640),
    Enter(
        {"participant_id": "p", "value": "ada"}, {"participant_id": "p", "created_at": NOW}, {"value": "b"}
    ),
    PutCode("c", NOW, "r", "Olga", {"name": "Trust", "name_key": "trust"}, True, False),
    PutAnnotation({"annotation_id": "n", "thread_id": "t", "created_at": NOW}),
    FinishCoding("t", "r", NOW, False),
    PutForm({"form_id": "f", "thread_id": "t", "shown_at": NOW, "definition": {"items": [{"id": "a"}]}}, NOW),
    AnswerForm(
        "f",
        {"step_id": "s", "thread_id": "t"},
        {"a": 1.5, "b": ["x"]},
        ({"item": "a", "sent_at": NOW},),
        NOW,
        "ada",
    ),
    BeginTool("k", "t", "r", "add_order_item", '{"a": 1}', True, NOW, "ada"),
    EndTool("k", "r", {"output": "{}", "is_error": False, "undone": False}, NOW),
    PutToolRecord("t", "order", {"items": [1, {"b": None}]}, NOW, "ada"),
    BeginParticipation({"participant_id": "ada", "began_at": NOW}, {"visit_id": "v", "shown": {"items": []}}),
    MoveParticipation("ada", 1, {"visit": 2}, "passed", NOW, (("consents", {"boxes": {"a": True}}),), None),
    MoveParticipation("ada", 1, {}, "passed", NOW, assign={"levels": {"a": "b"}}, no_place={"ended_at": NOW}),
    ReopenPlace("ada", "l", NOW, NOW),
    ResumePlace("ada", "l", NOW),
    Withdraw("ada", "w", NOW, "researcher", "r"),
]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """An empty journal."""
    return Journal(tmp_path / "journal")


@pytest.mark.parametrize("write", WRITES, ids=lambda write: type(write).__name__)
def test_each_kind_of_write_comes_back_as_it_was(write: Write) -> None:
    """Through JSON and back, types and all."""
    assert from_json(json.loads(json.dumps(to_json(write)))) == write


def test_every_kind_is_tried_here() -> None:
    """A new kind of write needs a line above."""
    assert {type(write) for write in WRITES} == set(Write.__args__)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(row=st.dictionaries(st.text(), JSON | st.datetimes(timezones=st.just(UTC)), max_size=5))
def test_any_row_comes_back_as_it_was(row: dict[str, Any]) -> None:
    """Lone surrogates, keys that look like ours, moments among them."""
    write = InsertRow("events", row)
    assert from_json(json.loads(json.dumps(to_json(write)))) == write


def test_moments_keep_their_microseconds_and_become_utc() -> None:
    """The order of two writes in the same millisecond is not lost."""
    local = NOW.astimezone(timezone(timedelta(hours=5)))
    back = from_json(json.loads(json.dumps(to_json(DeleteThread("t", local)))))
    assert isinstance(back, DeleteThread)
    assert back.at == NOW
    assert back.at.utcoffset() == timedelta(0)


def test_units_come_out_in_order_with_their_numbers(journal: Journal) -> None:
    """Append after append."""
    journal.append([Unit([WRITES[0]], [1]), Unit(WRITES[1:3], [2, 3])])
    journal.append([Unit([WRITES[3]], [4])])
    found = journal.read()
    assert [list(unit.orders) for unit in found] == [[1], [2, 3], [4]]
    assert [list(unit.writes) for unit in found] == [[WRITES[0]], WRITES[1:3], [WRITES[3]]]
    assert len({unit.entry_id for unit in found}) == 3


def test_a_try_without_an_answer_is_remembered(journal: Journal) -> None:
    """By process and number: the replay asks whether it went in; what was never tried has none."""
    journal.append([Unit([WRITES[0]], [1], attempt=Attempt("p", 3, marked=True)), Unit([WRITES[0]], [2])])
    first, second = journal.read()
    assert (first.attempt, second.attempt) == (Attempt("p", 3), None)


def test_an_empty_journal_is_no_file(journal: Journal) -> None:
    """Nothing waits, nothing is there."""
    assert not journal
    assert journal.read() == []
    journal.clear()


def test_a_torn_line_hides_no_other(journal: Journal) -> None:
    """What is appended behind half a line starts on a line of its own."""
    journal.append([Unit([WRITES[0]], [1])])
    journal.path.write_bytes(journal.path.read_bytes() + b'{"id": "half a li')
    journal.append([Unit([WRITES[1]], [2])])
    assert [list(unit.orders) for unit in journal.read()] == [[1], [2]]


@pytest.mark.parametrize("junk", [b"\xff\xfe\x00", b"\x00" * 4096, b"{}", b"[]", b'{"id": 1}', b"null"])
def test_junk_is_set_aside(journal: Journal, junk: bytes) -> None:
    """A damaged disk, another version's line: passed over, and kept for a person when the rest is done."""
    journal.path.parent.mkdir()
    journal.path.write_bytes(junk + b"\n")
    journal.append([Unit([WRITES[0]], [1])])
    assert [list(unit.orders) for unit in journal.read()] == [[1]]
    journal.clear()
    assert not journal
    assert len(journal.failed_path.read_text().splitlines()) == 1


def test_a_unit_of_another_version_is_set_aside(journal: Journal) -> None:
    """A kind of write that this one does not know is not lost."""
    journal.path.parent.mkdir()
    line = {"id": "x", "orders": [1], "writes": [{"kind": "PutHologram", "fields": {}}]}
    journal.path.write_text(json.dumps(line) + "\n")
    assert journal.read() == []
    journal.clear()
    assert "PutHologram" in journal.failed_path.read_text()


def test_a_failed_append_leaves_nothing_half(journal: Journal) -> None:
    """The folder is a file: the caller hears of it, and may try again."""
    journal.path.parent.write_text("in the way")
    with pytest.raises(OSError, match="journal"):
        journal.append([Unit([WRITES[0]], [1])])


def test_a_line_is_one_line(journal: Journal) -> None:
    """Line ends of every kind in a text end no line of the journal."""
    text = "a\nb\r\nc\u2028d\u2029e\x85f\x1cg\ud800"
    journal.append([Unit([InsertRow("events", {"payload": text})], [1])])
    (unit,) = journal.read()
    assert unit.writes == [InsertRow("events", {"payload": text})]


def test_the_folder_is_its_owners_alone(journal: Journal) -> None:
    """It holds participants' words."""
    journal.append([Unit([WRITES[0]], [1])])
    assert journal.path.parent.stat().st_mode & 0o077 == 0
