"""The researchers' table of threads, on both databases: what a filter leaves, in order, page by page."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from data_layer.database import schema
from data_layer.record import Record
from data_layer.review.filter_fields import filter_of
from data_layer.review.filters import ThreadFilter
from data_layer.review.threads import Sort, count_threads, list_thread_ids, list_threads
from data_layer.writing.writes import DeleteThread, RenameThread, TagThread
from tests.data_layer.rows import ADA, BOB, begin_thread, message, new_id, reply
from tests.fakes import HandClock


async def ids(record: Record, sort: Sort = Sort.ACTIVE, **filter: Any) -> list[str]:
    """The threads that a filter leaves."""
    page = await list_threads(record.database, ThreadFilter(**filter), sort=sort)
    return [row["thread_id"] for row in page.threads]


async def put(record: Record, table: str, **values: Any) -> None:
    """A row as it would be kept."""
    async with record.database.engine.begin() as connection:
        await connection.execute(insert(schema.metadata.tables[table]).values(**values))


async def run(record: Record, thread_id: str, status: str) -> None:
    """A run that ended so."""
    await put(
        record,
        "runs",
        run_id=new_id(),
        thread_id=thread_id,
        seq=record.take_order(),
        name="on_message",
        status=status,
        started_at=record.now(),
    )


async def test_each_thread_stands_on_one_page(record: Record) -> None:
    """In every order, also where keys are equal; one that comes in between moves none."""
    known = {await begin_thread(record) for _ in range(7)}
    for sort in Sort:
        seen: list[str] = []
        cursor = None
        while True:
            page = await list_threads(record.database, ThreadFilter(), sort=sort, cursor=cursor, size=3)
            seen += [row["thread_id"] for row in page.threads if row["thread_id"] in known]
            cursor = page.next_cursor
            if cursor is None:
                break
            await begin_thread(record, "In between", BOB) if len(seen) == 3 else None
        assert sorted(seen) == sorted(known), sort


async def test_the_orders(record: Record, clock: HandClock) -> None:
    """By the last activity, by the beginning, by length."""
    first = await begin_thread(record)
    clock.forward(60)
    second = await begin_thread(record)
    clock.forward(60)
    await record.writer.submit(message(record, first, "Again"))
    assert await ids(record) == [first, second]
    assert await ids(record, Sort.NEW) == [second, first]
    assert await ids(record, Sort.OLD) == [first, second]
    assert await ids(record, Sort.LONG) == [first, second]
    assert await ids(record, Sort.SHORT) == [second, first]


@pytest.mark.parametrize("cursor", ["", "x", "~" * 30, "2026~" + "a" * 36, f"9~{ADA}", f"{'9' * 50}~{ADA}"])
async def test_a_cursor_that_is_not_ours_starts_from_the_top(record: Record, cursor: str) -> None:
    """Whatever an address holds."""
    thread_id = await begin_thread(record)
    page = await list_threads(record.database, ThreadFilter(), cursor=cursor)
    assert [row["thread_id"] for row in page.threads] == [thread_id]


async def test_dates_agents_states_and_participants(record: Record, clock: HandClock) -> None:
    """What the thread's own row tells; a participant also by how the pseudonym begins."""
    begun = clock()
    ada = await begin_thread(record)
    clock.forward(3600)
    bob = await begin_thread(record, owner=BOB)
    hour = begun + timedelta(minutes=30)
    assert await ids(record, since=hour) == [bob]
    assert await ids(record, before=hour) == [ada]
    assert await ids(record, participant=ADA[:6]) == [ada]
    assert await ids(record, participant=ADA) == [ada]
    assert await ids(record, participant="%") == []
    assert await ids(record, state="active") == [bob, ada]
    assert await ids(record, state="completed") == []
    async with record.database.engine.begin() as connection:
        await connection.execute(
            update(schema.threads).where(schema.threads.c.thread_id == bob).values(agent="Rosa")
        )
    assert await ids(record, agent="Rosa") == [bob]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_the_first_and_the_last_day_there_are(record: Record, day: str) -> None:
    """They narrow as any other: all is between them."""
    await begin_thread(record)
    for field, found in (("since", day < "2000"), ("until", day > "2000")):
        assert await count_threads(record.database, filter_of({field: day}), 9) == int(found)


async def test_simulated_participants(record: Record) -> None:
    """By how their participant came in; whoever is not known is nobody simulated."""
    machine = (await record.enter("Machine", "machine", "simulation")).participant_id
    person = (await record.enter("Ada", "ada")).participant_id
    theirs, hers = await begin_thread(record, owner=machine), await begin_thread(record, owner=person)
    unknown = await begin_thread(record, owner=BOB)
    assert await ids(record, simulated=True) == [theirs]
    assert await ids(record, simulated=False) == [unknown, hers]


async def test_titles_by_their_words(record: Record) -> None:
    """As it reads now, whoever chose it; the last word may be begun, and what is no word is nobody's."""
    named, other = await begin_thread(record, "Whales sleep"), await begin_thread(record, "Dogs bark", BOB)
    await record.writer.submit(RenameThread(named, "Zebras at noon", record.now(), ADA))
    assert await ids(record, title="zebras noo") == [named]
    assert await ids(record, title="whales") == []
    assert await ids(record, title="DOGS") == [other]
    assert await ids(record, title="'x\" NEAR * dogs") == []
    assert await ids(record, title="!?") == []


async def test_turns_are_messages_of_the_participant_that_stand(record: Record) -> None:
    """A reply is none."""
    short, long = await begin_thread(record), await begin_thread(record)
    await record.writer.submit(message(record, long, "More"), reply(record, short, "Yes"))
    assert await ids(record, least_turns=2) == [long]
    assert await ids(record, most_turns=1) == [short]
    assert await ids(record, least_turns=1, most_turns=1) == [short]


