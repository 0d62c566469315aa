"""How many messages a search finds, and the most relevant first: on both databases, at a bounded cost."""

import pytest

from data_layer.record import Record
from data_layer.review import ranked
from data_layer.review.filters import ThreadFilter
from data_layer.review.query import parse
from data_layer.review.ranked import Count, count_found, most_relevant, newest_counted
from data_layer.review.search import PAGE, search_threads
from data_layer.writing.writes import DeleteThread
from tests.data_layer.rows import ADA, BOB, begin_thread, message, reply


async def counted(record: Record, query: str, filter: ThreadFilter | None = None) -> Count:
    """How many a search finds."""
    return await count_found(record.database, parse(query), filter or ThreadFilter())


async def ordered(record: Record, query: str) -> list[str]:
    """What the first page has, in its order."""
    found, _ = await most_relevant(record.database, parse(query), ThreadFilter())
    return ["".join(part.text for part in hit.parts) for hit in found.hits]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("whales", 3),
        ("whales OR dogs", 4),
        ("whales NOT sing", 2),
        ('"whales sing"', 1),
        ('"sing whales"', 0),
        ("whales role:agent", 1),
        ("wha*", 3),
        ("zebras", 0),
    ],
)
async def test_what_is_found_is_counted(record: Record, query: str, number: int) -> None:
    """Words by the index alone, phrases and roles by reading; a title that has the word is no message."""
    thread_id = await begin_thread(record, "Whales dive")
    await begin_thread(record, "Whales sleep", BOB)
    await record.writer.submit(reply(record, thread_id, "Whales sing"))
    await record.writer.submit(reply(record, thread_id, "Dogs bark"))
    assert await counted(record, query) == Count(number)


async def test_only_what_the_filters_leave_is_counted(record: Record) -> None:
    """As the page lists it."""
    gone = await begin_thread(record, "Whales sleep")
    await begin_thread(record, "Whales dream", BOB)
    await record.writer.submit(DeleteThread(gone, record.now(), ADA))
    assert await counted(record, "whales") == Count(2)
    assert await counted(record, "whales", ThreadFilter(deleted=False)) == Count(1)


@pytest.mark.parametrize("query", ["walk", '"a walk"'])
async def test_counting_stops_at_a_number_and_says_so(
    record: Record, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """As many as that are all of them; one more are more than that."""
    monkeypatch.setattr(ranked, "MOST_COUNTED", 3)
    thread_id = await begin_thread(record, "a walk")
    for _ in range(2):
        await record.writer.submit(message(record, thread_id, "a walk"))
    assert await counted(record, query) == Count(3)
    await record.writer.submit(message(record, thread_id, "a walk"))
    assert await counted(record, query) == Count(3, is_over=True)


async def test_counting_stops_reading_and_says_so(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """A phrase whose words stand everywhere, and seldom together, is found at least so often."""
    monkeypatch.setattr(ranked, "MOST_LOOKED_AT", ranked.MOST_READ)
    monkeypatch.setattr("data_layer.review.search.MOST_READ", 2)
    thread_id = await begin_thread(record, "a long walk")
    await record.writer.submit(message(record, thread_id, "walk long"))
    await record.writer.submit(message(record, thread_id, "a long walk"))
    assert await counted(record, '"long walk"') == Count(1, is_cut=True)


async def test_the_most_relevant_message_comes_first(record: Record) -> None:
    """A rare word weighs more than a common one, often more than once, a short message more than a long."""
    thread_id = await begin_thread(record, "whales whales")
    for words in ("whales and ships and harbours and nets", "whales", "sea sea", "sea", "sea", "sea air"):
        await record.writer.submit(message(record, thread_id, words))
    assert (await ordered(record, "whales"))[0] == "whales whales"
    assert (await ordered(record, "whales"))[-1] == "whales and ships and harbours and nets"
    assert (await ordered(record, "sea OR whales"))[0] == "whales whales"
    assert (await ordered(record, "air OR sea"))[0] == "sea air"


async def test_equals_stand_the_newest_first(record: Record) -> None:
    """So that the order is the same each time."""
    thread_id = await begin_thread(record, "walk one")
    await record.writer.submit(message(record, thread_id, "walk two"))
    assert await ordered(record, "walk") == ["walk two", "walk one"]


@pytest.mark.parametrize("cursor", ["x", "1-", "-1", "9" * 30 + "-1", "1-²", "5"])
async def test_a_place_that_was_written_by_hand_is_the_top(record: Record, cursor: str) -> None:
    """No page breaks by its address."""
    await begin_thread(record, "walk")
    found, _ = await most_relevant(record.database, parse("walk"), ThreadFilter(), cursor)
    assert len(found.hits) == 1


async def test_pages_by_relevance_have_each_message_once(record: Record) -> None:
    """What is said between two looks moves no message from one page to the next."""
    thread_id = await begin_thread(record, "walk 0")
    for number in range(1, PAGE + 3):
        await record.writer.submit(message(record, thread_id, f"walk {number}"))
    first, count = await most_relevant(record.database, parse("walk"), ThreadFilter())
    await record.writer.submit(message(record, thread_id, "walk walk walk"))
    second, _ = await most_relevant(record.database, parse("walk"), ThreadFilter(), first.next_cursor)
    assert count == Count(PAGE + 3)
    assert len({hit.step_id for hit in first.hits + second.hits}) == PAGE + 3
    assert second.next_cursor is None


@pytest.mark.parametrize("query", ["walk", '"a walk"', "walk role:agent"])
async def test_a_counted_page_is_the_page(record: Record, query: str) -> None:
    """However it is counted, the newest come first, and the pages follow one another to the last."""
    thread_id = await begin_thread(record, "Whales dive")
    for number in range(PAGE + 3):
        await record.writer.submit(reply(record, thread_id, f"Number {number}: a walk"))
    node = parse(query)
    first, count = await newest_counted(record.database, node, ThreadFilter())
    alone = await search_threads(record.database, node, ThreadFilter())
    assert (first, count) == (alone, Count(PAGE + 3))
    second, again = await newest_counted(record.database, node, ThreadFilter(), first.next_cursor)
    assert (len(second.hits), second.next_cursor, again) == (3, None, count)
