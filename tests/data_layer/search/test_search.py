"""Search: any text is a legal query, and nobody finds another's words."""

import random
import sys

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data_layer.conversations.threads import list_page
from data_layer.database.text import search_words
from data_layer.record import Record
from data_layer.search.index import MAX_WORDS
from data_layer.writing.writes import DeleteSteps, DeleteThread, PutStep, RenameThread
from tests.data_layer.rows import ADA, BOB, Statements, begin_thread, message, reply

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def found(record: Record, query: str, participant_id: str = ADA) -> list[str]:
    """The titles of the threads that a participant finds."""
    page = await list_page(record.database, participant_id, first=100, search=query)
    return [row["title"] for row in page.threads]


async def test_titles_and_both_sides_messages_are_found(record: Record) -> None:
    """What stands on the screen can be found: the title, one's own words, the agent's."""
    thread_id = await begin_thread(record, "Where do whales sleep?")
    await record.writer.submit(reply(record, thread_id, "Vertically, near the surface"))
    await record.writer.submit(RenameThread(thread_id, "Cetaceans", record.now(), ADA))
    for query in ("cetaceans", "whales", "surface", "Whales SURFACE"):
        assert await found(record, query) in (["Cetaceans"], []), query
    assert [await found(record, query) for query in ("cetaceans", "whales", "surface")] == [["Cetaceans"]] * 3


async def test_all_words_must_stand_in_one_text(record: Record) -> None:
    """A second word narrows; its order does not matter."""
    await begin_thread(record, "red apples and green pears")
    await begin_thread(record, "red cars")
    assert await found(record, "pears red") == ["red apples and green pears"]


async def test_the_last_word_matches_as_a_beginning(record: Record) -> None:
    """Results come while one types; the words before the last are whole."""
    await begin_thread(record, "Photosynthesis explained")
    assert await found(record, "photo") == ["Photosynthesis explained"]
    assert await found(record, "photosynthesis expl") == ["Photosynthesis explained"]
    assert await found(record, "photo explained") == []


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("Überraschung in Zürich", "uberraschung"),
        ("Uberraschung", "über"),
        ("Straße", "STRASSE"),
        ("naïve café", "cafe"),
        ("cafe\u0301", "café"),
        ("ΣΊΣΥΦΟΣ", "σισυφος"),
        ("今日は天気がいい", "天気"),
        ("오늘 날씨가 좋다", "날씨"),
        ("สวัสดีครับ", "ครับ"),
        ("مرحبا بالعالم", "مرحبا"),
        ("don't panic", "don't"),
        ("e-mail me", "e-mail"),
        ("snake_case names", "snake_case"),
        ("ﬁne ½ ²", "fine 1 2"),
        ("𞤀𞤣𞤤𞤢𞤥 script", "𞤀𞤣𞤤𞤢𞤥"),
        ("Gr𝐞𝐞k", "greek"),
    ],
)
async def test_words_of_the_world_are_found(record: Record, words: str, query: str) -> None:
    """Case, diacritics, scripts without spaces and letters newer than the databases: alike on both."""
    await begin_thread(record, words)
    assert await found(record, query) == [words]


@CALM
@example('" OR words : "')
@example("owner : x")
@example("a & !b | (c:*) <-> 'd'")
@example("NEAR(a b)")
@example("\\' : *")
@example("-")
@example("\x00\ud800")
@example("word " * 200)
@given(query=st.text())
async def test_any_text_is_a_legal_query(record: Record, query: str) -> None:
    """Operators, quotes, emoji, NUL, a book: none is an error, none means more than its words."""
    await found(record, query)


@CALM
@given(words=st.text(min_size=1, max_size=40))
async def test_a_text_is_found_by_any_of_its_words(record: Record, words: str) -> None:
    """Whatever a message says, its own words find it."""
    thread_id = await begin_thread(record, words)
    for query in search_words(words)[:3]:
        page = await list_page(record.database, ADA, first=100, search=query)
        assert thread_id in [row["thread_id"] for row in page.threads]


async def test_every_letter_and_digit_of_unicode_is_found(record: Record) -> None:
    """No character is a letter to us and a space to a database."""
    codes = random.Random(7).sample(range(sys.maxunicode + 1), 20_000)
    letters = sorted({word for code in codes for word in search_words(chr(code))})
    assert len(letters) > 2_000
    await begin_thread(record, " ".join(letters))
    queries = [" ".join(letters[start : start + MAX_WORDS]) for start in range(0, len(letters), MAX_WORDS)]
    assert [query for query in queries if not await found(record, query)] == []


