"""What a proof is made of, without a database: the digest of rows, ids that join, what a difference says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, cast

import pyarrow as pa
import pytest

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Field, Kind, arrow_schema
from exports.columns.table import ExportTable
from exports.rows.digest import Digest
from exports.verify.difference import HARMLESS, NAMED, Difference, Finding
from exports.verify.joins import orphans

# The kinds that there were when the digest was written down; one that came later changes no export of then.
KINDS: Final = tuple(kind for kind in Kind if kind is not Kind.VECTOR)
COLUMNS: Final = tuple(Field(kind.value, kind, "") for kind in KINDS if kind is not Kind.JSON)
NOON: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
NONE: Final[dict[str, Any]] = dict.fromkeys(kind.value for kind in KINDS)
ROWS: Final[list[dict[str, Any]]] = [
    {"id": "a", "text": "Größe", "integer": 7, "number": 1.5, "boolean": True, "time": NOON},
    NONE,
    {
        "id": "b",
        "text": "",
        "integer": 0,
        "number": 0.0,
        "boolean": False,
        "time": datetime.fromtimestamp(0, UTC),
    },
    {"id": "bc", "text": "d", "integer": -1, "number": float("inf"), "boolean": True, "time": NOON},
]


def batch_of(rows: list[dict[str, Any]], columns: tuple[Field, ...] = COLUMNS) -> pa.RecordBatch:
    """Rows in Arrow."""
    return pa.RecordBatch.from_pylist(rows, schema=arrow_schema(columns))


def digest_of(*batches: pa.RecordBatch, columns: tuple[Field, ...] = COLUMNS) -> str:
    """The digest of all of them."""
    digest = Digest(columns)
    for batch in batches:
        digest.add(batch)
    assert digest.rows == sum(batch.num_rows for batch in batches)
    return digest.hexdigest()


def test_a_digest_is_the_same_for_ever() -> None:
    """An export is proved by a Verbatim of years later; another digest would call each of them forged."""
    assert digest_of(batch_of(ROWS)) == "3525a66b1507a756b4aa51e19358c2e58e0b137a7ebfe4c2d446d8bffd9aa25a"
    assert digest_of() == "8a1761492f3ebe56542bf13473dc6d08b466f48fb5eb6550569801319cc5f7a6"


@pytest.mark.parametrize("cuts", [[1, 2, 3], [2], [0, 3, 3]])
def test_how_rows_are_cut_into_batches_changes_no_digest(cuts: list[int]) -> None:
    """Nor does where in its memory a batch begins, nor a column beside."""
    whole = batch_of([*ROWS[::-1], *ROWS, *ROWS]).slice(4, 4)
    ends = [*cuts, 4]
    parts = [whole.slice(start, end - start) for start, end in zip([0, *cuts], ends, strict=True)]
    assert digest_of(*parts) == digest_of(batch_of(ROWS))
    beside = batch_of(ROWS).append_column("beside", pa.array([1, 2, 3, 4]))
    assert digest_of(beside) == digest_of(batch_of(ROWS))


def test_what_stands_in_the_place_of_nothing_changes_no_digest() -> None:
    """Memory that a missing value leaves as it was is not part of what rows say."""
    column = (Field("integer", Kind.INTEGER, ""),)
    there = pa.array([True, False]).buffers()[1]
    values = [pa.array([1, left]).buffers()[1] for left in (2, 3)]
    one, other = (
        pa.record_batch([pa.Array.from_buffers(pa.int64(), 2, [there, value])], ["integer"])
        for value in values
    )
    assert digest_of(one, columns=column) == digest_of(other, columns=column)


@pytest.mark.parametrize(
    "forged",
    [
        ROWS[:3],
        [ROWS[1], ROWS[0], *ROWS[2:]],
        *([ROWS[0] | {name: None}, *ROWS[1:]] for name in ROWS[0]),
        *([*ROWS[:2], ROWS[2] | {name: None}, ROWS[3]] for name in ROWS[0]),
        [*ROWS[:2], ROWS[2] | {"id": "bb"}, ROWS[3] | {"id": "c"}],
        [ROWS[0] | {"text": "Grösse"}, *ROWS[1:]],
        [ROWS[0] | {"integer": 8}, *ROWS[1:]],
        [ROWS[0] | {"number": 1.25}, *ROWS[1:]],
        [ROWS[0] | {"boolean": False}, *ROWS[1:]],
        [ROWS[0] | {"time": NOON.replace(microsecond=1000)}, *ROWS[1:]],
        [ROWS[0] | {"id": "Größe", "text": "a"}, *ROWS[1:]],
    ],
    ids=str,
)
def test_other_rows_have_another_digest(forged: list[dict[str, Any]]) -> None:
    """A row less, two that changed places, a value that came or went, letters that moved to the next row."""
    assert digest_of(batch_of(forged)) != digest_of(batch_of(ROWS))


def test_other_columns_have_another_digest() -> None:
    """By name and by type, though the values are the same."""
    assert digest_of(batch_of([]), columns=COLUMNS[:1]) != digest_of(batch_of([]), columns=COLUMNS[1:2])
    number = replace(COLUMNS[2], kind=Kind.TIME)
    same = (batch_of([], COLUMNS[2:3]), batch_of([], (number,)))
    assert digest_of(same[0], columns=COLUMNS[2:3]) != digest_of(same[1], columns=(number,))


# Ids that join.


def table(name: str, **columns: tuple[str, ...]) -> ExportTable:
    """A table of ids, each column with what it joins."""
    value = schema.threads.c.thread_id
    of = tuple(
        Column(column, Kind.ID, "", value=value, references=joins) for column, joins in columns.items()
    )
    return ExportTable(name, "", of, (of[0].name,), cast(Any, None))


THREADS: Final = table("threads", thread_id=())
MESSAGES: Final = table(
    "messages",
    message_id=(),
    thread_id=("threads.thread_id",),
    parent_id=("messages.message_id", "steps.step_id"),
)
STEPS: Final = table("steps", step_id=())


def read_in(rows: dict[str, list[str | None]]) -> Any:
    """What reads a table: a batch for each row."""

    def read(columns: tuple[Field, ...]) -> Iterator[pa.RecordBatch]:
        for values in zip(*(rows[column.name] for column in columns), strict=True):
            yield pa.record_batch([pa.array([one], pa.string()) for one in values], [c.name for c in columns])

    return read


def test_ids_that_join_nothing_are_told_of() -> None:
    """By table and column, each once, in order; one that is missing joins nothing and need not."""
    there: list[str | None] = [f"t{number}" for number in range(3)]
    named = [f"x{number:02}" for number in range(NAMED + 2)]
    threads: list[str | None] = ["t1", None, *reversed(named), named[0]]
    messages: list[str | None] = [f"m{number}" for number in range(len(threads))]
    read = {
        "threads": read_in({"thread_id": there}),
        "messages": read_in(
            {
                "message_id": messages,
                "thread_id": threads,
                "parent_id": ["m1", "s1", "s2", *messages[3:]],
            }
        ),
        "steps": read_in({"step_id": ["s1", None]}),
    }
    found = orphans([THREADS, MESSAGES, STEPS], read)
    assert [(one.finding, one.where, one.count, one.ids) for one in found] == [
        (Finding.ORPHANS, "messages", NAMED + 2, tuple(named[:NAMED])),
        (Finding.ORPHANS, "messages", 1, ("s2",)),
    ]
    assert ["thread_id" in found[0].detail, "parent_id" in found[1].detail] == [True, True]


def test_ids_are_not_called_lost_unless_all_they_may_join_is_there() -> None:
    """A table that was not exported is not looked into."""
    read = {
        "messages": read_in({"message_id": ["m"], "thread_id": ["?"], "parent_id": ["?"]}),
        "threads": read_in({"thread_id": ["t"]}),
    }
    assert orphans([MESSAGES], read) == []
    assert [one.ids for one in orphans([MESSAGES, THREADS], read)] == [("?",)]


def test_a_table_may_join_itself_alone() -> None:
    """Its own ids are looked up where no other table was exported; a table without rows has none."""
    steps = table("steps", step_id=(), parent_id=("steps.step_id",))
    read = read_in({"step_id": ["a", "b"], "parent_id": ["a", "?"]})
    assert [one.ids for one in orphans([steps], {"steps": read})] == [("?",)]
    assert orphans([steps], {"steps": read_in({"step_id": [], "parent_id": []})}) == []


# What a difference says.


@pytest.mark.parametrize("finding", Finding)
def test_only_what_use_can_have_done_is_harmless(finding: Finding) -> None:
    """Anything else makes an export one that cannot be trusted."""
    assert Difference(finding, "messages", "").wrong is (finding not in HARMLESS)


@pytest.mark.parametrize(
    ("count", "ids", "said"),
    [
        (0, (), "messages: gone"),
        (2, ("a", "b"), "messages: gone: a, b"),
        (3, ("a", "b"), "messages: gone: a, b, ..."),
    ],
)
def test_a_difference_names_ids_and_says_that_there_are_more(
    count: int, ids: tuple[str, ...], said: str
) -> None:
    """In one line."""
    assert str(Difference(Finding.DIFFERENT, "messages", "gone", count, ids)) == said
