"""What may differ between an export and a study that has gone on, and what may not: row by row, in memory."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pytest

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind, arrow_schema
from exports.columns.scope import Scope, with_thread
from exports.columns.table import ExportTable, Extract
from exports.options import ExportOptions
from exports.progress import Silent
from exports.rows.snapshot import Snapshot
from exports.rows.taking import take_snapshot
from exports.verify.compare import compare_rows
from exports.verify.difference import Difference, Finding
from exports.verify.numbered import Now
from exports.verify.since import Since
from tests.exports.seed import Seed, at, id_of, order

steps = schema.steps
Row = dict[str, Any]
Change = Callable[[list[Row]], list[Row]]
COLUMNS: Final = (
    Column("step_id", Kind.ID, "", value=steps.c.step_id),
    Column("thread_id", Kind.ID, "", value=steps.c.thread_id),
    Column("type", Kind.TEXT, "", value=steps.c.type),
    Column("output", Kind.TEXT, "", value=steps.c.output),
    Column("turn", Kind.INTEGER, "", value=steps.c.turn),
)
# What was written by then was there at the snapshot.
SINCE: Final = Since(order(at(1000)), stirred={"thread_id": frozenset()})


def extract(scope: Scope) -> Extract:
    """Steps: their words may be written anew, their turn is decided by others, their type by nobody."""
    return Extract(
        source=with_thread(steps),
        where=(*scope.living(steps), *scope.threads()),
        order=(steps.c.seq,),
        touched=(steps.c.version,),
        moved=(steps.c.deleted_at,),
        around=frozenset({"turn"}),
        fixed=frozenset({"type"}),
    )


TABLE: Final = ExportTable("steps", "", COLUMNS, ("step_id",), extract)


def that(**said: Any) -> ExportTable:
    """The same table, of which something else is known."""
    return replace(TABLE, extract=lambda scope: replace(extract(scope), **said))


@pytest.fixture(scope="module")
def snapshot(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """Two threads: in each a message of before; in the first also what was written or left since."""
    path = tmp_path_factory.mktemp("compare") / "verbatim.db"
    shutil.copyfile(migrated_sqlite, path)
    url = f"sqlite+aiosqlite:///{path}"
    seed = Seed()
    for thread, seconds in (("here", 90), ("there", 190)):
        seed.thread(thread, "Ada", seconds)
    seed.step("old", "here", 100, "user_message")
    seed.step("older", "there", 200, "user_message")
    seed.step("just before", "here", 300, "user_message", version=order(at(1000)))
    seed.step("anew", "here", 400, "user_message", version=order(at(1001)))
    seed.step("left", "here", 500, "user_message", deleted_at=at(1001))
    seed.step("had left", "here", 600, "user_message", deleted_at=at(999))
    seed.write(url)
    with take_snapshot(url) as taken:
        yield taken


class Counting(Silent):
    """Hears how far a comparison is."""

    def __init__(self) -> None:
        self.rows = 0

    def advance(self, rows: int) -> None:
        """So many rows more."""
        self.rows += rows


def row(name: str, thread: str = "here", **said: Any) -> Row:
    """A row as the database has it, unless told otherwise."""
    ids = {"step_id": id_of(name), "thread_id": id_of(thread)}
    return {**ids, "type": "user_message", "output": name, "turn": 1, **said}


ROWS: Final = (row("old"), row("older", "there"), row("just before"), row("anew"))
NAMES: Final = {id_of(name): name for name in ("old", "older", "just before", "anew", "left", "had left")}


def differences(
    snapshot: Snapshot,
    change: Change = lambda rows: rows,
    table: ExportTable = TABLE,
    since: Since = SINCE,
    *,
    scope: Scope = Scope(),  # noqa: B008  # frozen
    progress: Silent | None = None,
    **known: frozenset[str],
) -> list[Difference]:
    """What is found where an export had other rows than the database has now."""
    batch = pa.RecordBatch.from_pylist(change(list(ROWS)), schema=arrow_schema(COLUMNS))
    now = Now(snapshot, scope, since, **known)
    return compare_rows(table, lambda: iter([batch]), now, progress or Silent())


def found(*arguments: Any, **known: Any) -> list[tuple[Finding, list[str]]]:
    """The same, as findings with the names of the rows."""
    return [
        (one.finding, sorted(NAMES.get(key, "made up") for key in one.ids))
        for one in differences(*arguments, **known)
    ]


def say(name: str, **said: Any) -> Change:
    """Let the export say otherwise of a row."""
    return lambda rows: [one | said if one["step_id"] == id_of(name) else one for one in rows]


def without(name: str) -> Change:
    """Let the export lack a row."""
    return lambda rows: [one for one in rows if one["step_id"] != id_of(name)]


def with_row(more: Row) -> Change:
    """Let the export have a row more, at its end."""
    return lambda rows: [*rows, more]


HERE: Final = frozenset({id_of("here")})


def test_the_same_rows_are_the_same(snapshot: Snapshot) -> None:
    """Nothing is found, and each row of the database is heard of once."""
    told = Counting()
    assert found(snapshot, progress=told) == []
    assert told.rows == len(ROWS)


@pytest.mark.parametrize(
    ("name", "said", "finding"),
    [
        ("old", {"output": "new"}, Finding.DIFFERENT),
        ("just before", {"output": "new"}, Finding.DIFFERENT),
        ("anew", {"output": "new"}, Finding.MOVED_ON),
        ("anew", {"output": None}, Finding.MOVED_ON),
        ("anew", {"type": "tool"}, Finding.DIFFERENT),
        ("old", {"turn": 2}, Finding.DIFFERENT),
        ("old", {"turn": None}, Finding.DIFFERENT),
        ("anew", {"turn": 2}, Finding.MOVED_ON),
    ],
)
def test_what_a_row_says_changes_when_it_was_written(
    snapshot: Snapshot, name: str, said: Row, finding: Finding
) -> None:
    """After the moment, and not at it; what nothing rewrites never does."""
    assert found(snapshot, say(name, **said)) == [(finding, [name])]


@pytest.mark.parametrize(
    ("name", "said", "finding"),
    [
        ("old", {"turn": 2}, Finding.MOVED_ON),
        ("old", {"output": "new"}, Finding.DIFFERENT),
        ("older", {"turn": 2}, Finding.DIFFERENT),
    ],
)
def test_what_others_decide_changes_when_anything_happened_there(
    snapshot: Snapshot, name: str, said: Row, finding: Finding
) -> None:
    """In its own thread; and not its words."""
    since = replace(SINCE, stirred={"thread_id": HERE})
    assert found(snapshot, say(name, **said), since=since) == [(finding, [name])]


def test_what_follows_nothing_is_not_stirred(snapshot: Snapshot) -> None:
    """Whatever happened in a thread that it names."""
    since = replace(SINCE, stirred={"thread_id": HERE})
    assert found(snapshot, say("old", turn=2), that(follows=None), since) == [(Finding.DIFFERENT, ["old"])]


def test_what_bears_no_moment_was_never_written(snapshot: Snapshot) -> None:
    """A row that nothing rewrites cannot have changed since."""
    still = that(touched=(), moved=())
    assert found(snapshot, say("anew", output="new"), still) == [(Finding.DIFFERENT, ["anew"])]


@pytest.mark.parametrize(
    ("name", "since", "held", "finding"),
    [
        ("old", {}, frozenset(), Finding.NOT_EXPORTED),
        ("just before", {}, frozenset(), Finding.NOT_EXPORTED),
        ("anew", {}, frozenset(), Finding.NEWER),
        ("old", {"went": HERE}, frozenset(), Finding.NEWER),
        ("old", {"went": HERE}, HERE, Finding.NOT_EXPORTED),
        ("older", {"went": HERE}, frozenset(), Finding.NOT_EXPORTED),
        ("old", {"stirred": {"thread_id": HERE}}, frozenset(), Finding.NOT_EXPORTED),
        ("old", {"came_back": HERE}, frozenset(), Finding.NOT_EXPORTED),
    ],
)
def test_a_row_that_an_export_lacks_came_since_or_was_left_out(
    snapshot: Snapshot, name: str, since: dict[str, Any], held: frozenset[str], finding: Finding
) -> None:
    """By its own moment, or with its whole thread, of which nothing else was exported."""
    since_then = replace(SINCE, **since)
    assert found(snapshot, without(name), since=since_then, held=held) == [(finding, [name])]


@pytest.mark.parametrize(("name", "finding"), [("old", Finding.NEWER), ("older", Finding.NOT_EXPORTED)])
def test_a_row_comes_back_with_its_branch(snapshot: Snapshot, name: str, finding: Finding) -> None:
    """Where rows of its kind do, and in the thread where one was shown."""
    since = replace(SINCE, came_back=HERE)
    assert found(snapshot, without(name), that(walks=True), since) == [(finding, [name])]


@pytest.mark.parametrize(("name", "finding"), [("old", Finding.NEWER), ("older", Finding.NOT_EXPORTED)])
def test_a_filter_finds_a_thread_later(snapshot: Snapshot, name: str, finding: Finding) -> None:
    """Where anything happened in it: what the filter asks for may have changed."""
    since = replace(SINCE, stirred={"thread_id": HERE})
    filtered = Scope(ExportOptions(agent="Model"))
    assert found(snapshot, without(name), since=since, scope=filtered) == [(finding, [name])]


@pytest.mark.parametrize(
    ("follows", "agent", "finding"),
    [
        ("output", None, Finding.NEWER),
        ("participant_id", None, Finding.NOT_EXPORTED),
        ("participant_id", "Model", Finding.NEWER),
    ],
)
def test_a_row_comes_with_what_it_follows(
    snapshot: Snapshot, follows: str, agent: str | None, finding: Finding
) -> None:
    """A participant's only where threads are chosen: without a choice all of them are there."""
    columns = (*COLUMNS[:3], replace(COLUMNS[3], name=follows), COLUMNS[4])
    table = replace(that(follows=follows), columns=columns)
    rows = [{follows if key == "output" else key: value for key, value in one.items()} for one in ROWS[1:]]
    batch = pa.RecordBatch.from_pylist(rows, schema=arrow_schema(columns))
    since = replace(SINCE, stirred={follows: frozenset({"old"})})
    now = Now(snapshot, Scope(ExportOptions(agent=agent)), since)
    (one,) = compare_rows(table, lambda: iter([batch]), now, Silent())
    assert (one.finding, one.ids) == (finding, (id_of("old"),))


