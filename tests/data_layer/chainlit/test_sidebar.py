"""The sidebar: one indexed query that never reads steps, and a cursor that misses nothing."""

import base64
import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from data_layer.chainlit.shapes import thread_row_dict
from data_layer.conversations.own_threads import deleted_page, tags_of
from data_layer.conversations.threads import MAX_PAGE, list_page, page_query
from data_layer.database.types import iso
from data_layer.record import Record
from data_layer.writing.writes import DeleteSteps, DeleteThread, PutThread, RestoreThread, TagThread
from tests.data_layer.rows import ADA, BOB, Statements, begin_thread, execute, message, new_id, one, reply
from tests.fakes import HandClock

OLD = "99999999-9999-4999-8999-999999999999"


async def fill(record: Record, many: int, owner: str = ADA) -> list[str]:
    """Make threads.

    Returns:
        Their ids, the oldest first.
    """
    ids = [new_id() for _ in range(many)]
    puts = [PutThread(thread_id, owner, record.now(), f"Thread {n}") for n, thread_id in enumerate(ids)]
    await record.writer.submit(*puts)
    return ids


async def walk(record: Record, size: int, search: str = "") -> list[str]:
    """All pages, one after the other."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await list_page(record.database, ADA, first=size, cursor=cursor, search=search)
        found += [row["thread_id"] for row in page.threads]
        cursor = page.next_cursor
        if cursor is None:
            return found


async def test_the_newest_activity_comes_first(record: Record) -> None:
    """A message in an old thread lifts it to the top; an agent's answer does not."""
    old, middle, new = await fill(record, 3)
    await record.writer.submit(message(record, old, "Back again"))
    await record.writer.submit(reply(record, middle, "Late answer"))
    assert await walk(record, 35) == [old, new, middle]


async def test_only_ones_own_living_threads(record: Record) -> None:
    """Another's threads and deleted ones are not there."""
    mine, gone = await fill(record, 2)
    await fill(record, 1, BOB)
    await record.writer.submit(DeleteThread(gone, record.now(), ADA))
    assert await walk(record, 35) == [mine]


@pytest.mark.parametrize("narrowed", [{"tag": "a\0b"}, {"agent": "a\0b"}], ids=["tag", "agent"])
async def test_what_no_database_can_hold_is_looked_for_as_it_is_kept(
    record: Record, narrowed: dict[str, str]
) -> None:
    """PostgreSQL takes no NUL, not in a question either: a filter is read as a tag or a name is kept."""
    mine, _ = new_id(), await fill(record, 1)
    agent = None if "tag" in narrowed else "a\ufffdb"
    await record.writer.submit(PutThread(mine, ADA, record.now(), "", agent))
    await record.writer.submit(TagThread(mine, ["a\0b"], record.now(), ADA))
    page = await list_page(record.database, ADA, first=35, **narrowed)
    assert [row["thread_id"] for row in page.threads] == [mine]


async def test_a_page_has_what_the_sidebar_shows(record: Record) -> None:
    """Title, preview, count: without a look at the messages."""
    await begin_thread(record, "What is the weather like?")
    page = await list_page(record.database, ADA, first=35)
    row = page.threads[0]
    assert (row["title"], row["preview"], row["message_count"]) == (
        "What is the weather like?",
        "What is the weather like?",
        1,
    )


async def test_the_last_message_is_shown_from_its_beginning(record: Record) -> None:
    """Cut between two words, with an ellipsis; what is deleted gives its place to what stood before it."""
    thread_id = await begin_thread(record, "Hello")
    words = "\n\n  We have to make a decision, and I am not sure " + "at all " * 60
    said = reply(record, thread_id, words)
    await record.writer.submit(said)
    shown = "We have to make a decision, and I am not sure at all at all at all at all at…"
    assert await shown_now(record) == shown
    await record.writer.submit(DeleteSteps((said.row["step_id"],), record.now(), "removed", thread_id, ADA))
    assert await shown_now(record) == "Hello"