async def test_what_went_wrong(record: Record) -> None:
    """A run that failed, one that was stopped, and neither."""
    failed, stopped, fine = [await begin_thread(record) for _ in range(3)]
    await run(record, failed, "failed")
    await run(record, stopped, "stopped")
    await run(record, fine, "complete")
    assert await ids(record, error=True) == [failed]
    assert await ids(record, stopped=True) == [stopped]
    assert await ids(record, error=False, stopped=False) == [fine]


async def test_edited_and_deleted(record: Record) -> None:
    """A message that was said otherwise; a thread that its participant deleted, which stays in the table."""
    kept, edited = await begin_thread(record), await begin_thread(record, "Once")
    async with record.database.engine.begin() as connection:
        await connection.execute(
            update(schema.steps).where(schema.steps.c.thread_id == edited).values(revision=2)
        )
    assert await ids(record, edited=True) == [edited]
    assert await ids(record, edited=False) == [kept]
    await record.writer.submit(DeleteThread(kept, record.now(), ADA))
    assert await ids(record, deleted=True) == [kept]
    assert sorted(await ids(record, participant=ADA)) == sorted([kept, edited])
    assert await ids(record, deleted=False) == [edited]
    assert sorted(await ids(record)) == sorted([kept, edited])


async def test_ratings_that_stand(record: Record) -> None:
    """Up or down; one that was taken back counts no more."""
    up, back = await begin_thread(record), await begin_thread(record)
    for thread_id, current in ((up, True), (back, False)):
        await put(
            record,
            "ratings",
            rating_id=new_id(),
            revision=1,
            thread_id=thread_id,
            message_id=new_id(),
            value=1,
            is_current=current,
            created_at=record.now(),
        )
    assert await ids(record, rating=1) == [up]
    assert await ids(record, rating=0) == []


async def test_tags_and_models(record: Record) -> None:
    """A tag as it is written, whole; a model as it was asked for."""
    thread_id, _ = await begin_thread(record), await begin_thread(record)
    await record.writer.submit(TagThread(thread_id, ("pilot “A”", "été"), record.now(), ADA))
    assert await ids(record, tag="pilot “A”") == [thread_id]
    assert await ids(record, tag="été") == [thread_id]
    assert await ids(record, tag="pilot") == []
    await put(
        record,
        "llm_calls",
        llm_call_id=new_id(),
        run_id=new_id(),
        thread_id=thread_id,
        seq=1,
        prompt_hash="0" * 64,
        gen_ai_provider_name="openai",
        gen_ai_operation_name="chat",
        gen_ai_request_model="small",
        started_at=record.now(),
        status="complete",
    )
    assert await ids(record, model="small") == [thread_id]
    assert await ids(record, model="large") == []


async def annotate(record: Record, thread_id: str, **columns: Any) -> None:
    """Somebody has given a code to a thread, or has written a note."""
    await put(
        record,
        "annotations",
        **(
            {
                "annotation_id": new_id(),
                "thread_id": thread_id,
                "target": "thread",
                "researcher_id": ADA,
                "author": "Olga",
                "created_at": record.now(),
            }
            | columns
        ),
    )


async def test_what_researchers_made_of_it(record: Record) -> None:
    """Annotated or not, by whom and with which code; what was removed counts no more."""
    coded, noted, bare = [await begin_thread(record) for _ in range(3)]
    code, other = new_id(), new_id()
    await annotate(record, coded, code_id=code)
    await annotate(record, noted, note="Odd", researcher_id=BOB)
    await annotate(record, bare, code_id=code, deleted_at=record.now(), deleted_by=ADA)
    assert await ids(record, annotated=True) == [noted, coded]
    assert await ids(record, annotated=False) == [bare]
    assert await ids(record, code=code) == [coded]
    assert await ids(record, code=other) == []
    assert await ids(record, annotated_by=BOB) == [noted]
    assert await ids(record, code=code, annotated_by=BOB) == []
    assert await ids(record, code=code, annotated_by=ADA) == [coded]
    assert await ids(record, annotated=False, annotated_by=BOB) == [bare, coded]
    assert await ids(record, annotated=False, code=code) == [bare, noted]


async def test_who_is_to_code_it(record: Record) -> None:
    """Somebody, nobody, or a certain person; what ended counts no more."""
    given, free = await begin_thread(record), await begin_thread(record)
    await record.coding_tasks.given.give([given, free], ADA, BOB)
    await record.coding_tasks.given.end([free], ADA)
    assert await ids(record, assigned=True) == [given]
    assert await ids(record, assigned=False) == [free]
    assert await ids(record, assigned_to=ADA) == [given]
    assert await ids(record, assigned_to=BOB) == []


async def test_what_can_be_chosen(record: Record) -> None:
    """As many as are asked for, of those that a filter leaves; nothing of who has withdrawn."""
    first, second, gone = [await begin_thread(record) for _ in range(3)]
    async with record.database.engine.begin() as connection:
        withdrawn = update(schema.threads).where(schema.threads.c.thread_id == gone)
        await connection.execute(withdrawn.values(state="withdrawn"))
    database, everything = record.database, ThreadFilter()
    assert set(await list_thread_ids(database, everything, 9)) == {first, second}
    assert len(await list_thread_ids(database, everything, 1)) == 1
    assert await list_thread_ids(database, everything, 9, [second, gone, new_id(), "x"]) == [second]
    assert await list_thread_ids(database, ThreadFilter(participant=BOB), 9, [second]) == []
    assert [await count_threads(database, everything, most) for most in (2, 9)] == [2, 3]