@pytest.mark.parametrize(
    ("more", "since", "chosen", "finding"),
    [
        (row("left"), {}, frozenset(), Finding.LEFT),
        (row("left", turn=2), {}, frozenset(), Finding.LEFT),
        (row("left", output="forged"), {}, frozenset(), Finding.DIFFERENT),
        (row("left", type="tool"), {}, frozenset(), Finding.DIFFERENT),
        (row("had left"), {}, frozenset(), Finding.NOT_IN_DATABASE),
        (row("had left", output="forged"), {}, frozenset(), Finding.DIFFERENT),
        (row("had left"), {"went": HERE}, frozenset(), Finding.LEFT),
        (row("had left"), {"went": HERE}, HERE, Finding.NOT_IN_DATABASE),
        (row("made up"), {}, frozenset(), Finding.NOT_IN_DATABASE),
        (row("made up"), {"went": HERE}, frozenset(), Finding.NOT_IN_DATABASE),
    ],
)
def test_a_row_that_the_database_lacks_left_since_or_never_was(
    snapshot: Snapshot, more: Row, since: dict[str, Any], chosen: frozenset[str], finding: Finding
) -> None:
    """It is looked up in all that was ever kept, and has to read there as it was exported."""
    ours = found(snapshot, with_row(more), since=replace(SINCE, **since), chosen=chosen)
    assert ours == [(finding, [NAMES.get(more["step_id"], "made up")])]


