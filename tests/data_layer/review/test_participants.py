"""Participants as researchers see them, on both databases."""

import pytest

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.review.overview import active_now, overview
from data_layer.review.participants import SIZE, Standing, identities_of, list_people, read_person
from data_layer.writing.writes import InsertRow, PatchRow
from tests.data_layer.review.test_overview import connect, end, person
from tests.data_layer.rows import begin_thread, new_id, reply
from tests.fakes import HandClock

DAY_S = 86_400


async def listed(record: Record, standing: Standing | None = None) -> list[str]:
    """Pseudonyms, in the order of the list."""
    page = await list_people(record.database, record.now(), standing)
    return [row["participant_id"] for row in page.rows]


@pytest.fixture
async def people(record: Record, clock: HandClock) -> dict[str, str]:
    """One of each standing, and one who is under way without a word."""
    names = ("gone", "silent", "left", "done", "deleted", "writes", "here", "new")
    made = {}
    for name in names[:5]:
        made[name] = await person(record, name.capitalize())
    for name in ("gone", "left"):
        await begin_thread(record, owner=made[name])
    await end(record, await begin_thread(record, owner=made["done"]))
    thread = await begin_thread(record, owner=made["deleted"])
    await end(record, thread)
    await record.writer.submit(PatchRow("threads", {"thread_id": thread}, {"deleted_at": record.now()}))
    await record.withdrawals.withdraw(made["gone"], "participant")
    clock.forward(DAY_S + 60)
    for name in names[5:]:
        made[name] = await person(record, name.capitalize())
    await begin_thread(record, owner=made["writes"])
    await connect(record, made["here"], await begin_thread(record, owner=made["here"]))
    return made


async def test_who_came_last_stands_first(record: Record, people: dict[str, str]) -> None:
    """Everybody, with what their threads add up to."""
    assert await listed(record) == list(reversed(people.values()))
    page = await list_people(record.database, record.now())
    rows = {row["participant_id"]: row for row in page.rows}
    assert {name: rows[one]["standing"] for name, one in people.items()} == {
        "gone": Standing.WITHDRAWN,
        "silent": Standing.ABANDONED,
        "left": Standing.ABANDONED,
        "done": Standing.FINISHED,
        "deleted": Standing.FINISHED,
        "writes": Standing.UNDER_WAY,
        "here": Standing.ACTIVE,
        "new": Standing.UNDER_WAY,
    }
    assert [rows[people[name]]["threads"] for name in ("silent", "left", "deleted")] == [0, 1, 1]
    assert rows[people["here"]]["messages"] == 1


@pytest.mark.parametrize(
    ("standing", "names"),
    [
        (Standing.WITHDRAWN, ["gone"]),
        (Standing.ABANDONED, ["left", "silent"]),
        (Standing.FINISHED, ["deleted", "done"]),
        (Standing.UNDER_WAY, ["new", "writes"]),
        (Standing.ACTIVE, ["here"]),
    ],
)
async def test_a_standing_has_its_list(
    record: Record, people: dict[str, str], standing: Standing, names: list[str]
) -> None:
    """And each row of it says the same."""
    assert await listed(record, standing) == [people[name] for name in names]
    page = await list_people(record.database, record.now(), standing)
    assert {row["standing"] for row in page.rows} == {standing}


@pytest.mark.usefixtures("people")
async def test_the_lists_are_as_long_as_the_overview_says(record: Record) -> None:
    """They follow the same rules."""
    found = await overview(record.database, record.now())
    for standing, count in (
        (Standing.FINISHED, found.participants["finished"]),
        (Standing.ABANDONED, found.participants["abandoned"]),
        (Standing.WITHDRAWN, found.withdrawn),
        (Standing.ACTIVE, (await active_now(record.database, record.now()))["participants"]),
    ):
        assert len(await listed(record, standing)) == count, standing


async def test_pages_follow_each_other(record: Record) -> None:
    """Each participant once, also of those who came together; a cursor of nobody's starts from the top."""
    moment = record.now()
    rows = [
        {"participant_id": new_id(), "study_id": "example", "source": "login", "created_at": moment}
        for _ in range(2 * SIZE + 1)
    ]
    await record.writer.submit(*(InsertRow("participants", row) for row in rows))
    seen: list[str] = []
    cursor: str | None = None
    sizes = []
    while True:
        page = await list_people(record.database, record.now(), cursor=cursor)
        seen += [row["participant_id"] for row in page.rows]
        sizes.append(len(page.rows))
        if (cursor := page.next_cursor) is None:
            break
    assert sizes == [SIZE, SIZE, 1]
    assert seen == sorted((str(row["participant_id"]) for row in rows), reverse=True)
    for nonsense in ("x", "~", f"2026-01-01~{new_id()}", "9" * 200, f"now~{new_id()}"):
        page = await list_people(record.database, record.now(), cursor=nonsense)
        assert [row["participant_id"] for row in page.rows] == seen[:SIZE]


async def test_one_participant_has_their_threads_and_ratings(record: Record, clock: HandClock) -> None:
    """Deleted threads too; a rating counts in its thread while it holds."""
    ada = await person(record, "Ada")
    older = await begin_thread(record, owner=ada)
    clock.forward(60)
    newer = await begin_thread(record, owner=ada)
    await record.writer.submit(reply(record, newer, "Yes"))
    await record.writer.submit(PatchRow("threads", {"thread_id": older}, {"deleted_at": record.now()}))
    for number, (value, holds) in enumerate(((1, True), (1, True), (0, True), (0, False))):
        row: Row = {
            "rating_id": new_id(),
            "revision": number + 1,
            "thread_id": newer,
            "message_id": new_id(),
            "participant_id": ada,
            "value": value,
            "is_current": holds,
            "created_at": record.now(),
        }
        await record.writer.submit(InsertRow("ratings", row))
    found = await read_person(record.database, ada, record.now())
    assert found is not None
    assert [(row["thread_id"], row["good"], row["bad"]) for row in found.threads] == [
        (newer, 2, 1),
        (older, 0, 0),
    ]
    assert found.threads[1]["deleted_at"] is not None
    assert (found.row["threads"], found.row["messages"]) == (2, 3)
    assert await read_person(record.database, new_id(), record.now()) is None


async def test_identities_are_names_and_no_keys(record: Record) -> None:
    """What opens a participant's conversations is shown to nobody."""
    ada = await record.enter("Ada Lovelace", "ada lovelace", browser="browser")
    await record.claims.admit(ada.participant_id, "another")
    await record.claims.code_of(ada.participant_id)
    found = await identities_of(record.database, ada.participant_id)
    assert [(row["kind"], row["value"]) for row in found] == [("user_name", "Ada Lovelace")]
