"""Which codes threads bear, what was given at once, and all threads of a search, on both databases."""

from dataclasses import replace

import pytest

from data_layer.coding.annotation_shapes import AnnotationPlace
from data_layer.record import Record
from data_layer.review import search
from data_layer.review.excerpts import Excerpts, count_excerpts, read_excerpts
from data_layer.review.filters import ThreadFilter
from data_layer.review.query import parse
from data_layer.review.search import threads_found
from data_layer.review.thread_codes import codes_on, given_with
from study.errors import QueryError
from study.vocabulary import CodeColour
from tests.data_layer.rows import ADA, BOB, begin_thread, message, new_id


async def code(record: Record, name: str) -> str:
    """A code of the codebook."""
    return (await record.codebook.add(name, "", CodeColour.BLUE, ADA, "Ada")).code_id


async def test_threads_bear_codes(record: Record) -> None:
    """Each once, the first that was given first, whoever gave it; or by one researcher only."""
    one, other = await begin_thread(record), await begin_thread(record)
    polite, rude = await code(record, "Polite"), await code(record, "Rude")
    await record.annotations.give_code_to_threads([one], rude, ADA, "Ada")
    await record.annotations.give_code_to_threads([one, other], polite, BOB, "Bob")
    await record.annotations.give_code_to_threads([one], polite, ADA, "Ada")
    assert await codes_on(record.database, [one, other]) == {one: [rude, polite], other: [polite]}
    assert await codes_on(record.database, [one, other], ADA) == {one: [rude, polite]}
    assert await codes_on(record.database, []) == {}


async def test_what_was_given_at_once_is_found_by_one_of_it(record: Record) -> None:
    """Not what the same researcher gave before, nor what another did; also when it is gone."""
    threads = [await begin_thread(record) for _ in range(3)]
    polite = await code(record, "Polite")
    await record.annotations.give_code_to_threads(threads[:1], polite, ADA, "Ada")
    made = await record.annotations.give_code_to_threads(threads, polite, ADA, "Ada")
    await record.annotations.give_code_to_threads(threads, polite, BOB, "Bob")
    given = await given_with(record.database, made[0], ADA)
    assert given is not None
    assert (given.code_id, sorted(given.annotation_ids), given.is_gone) == (polite, sorted(made), False)
    assert await given_with(record.database, made[0], BOB) is None
    assert await given_with(record.database, new_id(), ADA) is None
    await record.annotations.remove(given.annotation_ids, ADA)
    gone = await given_with(record.database, made[1], ADA)
    assert gone is not None
    assert gone.is_gone


async def test_all_threads_that_a_search_finds(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """On however many pages, each once; more than can be read is refused, not cut."""
    monkeypatch.setattr(search, "MOST_READ", 3)
    known = {await begin_thread(record, f"long walks {number}") for number in range(7)}
    for thread_id in known:
        await record.writer.submit(message(record, thread_id, "long walks again"))
    await begin_thread(record, "walks, long ones")
    bobs = await begin_thread(record, "long walks of Bob's", BOB)
    everything = ThreadFilter()
    assert set(await threads_found(record.database, parse('"long walks"'), everything)) == known | {bobs}
    assert await threads_found(record.database, parse("walks"), ThreadFilter(participant=BOB)) == [bobs]
    assert await threads_found(record.database, parse("zebras"), everything) == []
    monkeypatch.setattr(search, "MOST_MESSAGES", 6)
    with pytest.raises(QueryError, match="too many to choose"):
        await threads_found(record.database, parse("walks"), everything)


async def test_excerpts_are_found_on_both_databases(record: Record) -> None:
    """Of a code and those under it, by agent, role, day, thread and who has it to code."""
    thread = await begin_thread(record)
    above = await record.codebook.add("Above", "", CodeColour.BLUE, ADA, "Olga")
    under = await record.codebook.add("Under", "", CodeColour.PINK, ADA, "Olga", parent_id=above.code_id)
    await record.annotations.give_code(AnnotationPlace(thread), under.code_id, BOB, "Bob")
    await record.coding_tasks.given.give([thread], BOB, ADA)
    which = Excerpts(above.code_id, thread=thread[:8], annotated_by=BOB, assigned_to=BOB)
    (row,) = await read_excerpts(record.database, which, 0)
    assert (row["thread_id"], row["role"], row["quote"]) == (thread, None, None)
    assert await count_excerpts(record.database, which) == 1
    for other in ({"role": "user"}, {"agent": "Nobody"}, {"assigned_to": ADA}, {"before": row["created_at"]}):
        assert await count_excerpts(record.database, replace(which, **other)) == 0
    assert await count_excerpts(record.database, Excerpts(under.code_id, since=row["created_at"])) == 1