def test_a_row_of_who_has_withdrawn_is_told_of_by_itself(snapshot: Snapshot) -> None:
    """It is to be deleted, and others that are missing are still an alarm."""
    change = lambda rows: [*rows, row("gone"), row("lost")]  # noqa: E731
    one, other = differences(snapshot, change, withdrawn=frozenset({id_of("gone")}))
    assert (one.finding, one.ids) == (Finding.NOT_IN_DATABASE, (id_of("lost"),))
    assert (other.finding, other.ids) == (Finding.WITHDRAWN, (id_of("gone"),))


@pytest.mark.parametrize(
    "change",
    [lambda rows: [rows[1], rows[0], *rows[2:]], lambda rows: [rows[0], *rows]],
    ids=["exchanged", "repeated"],
)
def test_rows_stand_in_the_order_of_the_database(snapshot: Snapshot, change: Change) -> None:
    """Each once; the one is named that stands where it does not belong."""
    assert found(snapshot, change) == [(Finding.DISORDERED, ["old"])]


def test_a_row_that_came_between_is_no_disorder(snapshot: Snapshot) -> None:
    """Nor is one that left."""
    assert found(snapshot, without("just before")) == [(Finding.NOT_EXPORTED, ["just before"])]


def test_a_difference_names_the_thread_as_the_export_has_it(snapshot: Snapshot) -> None:
    """The room's link leads there; where the export has no such row, the database says it."""
    (moved,) = differences(snapshot, say("older", thread_id=id_of("here")))
    assert (moved.finding, moved.threads) == (Finding.DIFFERENT, (id_of("here"),))
    (missed,) = differences(snapshot, without("older"))
    assert missed.threads == (id_of("there"),)


