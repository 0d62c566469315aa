"""What is imported is a part of the record like all else: proved, erased, told apart."""

import asyncio
import json
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.engine import open_database
from data_layer.database.rows import rows_of
from data_layer.record import Record
from data_layer.writing.batch import Unit
from data_layer.writing.state import ThreadDefaults
from exports import load
from imports.fields import role_of
from imports.orders import FreeOrders, first_gap
from imports.remarks import Remarks
from imports.unit import Origin, unit_of
from study.text import storable
from study.vocabulary import CodeColour
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, begin_thread, count, message, new_id, rows
from tests.data_layer.said_by_ada import rows_with
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.imports.bringing import AT, bring, read, remarks, write
from tests.imports.test_acts import FORKED, exported
from tests.imports.test_json_sessions import SAID, SESSION

OPENAI = {"id": "t", "user": "Marker", "messages": [{"role": "user", "content": "Marker said"}]}

ANOTHER = {"id": "u", "user": "another", "messages": [{"role": "user", "content": "Another said"}]}


async def test_an_export_of_what_was_imported_is_proved(
    record: Record, database_url: str, tmp_path: Path
) -> None:
    """With branches and deleted messages, on both databases. One made before says what came since."""
    await asyncio.to_thread(export_to, database_url, tmp_path / "before")
    at = datetime.now(UTC)
    await bring(record, "chatgpt", write(tmp_path / "c.json", exported(FORKED, "b1")), owner="ada", at=at)
    ended = SESSION | {"_id": "9", "deleted": True, "messages": [{"role": "user", "content": "Ended"}]}
    told = {"sessions": [SESSION, ended], "messages": SAID}
    await bring(record, "mongo", write(tmp_path / "m.json", told), at=at)
    await bring(record, "openai", write(tmp_path / "o.jsonl", [OPENAI]), at=at)
    whole = {"include_deleted": True, "include_identities": True}
    await asyncio.to_thread(export_to, database_url, tmp_path / "out", **whole)
    assert await asyncio.to_thread(verify_export, tmp_path / "out", database_url) == []
    since = await asyncio.to_thread(verify_export, tmp_path / "before", database_url)
    assert [one for one in since if one.wrong] == []
    assert since
    tables = load(tmp_path / "out")
    assert set(tables["messages"]["source"]) == set(tables["threads"]["source"]) == {"import"}
    assert sorted(tables["imports"]["source"]) == ["chatgpt", "mongo", "mongo", "openai"]
    assert len(tables["import_origins"]) == 4
    assert "import_origins" not in load(tmp_path / "before")


async def test_a_withdrawal_erases_what_was_imported_and_it_stays_away(
    record: Record, tmp_path: Path
) -> None:
    """Nothing of it is left, not the id that it had there; the same file brings nothing of it back."""
    file = write(tmp_path / "o.jsonl", [OPENAI, ANOTHER])
    await bring(record, "openai", file)
    (person,) = await rows(record, "identities", value="Marker")
    await record.withdrawals.withdraw(person["participant_id"], "researcher")
    (other,) = await rows(record, "imports")
    assert other["source_id"] == "u"
    assert await rows_with(record, "Marker") == []
    told = Remarks()
    before = await count(record, "participants")
    sums = await bring(record, "openai", file, told)
    assert (sums.threads, sums.withdrawn, sums.here) == (0, 1, 1)
    assert remarks(told) == [(1, "a thread of a participant who has withdrawn")]
    assert await count(record, "participants") == before
    assert await count(record, "imports") == 1


async def test_two_threads_with_one_id_both_go_in_and_one_that_stands_twice_once(
    record: Record, tmp_path: Path
) -> None:
    """The second gets an id of its own, the same whenever the file is imported."""
    other = OPENAI | {"messages": [{"role": "user", "content": "Other words"}]}
    file = write(tmp_path / "o.jsonl", [OPENAI, other, OPENAI])
    told = Remarks()
    sums = await bring(record, "openai", file, told)
    assert (sums.threads, sums.participants) == (2, 1)
    assert remarks(told) == [
        (2, "another thread with an id that was there: t"),
        (3, "the same thread once more: t"),
    ]
    assert {row["source_id"] for row in await rows(record, "imports")} == {"t", "t~2"}
    assert (await bring(record, "openai", file)).here == 2


async def test_another_secret_knows_threads_again_by_the_ids_that_they_had(
    record: Record, tmp_path: Path
) -> None:
    """A data folder that was made anew imports nothing twice."""
    file = write(tmp_path / "o.jsonl", [OPENAI])
    await bring(record, "openai", file)
    assert (await bring(record, "openai", file, secret="another secret")).here == 1
    assert await count(record, "threads") == 1


async def test_a_server_that_writes_meanwhile_loses_nothing(
    record: Record, database_url: str, tmp_path: Path
) -> None:
    """Its messages are found by their words, and so are all that were imported: no order is given twice."""
    words = [f"{first}{second}word" for first in string.ascii_lowercase for second in string.ascii_lowercase]
    file = write(
        tmp_path / "o.jsonl",
        [{"messages": [{"role": "user", "content": word}]} for word in words],
    )
    defaults = ThreadDefaults(record.defaults.study_id, "server", "")
    server = Record(open_database(database_url), tmp_path / "server", defaults)
    said = [server.writer.submit(message(server, new_id(), f"live {n}")) for n in range(50)]
    await bring(record, "openai", file)
    for one in said:
        assert (await one).refused is None
    await server.close()
    assert await count(record, "steps") == len(words) + 50
    async with record.database.engine.connect() as connection:
        indexed = await connection.exec_driver_sql("SELECT count(*) FROM search_index WHERE kind = 'message'")
        assert indexed.scalar() == len(words) + 50


