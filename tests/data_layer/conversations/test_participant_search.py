"""Search as a participant meets it: where the words stand, newest first, in their own living threads only."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data_layer.database.text import search_words
from data_layer.record import Record
from data_layer.search.participant_search import PAGE, search_own_threads
from data_layer.search.snippets import LENGTH, snippet
from data_layer.writing.writes import DeleteSteps, DeleteThread, RenameThread, RestoreThread
from tests.data_layer.rows import ADA, BOB, begin_thread, message, reply


def marked(text: str, query: str) -> str:
    """A snippet, its hits in brackets."""
    return "".join(f"[{part.text}]" if part.hit else part.text for part in snippet(text, search_words(query)))


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("I like long walks.", "walk", "I like long [walk]s."),
        ("Walks by the river", "river walks", "[Walks] by the [river]"),
        ("Straße in Zürich", "STRASSE zur", "[Straße] in [Zür]ich"),
        ("cafe\u0301 open", "café", "[cafe\u0301] open"),
        ("今日は天気がいい", "天気", "今日は[天][気]がいい"),
        ("one\n\n  two\tthree", "two", "one [two] three"),
        ("<script>alert(1)</script>", "script", "<[script]>alert(1)</[script]>"),
        ("nothing of it", "walk", "nothing of it"),
    ],
)
def test_the_words_are_marked_where_they_stand(text: str, query: str, shown: str) -> None:
    """In any script, as they were written; white space is one space, and HTML is text."""
    assert marked(text, query) == shown


def test_a_long_text_is_cut_around_its_words() -> None:
    """Where most of them stand together, with a sign at each end that is cut."""
    text = "river " + "far away " * 100 + "a long walk by the river " + "and on " * 100
    shown = marked(text, "walk river")
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "[walk] by the [river]" in shown
    assert len(shown) < LENGTH + 10


@settings(max_examples=150, deadline=None)
@example(text="\u0301e", query="e")
@example(text="\U0001d41e\ufb01\u1e9e" * 90, query="fi")
@given(text=st.text(max_size=400), query=st.text(max_size=20))
def test_a_snippet_says_nothing_that_was_not_said(text: str, query: str) -> None:
    """Whatever the letters: it is a piece of the text, white space and the signs of a cut aside."""
    shown = "".join(part.text for part in snippet(text, search_words(query)))
    assert "".join(shown.split()).strip("…") in "".join(text.split())


async def hits(record: Record, query: str, owner: str = ADA) -> list[tuple[str, str]]:
    """The texts that are found, each with what it is."""
    found = await search_own_threads(record.database, owner, query)
    return [(hit.type or "title", "".join(part.text for part in hit.parts)) for hit in found.hits]


async def test_titles_and_what_both_sides_said(record: Record) -> None:
    """Titles that were chosen first, then messages, the newest first."""
    thread_id = await begin_thread(record, "Where do whales sleep?")
    await record.writer.submit(reply(record, thread_id, "Whales sleep upright."))
    assert await hits(record, "whales") == [
        ("assistant_message", "Whales sleep upright."),
        ("user_message", "Where do whales sleep?"),
    ]
    await record.writer.submit(RenameThread(thread_id, "About whales", record.now(), ADA))
    assert (await hits(record, "whales"))[0] == ("title", "About whales")


async def test_pages_follow_each_other(record: Record) -> None:
    """Each message once, also when another comes in between; titles on the first page only."""
    thread_id = await begin_thread(record, "walk 0")
    for n in range(1, PAGE + 5):
        await record.writer.submit(message(record, thread_id, f"walk {n}"))
    first = await search_own_threads(record.database, ADA, "walk")
    await record.writer.submit(message(record, thread_id, "walk again"))
    second = await search_own_threads(record.database, ADA, "walk", first.next_cursor)
    said = ["".join(part.text for part in hit.parts) for hit in (*first.hits, *second.hits)]
    assert said == [f"walk {n}" for n in reversed(range(PAGE + 5))]
    assert second.next_cursor is None


async def test_only_what_is_there_and_ones_own(record: Record) -> None:
    """Not another's, not what was deleted or removed; what was restored is found again."""
    await begin_thread(record, "secret walk", owner=BOB)
    thread_id = await begin_thread(record, "my walk")
    put = message(record, thread_id, "a removed walk")
    await record.writer.submit(put)
    await record.writer.submit(DeleteSteps((put.row["step_id"],), record.now(), "removed", by=ADA))
    assert await hits(record, "walk") == [("user_message", "my walk")]
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    assert await hits(record, "walk") == []
    await record.writer.submit(RestoreThread(thread_id, record.now(), ADA))
    assert await hits(record, "walk") == [("user_message", "my walk")]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(query='" OR words : "', cursor="-1")
@example(query="\x00\ud800", cursor="9" * 18)
@example(query="x " * 5_000, cursor="¹²")
@given(query=st.text(), cursor=st.text())
async def test_any_text_is_a_legal_search(record: Record, query: str, cursor: str) -> None:
    """And any text a legal cursor."""
    await search_own_threads(record.database, ADA, query, cursor)
