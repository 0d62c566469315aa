"""A participant finds their own by meaning, and nobody else's."""

from collections.abc import Sequence

import numpy as np
import pytest

from agent.embedding.base import FloatMatrix
from data_layer.record import Record
from data_layer.search.participant_search import ParticipantSearchResult
from data_layer.writing.writes import DeleteSteps, DeleteThread, InsertRow, PutStep, Write
from meaning.own import search_own
from meaning.service import Meaning
from meaning.worker import EmbeddingWorker
from study.errors import QueryError
from study.semantic_search import SearchMode
from tests.data_layer.rows import ADA, BOB, begin_thread, message, one, rows


async def test_words_that_nobody_said_find_what_was_meant(record: Record, meaning: Meaning) -> None:
    """A message is found by its meaning, nearest first, with its beginning."""
    await begin_thread(record, "A latte, please")
    await begin_thread(record, "My puppy keeps barking")
    await meaning.worker.look()
    assert _texts(await _search(record, meaning, "hound")) == ["My puppy keeps barking", "A latte, please"]


async def test_nobody_elses_is_found(record: Record, meaning: Meaning) -> None:
    """What BOB said stays BOB's, however near it is."""
    await begin_thread(record, "My puppy keeps barking", BOB)
    await begin_thread(record, "A latte, please")
    await meaning.worker.look()
    assert _texts(await _search(record, meaning, "hound")) == ["A latte, please"]


@pytest.mark.parametrize("way", ["message", "thread", "unshown", "edited"])
async def test_what_left_the_screen_is_found_no_more(record: Record, meaning: Meaning, way: str) -> None:
    """A removed message, a deleted thread, what was never shown, what reads otherwise now: none is found."""
    thread_id = await begin_thread(record, "hello there")
    said = message(record, thread_id, "My puppy", shown=way != "unshown")
    await record.writer.submit(said)
    await meaning.worker.look()
    step_id, now = said.row["step_id"], record.now()
    writes: dict[str, Write] = {
        "message": DeleteSteps((step_id,), now, "removed", thread_id, ADA),
        "thread": DeleteThread(thread_id, now, ADA),
        "edited": PutStep({"step_id": step_id, "thread_id": thread_id, "output": "espresso"}, now, by=ADA),
    }
    if way in writes:
        await record.writer.submit(writes[way])
    assert "My puppy" not in _texts(await _search(record, meaning, "hound"))


async def test_both_ways_in_one_order(record: Record, meaning: Meaning) -> None:
    """Hybrid puts what both found before what one found, and marks its words."""
    await begin_thread(record, "the hound of the neighbours")
    await begin_thread(record, "My puppy keeps barking")
    await begin_thread(record, "A latte, please")
    await meaning.worker.look()
    found = await _search(record, meaning, "hound", SearchMode.HYBRID)
    messages = [hit for hit in found.hits if hit.step_id]
    assert _texts(ParticipantSearchResult(messages, None)) == [
        "the hound of the neighbours", "My puppy keeps barking", "A latte, please",
    ]  # fmt: skip
    assert [part.text for part in messages[0].parts if part.hit] == ["hound"]


async def test_pages_hold_all_once(record: Record, meaning: Meaning) -> None:
    """Page by page every message comes once, and the last page says that it is."""
    for number in range(7):
        await begin_thread(record, f"puppy {number}")
    await meaning.worker.look()
    texts: list[str] = []
    cursor, pages = None, 0
    while True:
        page = await search_own(record, meaning, ADA, "dog", SearchMode.SEMANTIC, cursor, 3)
        texts, pages, cursor = texts + _texts(page), pages + 1, page.next_cursor
        if cursor is None:
            break
    assert pages == 3
    assert sorted(texts) == [f"puppy {number}" for number in range(7)]


@pytest.mark.parametrize("cursor", ["", "x", "-3", "99", "9" * 40])
async def test_a_cursor_of_others_does_no_harm(record: Record, meaning: Meaning, cursor: str) -> None:
    """Whatever stands in the address, the answer is a page."""
    await begin_thread(record, "My puppy")
    await meaning.worker.look()
    found = await search_own(record, meaning, ADA, "dog", SearchMode.SEMANTIC, cursor)
    assert len(found.hits) <= 1


async def test_where_it_is_off_it_says_so(record: Record) -> None:
    """Without a model the answer says that it is off and how it is switched on; words are still searched."""
    await begin_thread(record, "My puppy")
    for mode in (SearchMode.SEMANTIC, SearchMode.HYBRID):
        with pytest.raises(QueryError, match=r"semantic_search: \{model"):
            await search_own(record, None, ADA, "puppy", mode)
    assert _texts(await search_own(record, None, ADA, "puppy")) == ["My puppy"]


async def test_a_withdrawal_erases_the_vectors(record: Record, meaning: Meaning) -> None:
    """With their words go the numbers that stand for them; others keep theirs."""
    person = {"participant_id": ADA, "study_id": "example", "source": "login", "created_at": record.now()}
    await record.writer.submit(InsertRow("participants", person))
    await begin_thread(record, "My puppy")
    bobs = await begin_thread(record, "espresso", BOB)
    await meaning.worker.look()
    await record.withdrawals.withdraw(ADA, "participant")
    assert (await one(record, "embeddings"))["thread_id"] == bobs


async def test_what_is_erased_while_it_is_embedded_is_not_kept(record: Record, meaning: Meaning) -> None:
    """A vector that comes back after its message was withdrawn is dropped."""
    person = {"participant_id": ADA, "study_id": "example", "source": "login", "created_at": record.now()}
    await record.writer.submit(InsertRow("participants", person))
    await begin_thread(record, "My puppy")

    class Late:
        """Answers when ADA has gone."""

        model, at_once = "late", 64

        async def embed(self, texts: Sequence[str], *, is_query: bool = False) -> FloatMatrix:
            """A vector a text."""
            await record.withdrawals.withdraw(ADA, "participant")
            return np.ones((len(texts), 1), dtype=np.float32)

        async def close(self) -> None:
            """Nothing to close."""

    assert await EmbeddingWorker(record, Late()).look() == 0
    assert await rows(record, "embeddings") == []


async def _search(
    record: Record, meaning: Meaning, query: str, mode: SearchMode = SearchMode.SEMANTIC
) -> ParticipantSearchResult:
    return await search_own(record, meaning, ADA, query, mode)


def _texts(found: ParticipantSearchResult) -> list[str]:
    return ["".join(part.text for part in hit.parts) for hit in found.hits if hit.step_id]