async def shown_now(record: Record) -> str:
    """What the only row of the list says of its last message."""
    page = await list_page(record.database, ADA, first=35)
    return str(thread_row_dict(page.threads[0], ADA)["metadata"]["preview"])


async def test_it_is_one_statement_that_never_names_steps(record: Record) -> None:
    """However many threads and messages there are."""
    await fill(record, 40)
    with Statements(record.database) as statements:
        await list_page(record.database, ADA, first=35)
    selects = [statement for statement in statements.texts if "SELECT" in statement.upper()]
    assert len(selects) == 1
    assert "steps" not in selects[0]


async def test_the_index_answers_it(record: Record) -> None:
    """The plan is a search in ix_threads_sidebar, already in order: no scan, no sort, at any page."""
    await fill(record, 50)
    await fill(record, 50, BOB)
    await list_page(record.database, ADA, first=35)
    if record.database.dialect == "postgresql":
        await execute(record.database, "ANALYZE threads")
    cursor = (await list_page(record.database, ADA, first=5)).next_cursor
    for place in (None, cursor):
        plan = await plan_of(record, place)
        assert "ix_threads_sidebar" in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan
        assert "Seq Scan" not in plan


async def plan_of(record: Record, cursor: str | None) -> str:
    """How the database answers the sidebar's query."""
    query = page_query(ADA, 35, cursor)
    dialect = record.database.engine.dialect
    statement = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN QUERY PLAN" if record.database.dialect == "sqlite" else "EXPLAIN"
    async with record.database.engine.begin() as connection:
        if record.database.dialect == "postgresql":
            # A hundred rows fit into two pages, where no index pays; the question is whether it can.
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            await connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        found = await connection.exec_driver_sql(f"{explain} {statement}")
        return "\n".join(str(row) for row in found)


@pytest.mark.parametrize("size", [1, 3, 7])
async def test_pages_miss_nothing_among_ties(record: Record, size: int) -> None:
    """Threads of the very same moment are told apart by their ids."""
    moment = record.now()
    ids = [new_id() for _ in range(10)]
    await record.writer.submit(*(PutThread(thread_id, ADA, moment, "Same") for thread_id in ids))
    found = await walk(record, size)
    assert sorted(found) == sorted(ids)
    assert found == sorted(ids, reverse=True)


async def test_a_thread_that_moves_up_while_one_scrolls_hides_no_other(record: Record) -> None:
    """The next page goes on from the last row that was seen, not from a number of rows."""
    ids = await fill(record, 6)
    page = await list_page(record.database, ADA, first=3)
    await record.writer.submit(message(record, ids[0], "Up"))
    rest = await list_page(record.database, ADA, first=3, cursor=page.next_cursor)
    assert [row["thread_id"] for row in rest.threads] == [ids[2], ids[1]]


@pytest.mark.parametrize(("first", "given"), [(0, 1), (-5, 1), (2**31, MAX_PAGE), (7, 7)])
async def test_the_page_size_is_clamped(record: Record, first: int, given: int) -> None:
    """The client asks for it; nobody gets everything at once."""
    await fill(record, MAX_PAGE + 5)
    page = await list_page(record.database, ADA, first=first)
    assert len(page.threads) == given


async def test_the_last_page_has_no_cursor(record: Record) -> None:
    """Exactly full is not more to come."""
    await fill(record, 4)
    assert (await list_page(record.database, ADA, first=4)).next_cursor is None


def _crafted(*key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "junk",
        "é\ud800",
        "{}",
        _crafted(),
        _crafted(1, 2),
        _crafted("2026-11-21T12:00:00.000Z"),
        _crafted("2026-11-21T12:00:00.000Z", "not an id\x00"),
        _crafted("2026-11-21T12:00:00.000", OLD),
        _crafted("0001-01-01T00:00:00+23:59", OLD),
        _crafted("9999-12-31T23:59:59-23:59", OLD),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
)
async def test_a_cursor_that_is_not_ours_starts_from_the_top(record: Record, cursor: str) -> None:
    """Junk, and what was crafted to look like one, is passed over."""
    ids = await fill(record, 2)
    page = await list_page(record.database, ADA, first=35, cursor=cursor)
    assert [row["thread_id"] for row in page.threads] == ids[::-1]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
