"""The researchers' search, on both databases: everybody's messages, and why there are none."""

import pytest

from data_layer.record import Record
from data_layer.review import index_scan, search
from data_layer.review.filters import ThreadFilter
from data_layer.review.no_results import why_nothing
from data_layer.review.query import parse
from data_layer.review.search import PAGE, search_threads
from data_layer.writing.writes import DeleteSteps, DeleteThread, RenameThread
from tests.data_layer.rows import ADA, BOB, begin_thread, message, reply


async def shown(record: Record, query: str, filter: ThreadFilter | None = None) -> list[str]:
    """What is found, its words in brackets."""
    found = await search_threads(record.database, parse(query), filter or ThreadFilter())
    return ["".join(f"[{part.text}]" if part.hit else part.text for part in hit.parts) for hit in found.hits]


async def test_everybodys_messages_are_found(record: Record) -> None:
    """The newest first, whoever said them, each with its words marked."""
    ada = await begin_thread(record, "Whales sleep upright")
    await begin_thread(record, "Do whales dream?", BOB)
    await record.writer.submit(reply(record, ada, "A whale sings."))
    assert await shown(record, "whales") == ["Do [whales] dream?", "[Whales] sleep upright"]
    assert await shown(record, "whale* NOT dream") == ["A [whale] sings.", "[Whales] sleep upright"]


async def test_only_what_was_looked_for_is_marked(record: Record) -> None:
    """Not the words of a phrase where they stand apart."""
    await begin_thread(record, "Coffee? In order to go")
    assert await shown(record, 'coffee OR "to order"') == ["[Coffee]? In order to go"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ('"long walks"', 1),
        ('"walks long"', 0),
        ("long walks", 2),
        ("sea OR river", 2),
        ("walks NOT (sea OR nothing)", 1),
        ('walks NOT "long walks"', 1),
        ("walks role:agent", 1),
        ("walks role:participant", 1),
        ("walks NOT role:agent", 1),
        ("riv*", 1),
        ("x'y \\ & | ! :* <->", 0),
    ],
)
async def test_operators_reach_the_index(record: Record, query: str, count: int) -> None:
    """And mean the same on both databases."""
    thread_id = await begin_thread(record, "Long walks by the sea")
    await record.writer.submit(reply(record, thread_id, "Walks along the river are long"))
    assert len(await shown(record, query)) == count


async def test_pages_follow_each_other(record: Record) -> None:
    """Each message once; the last page says that it is the last."""
    thread_id = await begin_thread(record, "walk 0")
    for number in range(1, PAGE + 3):
        await record.writer.submit(message(record, thread_id, f"walk {number}"))
    first = await search_threads(record.database, parse("walk"), ThreadFilter())
    second = await search_threads(record.database, parse("walk"), ThreadFilter(), first.next_cursor)
    assert (len(first.hits), len(second.hits)) == (PAGE, 3)
    assert len({hit.step_id for hit in first.hits + second.hits}) == PAGE + 3
    assert second.next_cursor is None