async def test_orders_are_taken_where_nobody_has_any(record: Record) -> None:
    """Not where the index shows somebody's, nor twice."""
    taken = FreeOrders(record.database)
    first = await taken.take(100)
    assert await taken.take(5) >= first + 100


@given(st.lists(st.integers(0, 60), unique=True).map(sorted), st.integers(1, 12))
def test_a_gap_is_free_and_wide_enough(taken: list[int], wide: int) -> None:
    """It is the first such place; where there is none, none is given."""
    start = first_gap(0, 60, taken, wide)
    free = [at for at in range(61) if not set(range(at, at + wide)) & set(taken) and at + wide <= 61]
    assert start == (free[0] if free else None)


TEXTS = st.text(max_size=40)
ROLES = ["user", "assistant", "system"]
LINES = st.lists(
    st.lists(st.tuples(st.sampled_from(ROLES), TEXTS.filter(bool)), min_size=1, max_size=6),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES)
def test_whatever_was_said_is_read_back_from_jsonl(tmp_path: Path, lines: list[list[Any]]) -> None:
    """Words and roles, whatever signs they are made of."""
    told = Remarks()
    said = [{"messages": [{"role": role, "content": text} for role, text in one]} for one in lines]
    file = tmp_path / "o.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in said), encoding="utf-8")
    threads = read("openai", file, told)
    assert [[(one.role, one.content) for one in thread.messages] for thread in threads] == [
        [(role_of(role), text) for role, text in one] for one in lines
    ]
    assert not told.counts


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES)
def test_whatever_was_said_stands_in_the_record(
    migrated_sqlite: Path, tmp_path: Path, lines: list[list[Any]]
) -> None:
    """As our own texts are kept, in the order in which it was said; a thread has its counts."""
    said = [{"messages": [{"role": role, "content": text} for role, text in one]} for one in lines]
    file = tmp_path / "o.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in said), encoding="utf-8")
    batches, start = Batches(migrated_sqlite, ThreadDefaults("example", "import", "")), 5_000
    for thread in read("openai", file):
        unit = unit_of(thread, new_id(), ADA, Origin("openai", None, AT), Remarks())
        (outcome,) = batches.apply(Unit(unit.placed(start), range(start, start + len(unit.writes))))
        assert outcome.refused is None
        start += len(unit.writes)
    steps = batches.within(
        lambda connection: rows_of(connection, select(schema.steps).order_by(schema.steps.c.seq))
    )
    threads = batches.within(
        lambda connection: rows_of(connection, select(schema.threads).order_by(schema.threads.c.seq))
    )
    batches.close()
    assert [row["output"] for row in steps] == [storable(text) for one in lines for _, text in one]
    assert [row["message_count"] for row in threads] == [len(one) for one in lines]


async def test_messages_bear_their_own_times_or_say_that_they_have_none(
    record: Record, tmp_path: Path
) -> None:
    """One without takes that of the message before it."""
    at = datetime(2025, 5, 5, 5, tzinfo=UTC)
    said = [
        {"role": "user", "content": "a", "timestamp": at.timestamp()},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c", "timestamp": (at + timedelta(hours=1)).isoformat()},
    ]
    await bring(record, "openai", write(tmp_path / "o.jsonl", [{"messages": said}]))
    found = {row["output"]: row for row in await rows(record, "steps")}
    assert found["b"]["created_at"] == at
    assert found["b"]["metadata"]["import"]["time"] == "not known"
    (thread,) = await rows(record, "threads")
    assert (thread["created_at"], thread["last_activity_at"]) == (at, at + timedelta(hours=1))
    (origin,) = await rows(record, "imports")
    assert origin["times"] == "some"


async def test_every_table_that_an_analysis_counts_tells_imported_rows_apart(
    record: Record, database_url: str, tmp_path: Path
) -> None:
    """Each has `source`; the model that a source names stands beside those that were asked."""
    me = new_id()
    own = await begin_thread(record, owner=(await record.enter("Ada", "ada")).participant_id)
    told = {
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Ho", "model": "gpt-4o-2024-08-06"},
            {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
        ]
    }
    await bring(record, "openai", write(tmp_path / "o.jsonl", [told]), at=datetime.now(UTC))
    code = await record.codebook.add("Trust", "", CodeColour.BLUE, me, "Me")
    threads = [row["thread_id"] for row in await rows(record, "threads")]
    await record.annotations.give_code_to_threads(threads, code.code_id, me, "Me")
    await record.coding_tasks.given.give(threads, me, me)
    await asyncio.to_thread(export_to, database_url, tmp_path / "out")
    tables = load(tmp_path / "out")
    for name in ("threads", "messages", "annotations", "coding_tasks"):
        theirs = dict(zip(tables[name]["thread_id"], tables[name]["source"], strict=True))
        assert sorted(theirs.values()) == ["import", "login"], name
        assert theirs[own] == "login", name
    for name in ("runs", "steps"):
        assert set(tables[name]["source"]) == {"import"}, name
    said = tables["messages"].set_index("content")
    assert said.loc["Ho", "claimed_model"] == "gpt-4o-2024-08-06"
    assert said["claimed_model"].count() == 1
    assert said["model"].count() == 0