def test_a_row_without_a_thread_is_named_without_one(snapshot: Snapshot) -> None:
    """Beside those that have one; they are in the order of the ids."""
    change = lambda rows: [*rows, row("lost", thread_id=None), row("gone")]  # noqa: E731
    (one,) = differences(snapshot, change)
    known = {id_of("lost"): "", id_of("gone"): id_of("here")}
    assert (one.count, dict(zip(one.ids, one.threads, strict=True))) == (2, known)
    assert one.ids == tuple(sorted(known))


def test_the_threads_of_all_batches_are_known(snapshot: Snapshot) -> None:
    """An export is read some rows at a time; what was found in the first is not forgotten."""
    made_up = [row("lost"), row("gone", "there")]
    batches = [
        pa.RecordBatch.from_pylist(rows, schema=arrow_schema(COLUMNS))
        for rows in (ROWS, *([one] for one in made_up))
    ]
    (one,) = compare_rows(TABLE, lambda: iter(batches), Now(snapshot, Scope(), SINCE), Silent())
    known = {id_of("lost"): id_of("here"), id_of("gone"): id_of("there")}
    assert dict(zip(one.ids, one.threads, strict=True)) == known


def test_a_table_without_threads_names_none(snapshot: Snapshot) -> None:
    """Its rows are compared all the same."""
    columns = (COLUMNS[0], *COLUMNS[2:])
    table = replace(TABLE, columns=columns)
    batch = pa.RecordBatch.from_pylist(list(ROWS[1:]), schema=arrow_schema(columns))
    (one,) = compare_rows(table, lambda: iter([batch]), Now(snapshot, Scope(), SINCE), Silent())
    assert (one.finding, one.ids, one.threads) == (Finding.NOT_EXPORTED, (id_of("old"),), ("",))


def test_rows_of_two_keys_are_found_by_both(snapshot: Snapshot) -> None:
    """A row that left is looked up by the first, and is the one that has the second as well."""
    table = replace(TABLE, key=("step_id", "turn"))
    first, other = (with_row(row("left", turn=turn)) for turn in (1, 2))
    (left,) = differences(snapshot, first, table)
    assert (left.finding, left.ids, left.threads) == (
        Finding.LEFT,
        (f"{id_of('left')}/1",),
        (id_of("here"),),
    )
    (lost,) = differences(snapshot, other, table)
    assert (lost.finding, lost.ids) == (Finding.NOT_IN_DATABASE, (f"{id_of('left')}/2",))


def test_ten_thousand_rows_that_were_made_up_are_counted(snapshot: Snapshot) -> None:
    """So many are not looked up one by one; one among them that left is still told apart."""
    made_up = [row("made up", step_id=f"{number:036}") for number in range(10_001)]
    left, lost = sorted(
        differences(snapshot, lambda rows: [*rows, *made_up, row("left")]), key=lambda one: one.count
    )
    assert (left.finding, left.count) == (Finding.LEFT, 1)
    assert (lost.finding, lost.count, len(lost.ids)) == (Finding.NOT_IN_DATABASE, 10_001, 10)