async def test_a_search_stops_reading_and_says_so(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """A phrase whose words stand everywhere, and nowhere together: the next page goes on where it stopped."""
    monkeypatch.setattr(search, "MOST_READ", 4)
    monkeypatch.setattr(search, "_FIRST_BATCH", 2)
    thread_id = await begin_thread(record, "a long walk")
    for number in range(6):
        await record.writer.submit(message(record, thread_id, f"walk {number} long"))
    first = await search_threads(record.database, parse('"long walk"'), ThreadFilter())
    assert first.is_cut
    assert first.hits == []
    second = await search_threads(record.database, parse('"long walk"'), ThreadFilter(), first.next_cursor)
    assert len(second.hits) == 1
    assert not second.is_cut


async def test_filters_narrow_a_search_and_what_is_gone_is_marked(record: Record) -> None:
    """A deleted thread is found too, and told apart."""
    gone = await begin_thread(record, "Whales sleep")
    await begin_thread(record, "Whales dream", BOB)
    await record.writer.submit(DeleteThread(gone, record.now(), ADA))
    found = await search_threads(record.database, parse("whales"), ThreadFilter())
    assert [hit.is_gone for hit in found.hits] == [False, True]
    assert await shown(record, "whales", ThreadFilter(participant=ADA)) == ["[Whales] sleep"]


@pytest.mark.parametrize(
    ("query", "filter", "why"),
    [
        ("whales zebras", ThreadFilter(), "No message has “zebras”."),
        ('"sleep whales"', ThreadFilter(), "No message has “sleep whales”."),
        ("whales dogs", ThreadFilter(), "none has them as the search asks"),
        ("whales", ThreadFilter(agent="nobody"), "Take a filter away"),
        ("dogs role:agent", ThreadFilter(), "Take that away"),
        ("whales NOT zebras NOT sleep", ThreadFilter(), "Take that away"),
    ],
)
async def test_a_search_that_finds_nothing_says_why(
    record: Record, query: str, filter: ThreadFilter, why: str
) -> None:
    """Which word stands nowhere, or what leaves all messages out."""
    await begin_thread(record, "Whales sleep")
    await begin_thread(record, "Dogs bark")
    assert await shown(record, query, filter) == []
    assert why in await why_nothing(record.database, parse(query), filter)


async def test_a_long_beginning_is_asked_for_twice(record: Record) -> None:
    """First by its first letters, among the newest; what these alone would find is not found."""
    thread_id = await begin_thread(record, "whale 0 walks")
    for number in range(1, PAGE + 3):
        await record.writer.submit(message(record, thread_id, f"whale {number} when"))
    for number in range(3):
        await record.writer.submit(message(record, thread_id, f"what {number} where"))
    first = await search_threads(record.database, parse("whal*"), ThreadFilter())
    assert len(first.hits) == PAGE
    assert "[whale] 22 [when]" in await shown(record, "whal* when")
    second = await search_threads(record.database, parse("whal*"), ThreadFilter(), first.next_cursor)
    assert len(second.hits) == 3
    assert await shown(record, "whal* NOT whale") == []
    assert len(await shown(record, "whal* NOT whe*")) == 1


async def test_few_threads_are_read_whole(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many newer messages of others have the words; without what left the screen."""
    monkeypatch.setattr(search, "MOST_READ", 4)
    monkeypatch.setattr(search, "_READ_OF_FEW", PAGE + 1)
    old = await begin_thread(record, "walk 0", BOB)
    for number in range(1, PAGE + 3):
        await record.writer.submit(message(record, old, f"walk {number}", by=BOB))
    gone = message(record, old, "walk gone", by=BOB)
    await record.writer.submit(gone)
    await record.writer.submit(DeleteSteps((gone.row["step_id"],), record.now(), "removed", old))
    for _ in range(6):
        await begin_thread(record, "walk elsewhere")
    few = ThreadFilter(participant=BOB)
    first = await search_threads(record.database, parse("walk"), few)
    second = await search_threads(record.database, parse("walk"), few, first.next_cursor)
    assert [len(first.hits), len(second.hits)] == [PAGE, 3]
    assert not [hit for hit in first.hits + second.hits if hit.thread_id != old]
    assert second.next_cursor is None


async def test_what_is_neither_common_nor_rare_is_found(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a longer walk on PostgreSQL, and behind its end in the index of the words: each message once."""
    monkeypatch.setattr(index_scan, "_WALKS", (2, 5))
    monkeypatch.setattr(index_scan, "_SOME", index_scan._ALL)
    monkeypatch.setattr(index_scan, "_RARE", 1)
    thread_id = await begin_thread(record, "whale 0")
    for number in range(1, 40):
        words = f"whale {number}" if number < 4 or number in (20, 37) else f"dog {number}"
        await record.writer.submit(message(record, thread_id, words))
    assert await shown(record, "whale") == [f"[whale] {number}" for number in (37, 20, 3, 2, 1, 0)]


async def test_a_title_is_named_where_no_message_has_the_words(record: Record) -> None:
    """A participant's own name for the thread: the filter finds it, and the search says so."""
    thread_id = await begin_thread(record, "Whales sleep")
    await record.writer.submit(RenameThread(thread_id, "Zebras at noon", record.now(), ADA))
    assert await shown(record, "zebras") == []
    said = await why_nothing(record.database, parse("zebras"), ThreadFilter())
    assert said == "No message has “zebras”, but a title has. Look under Filters: “Title has”."
