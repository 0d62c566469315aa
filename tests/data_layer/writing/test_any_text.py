"""Any text is kept whole."""

import random

import pytest

from data_layer.record import Record
from tests.data_layer.rows import message, new_id, one


async def test_a_megabyte_of_text_is_kept_whole(record: Record) -> None:
    """A message of any length comes back byte for byte, and is found by its first words."""
    thread_id = new_id()
    words = " ".join(f"word{number:06x}é" for number in range(90_000))
    assert len(words.encode()) > 1_000_000
    outcome = await record.writer.submit(message(record, thread_id, words))
    assert outcome.refused is None
    assert (await one(record, "steps"))["output"] == words


async def test_a_word_without_end_is_kept_whole(record: Record) -> None:
    """100,000 characters without a space, such as a picture in base64, are no search index's business."""
    thread_id, word = new_id(), random.Random(1).randbytes(50_000).hex()
    outcome = await record.writer.submit(message(record, thread_id, word))
    assert outcome.refused is None
    assert (await one(record, "steps"))["output"] == word


@pytest.mark.parametrize(
    ("given", "kept"), [("a\x00b", "a\ufffdb"), ("a\ud800b", "a\ufffdb"), ("\udfff", "\ufffd")]
)
async def test_what_no_database_can_hold_is_kept_as_it_is_shown(
    record: Record, given: str, kept: str
) -> None:
    """NUL and lone surrogates become U+FFFD, as on the page."""
    await record.writer.submit(message(record, new_id(), given, metadata={given: [given]}))
    step = await one(record, "steps")
    assert (step["output"], step["metadata"]) == (kept, {kept: [kept]})


@pytest.mark.parametrize(
    "words",
    [
        "مرحبا بالعالم",
        "👩‍👩‍👧‍👦🏳️‍🌈",
        "a\u202eb\u202c",
        "\r\n tab\there \u2028 \ufeff",
        "e\u0301 é",
        "'; DROP TABLE steps; --",
    ],
)
async def test_any_text_comes_back_byte_for_byte(record: Record, words: str) -> None:
    """Nothing is trimmed, normalised or interpreted on its way into the record."""
    await record.writer.submit(message(record, new_id(), words))
    assert (await one(record, "steps"))["output"] == words


async def test_numbers_that_json_does_not_know_are_kept(record: Record) -> None:
    """Infinity and NaN are no JSON: they are kept as their names instead of losing the step."""
    outcome = await record.writer.submit(
        message(record, new_id(), "Hi", metadata={"a": float("nan"), "b": float("inf"), "c": 1.5})
    )
    assert outcome.refused is None
    assert (await one(record, "steps"))["metadata"] == {"a": "nan", "b": "inf", "c": 1.5}