@pytest.mark.parametrize("query", ["", "   ", "\n"])
async def test_an_empty_search_is_the_whole_list(record: Record, query: str) -> None:
    """Nothing typed narrows nothing."""
    await begin_thread(record, "Hello")
    assert await found(record, query) == ["Hello"]


async def test_a_query_without_words_finds_nothing(record: Record) -> None:
    """Punctuation stands in no index."""
    await begin_thread(record, "Really?!")
    assert await found(record, "?!") == []


async def test_anothers_words_are_never_found(record: Record) -> None:
    """Not by word, by their id, nor by an operator that names the index's columns."""
    await begin_thread(record, "secret plan", owner=BOB)
    await begin_thread(record, "harmless")
    for query in ("secret", BOB, BOB.replace("-", ""), f'owner : "{BOB}"', "secret OR harmless", "s* OR h*"):
        assert "secret plan" not in await found(record, query)
    assert await found(record, "secret", BOB) == ["secret plan"]


async def test_a_deleted_thread_is_not_found(record: Record) -> None:
    """Nor are its messages."""
    thread_id = await begin_thread(record, "Regrets")
    await record.writer.submit(DeleteThread(thread_id, record.now(), ADA))
    assert await found(record, "regrets") == []


async def test_a_deleted_message_is_not_found(record: Record) -> None:
    """What left the screen cannot be found; the rest of the thread can."""
    thread_id = await begin_thread(record, "Good morning")
    put = message(record, thread_id, "my password is swordfish")
    await record.writer.submit(put)
    assert await found(record, "swordfish") == ["Good morning"]
    await record.writer.submit(DeleteSteps((put.row["step_id"],), record.now(), "removed", by=ADA))
    assert await found(record, "swordfish") == []
    assert await found(record, "morning") == ["Good morning"]


async def test_an_edited_message_is_found_by_its_new_words(record: Record) -> None:
    """And no longer by the old ones, which are not on the screen."""
    thread_id = await begin_thread(record, "Title")
    put = message(record, thread_id, "zebras")
    await record.writer.submit(put)
    await record.writer.submit(PutStep(put.row | {"output": "giraffes"}, record.now(), by=ADA))
    assert (await found(record, "giraffes"), await found(record, "zebras")) == (["Title"], [])


async def test_an_old_title_is_not_found(record: Record) -> None:
    """A renamed thread goes by its new name; its first message still says what it said."""
    thread_id = await begin_thread(record, "First words")
    await record.writer.submit(RenameThread(thread_id, "Alpha", record.now(), ADA))
    await record.writer.submit(RenameThread(thread_id, "Beta", record.now(), ADA))
    assert (await found(record, "alpha"), await found(record, "beta")) == ([], ["Beta"])
    assert await found(record, "first words") == ["Beta"]


async def test_a_streaming_reply_is_indexed_when_it_ends(record: Record) -> None:
    """Not at every checkpoint, and then with all its words."""
    thread_id = await begin_thread(record, "Question")
    put = reply(record, thread_id, "Lions and", status="streaming")
    await record.writer.submit(put)
    with Statements(record.database) as statements:
        await record.writer.submit(PutStep(put.row | {"output": "Lions and tigers"}, record.now()))
    assert not [statement for statement in statements.texts if "search_index" in statement]
    done = {"output": "Lions and tigers and bears", "status": "complete"}
    await record.writer.submit(PutStep(put.row | done, record.now()))
    assert await found(record, "bears lions") == ["Question"]


async def test_a_text_too_long_for_the_index_is_found_by_its_beginning(record: Record) -> None:
    """The index holds the first half megabyte of different words; a message of any length is kept."""
    thread_id = await begin_thread(record, "Title")
    words = " ".join(f"word{number:06x}" for number in range(120_000))
    await record.writer.submit(message(record, thread_id, words))
    assert await found(record, "word000001 word00000f") == ["Title"]


async def test_a_word_without_end_is_found_by_its_beginning(record: Record) -> None:
    """A long word is known by its first characters, on both sides."""
    thread_id = await begin_thread(record, "Title")
    word = random.Random(2).randbytes(5_000).hex()
    await record.writer.submit(message(record, thread_id, word))
    assert await found(record, word) == ["Title"]
    assert await found(record, word[:20]) == ["Title"]