async def test_any_cursor_is_legal(record: Record, cursor: str) -> None:
    """Nothing that a client sends makes the sidebar fail."""
    await list_page(record.database, ADA, first=1, cursor=cursor)


async def test_a_cursor_shows_nobody_elses_threads(record: Record) -> None:
    """It says where to go on, never whose."""
    await fill(record, 3, BOB)
    mine = await fill(record, 1)
    cursor = _crafted("2030-01-01T00:00:00.000Z", OLD)
    page = await list_page(record.database, ADA, first=35, cursor=cursor)
    assert [row["thread_id"] for row in page.threads] == mine


async def test_a_clock_set_back_moves_no_thread_down(record: Record, clock: HandClock) -> None:
    """Last activity never goes backward."""
    thread_id = await begin_thread(record)
    before = (await one(record, "threads"))["last_activity_at"]
    clock.forward(-3600)
    await record.writer.submit(message(record, thread_id, "An hour ago"))
    assert (await one(record, "threads"))["last_activity_at"] == before


async def test_moments_are_kept_to_the_millisecond(record: Record) -> None:
    """So that a cursor, which is text, names exactly the row that it came from."""
    moment = record.now().replace(microsecond=123_987)
    await record.writer.submit(PutThread(new_id(), ADA, moment, "Now"))
    kept = (await one(record, "threads"))["last_activity_at"]
    assert kept == moment.replace(microsecond=123_000)
    assert iso(kept) == iso(moment)
    assert kept.utcoffset() == timedelta(0)


async def test_a_list_by_tag_is_paged_as_the_whole_is(record: Record) -> None:
    """Threads that bear the tag, all of them, the newest first; letters that look like another tag do not."""
    ids = await fill(record, 9)
    for place, thread_id in enumerate(ids):
        tags = ("walks",) if place % 2 else ("walk", "Walks")
        await record.writer.submit(TagThread(thread_id, tags, record.now(), ADA))
    await record.writer.submit(TagThread((await fill(record, 1, BOB))[0], ("walks",), record.now(), BOB))
    found: list[str] = []
    cursor: str | None = None
    for _ in range(2):
        page = await list_page(record.database, ADA, first=2, cursor=cursor, tag="walks")
        found += [row["thread_id"] for row in page.threads]
        cursor = page.next_cursor
    assert (found, cursor) == (ids[1::2][::-1], None)


async def test_the_tags_in_use_are_ones_own(record: Record) -> None:
    """The most used first; not those of deleted threads, nor another's."""
    first, second, gone = await fill(record, 3)
    for thread_id, tags in ((first, ("a", "b")), (second, ("b",)), (gone, ("c",))):
        await record.writer.submit(TagThread(thread_id, tags, record.now(), ADA))
    await record.writer.submit(TagThread((await fill(record, 1, BOB))[0], ("d",), record.now(), BOB))
    await record.writer.submit(DeleteThread(gone, record.now(), ADA))
    assert await tags_of(record.database, ADA) == [("b", 2), ("a", 1)]


async def test_what_was_deleted_is_listed_until_it_is_back(record: Record) -> None:
    """The latest first, page by page; not what the app or anybody else took away."""
    ids = await fill(record, 4)
    for thread_id in ids:
        await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    taken = (await fill(record, 1))[0]
    await record.writer.submit(DeleteThread(taken, record.now(), None))
    page = await deleted_page(record.database, ADA, first=3)
    rest = await deleted_page(record.database, ADA, first=3, cursor=page.next_cursor)
    assert [row["thread_id"] for row in (*page.threads, *rest.threads)] == ids[::-1]
    assert (await deleted_page(record.database, BOB, first=3)).threads == []
    await record.writer.submit(RestoreThread(ids[0], record.now(), ADA))
    page = await deleted_page(record.database, ADA, first=9)
    assert [row["thread_id"] for row in page.threads] == ids[:0:-1]
    assert await walk(record, 35) == [ids[0]]
