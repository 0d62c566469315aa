"""Annotations: on a thread, a turn, a span; taken away and brought back; on both databases."""

import asyncio
from typing import Any

import pytest

from data_layer.coding.annotation_shapes import LONGEST_NOTE, AnnotationPlace
from data_layer.record import Record
from study.errors import CodingError, WriteRefused
from study.vocabulary import AnnotationTarget, CodeColour
from tests.data_layer.rows import ADA, begin_thread, execute, message, new_id, one, rows

OLGA, RITA = new_id(), new_id()
WORDS = "I 👩‍🔬 trust it, ثقة."


async def code(record: Record, name: str = "Trust") -> str:
    """A living code's id."""
    return (await record.codebook.add(name, "", CodeColour.BLUE, OLGA, "Olga")).code_id


async def begun(record: Record, words: str = WORDS) -> tuple[str, str]:
    """A thread of one message.

    Returns:
        Its id, and the message's.
    """
    thread_id = await begin_thread(record, words)
    return thread_id, (await one(record, "steps", thread_id=thread_id))["step_id"]


async def living(record: Record, thread_id: str, by: str | None = None) -> list[Any]:
    """What stands in a thread: target, quote, and whether it is a code or what note."""
    found = await record.annotations.of_thread(thread_id, by)
    return [(a.target.value, a.quote, a.note or a.code_id) for a in found]


async def test_each_kind_of_place_bears_a_code(record: Record) -> None:
    """A thread, a turn, a span; with who, when, and the codebook's version."""
    thread_id, step_id = await begun(record)
    await code(record, "Another")
    trust = await code(record)
    for place in (
        AnnotationPlace(thread_id),
        AnnotationPlace(thread_id, step_id),
        AnnotationPlace(thread_id, step_id, (6, 11), 1),
    ):
        await record.annotations.give_code(place, trust, OLGA, "Olga")
    found = await record.annotations.of_thread(thread_id)
    assert [(a.target, a.turn, a.step_id, a.quote) for a in found] == [
        (AnnotationTarget.THREAD, None, None, None),
        (AnnotationTarget.TURN, 1, step_id, None),
        (AnnotationTarget.SPAN, 1, step_id, "trust"),
    ]
    kept = await rows(record, "annotations")
    assert {(row["author"], row["codebook_version"]) for row in kept} == {("Olga", 2)}


async def test_offsets_are_code_points(record: Record) -> None:
    """An emoji of three code points, and letters that run from right to left, count as Python counts."""
    thread_id, step_id = await begun(record)
    for words in ("👩‍🔬", "ثقة"):
        start = WORDS.index(words)
        place = AnnotationPlace(thread_id, step_id, (start, start + len(words)), 1)
        await record.annotations.write_note(place, words, OLGA, "Olga")
    assert [(a.quote, a.note) for a in await record.annotations.of_thread(thread_id)] == [
        ("👩‍🔬", "👩‍🔬"),
        ("ثقة", "ثقة"),
    ]


@pytest.mark.parametrize(
    ("span", "revision"), [((-1, 2), 1), ((2, 2), 1), ((0, 999), 1), ((5, 2), 1), ((0, 2), 2), ((0, 2), None)]
)
async def test_a_span_that_is_not_there(record: Record, span: tuple[int, int], revision: int | None) -> None:
    """Outside of the message, or of a wording that it no longer has."""
    thread_id, step_id = await begun(record)
    with pytest.raises(WriteRefused):
        await record.annotations.write_note(
            AnnotationPlace(thread_id, step_id, span, revision), "x", OLGA, "Olga"
        )
    assert await rows(record, "annotations") == []


async def test_a_message_of_another_thread(record: Record) -> None:
    """No annotation stands in two places; nor does one on nothing."""
    thread_id, _ = await begun(record)
    _, elsewhere = await begun(record)
    for place in (
        AnnotationPlace(thread_id, elsewhere),
        AnnotationPlace(thread_id, new_id()),
        AnnotationPlace(thread_id, "no id"),
        AnnotationPlace(new_id()),
    ):
        with pytest.raises(WriteRefused):
            await record.annotations.write_note(place, "x", OLGA, "Olga")


async def test_a_span_keeps_the_words_that_were_read(record: Record) -> None:
    """The message is said otherwise later: quote and revision stay."""
    thread_id, step_id = await begun(record, "I trust it.")
    trust = await code(record)
    await record.annotations.give_code(AnnotationPlace(thread_id, step_id, (2, 7), 1), trust, OLGA, "Olga")
    await record.writer.submit(message(record, thread_id, "I do not.", step_id=step_id, creates=False))
    (span,) = await record.annotations.of_thread(thread_id)
    assert (span.quote, span.revision) == ("trust", 1)


async def test_a_code_is_given_once(record: Record) -> None:
    """By one person in one place, also when pressed twice at once; another person gives their own."""
    thread_id, step_id = await begun(record)
    trust, place = await code(record), AnnotationPlace(thread_id, step_id)
    ids = await asyncio.gather(
        *(record.annotations.give_code(place, trust, OLGA, "Olga") for _ in range(5)),
    )
    assert len(set(ids)) == 1
    await record.annotations.give_code(place, trust, RITA, "Rita")
    assert len(await living(record, thread_id)) == 2
    assert len(await living(record, thread_id, RITA)) == 1


async def test_a_retired_code_is_given_no_more(record: Record) -> None:
    """What it was given to keeps it."""
    thread_id, _ = await begun(record)
    trust = await code(record)
    await record.annotations.give_code(AnnotationPlace(thread_id), trust, OLGA, "Olga")
    await record.codebook.retire(trust, OLGA, "Olga")
    for call in (
        record.annotations.give_code(AnnotationPlace(thread_id), trust, RITA, "Rita"),
        record.annotations.give_code_to_threads([thread_id], trust, RITA, "Rita"),
        record.annotations.give_code(AnnotationPlace(thread_id), new_id(), RITA, "Rita"),
    ):
        with pytest.raises(WriteRefused):
            await call
    assert await record.annotations.counts() == {trust: (1, 1)}


async def test_many_threads_bear_a_code_at_once(record: Record) -> None:
    """Those that bear it already and those that nobody has are passed over; one step back takes all."""
    threads = [(await begun(record))[0] for _ in range(5)]
    trust = await code(record)
    await record.annotations.give_code(AnnotationPlace(threads[0]), trust, OLGA, "Olga")
    asked = [*threads, threads[1], new_id(), "no id"]
    ids = await record.annotations.give_code_to_threads(asked, trust, OLGA, "Olga")
    assert len(ids) == 4
    assert await record.annotations.counts() == {trust: (5, 5)}
    assert await record.annotations.give_code_to_threads(threads, trust, OLGA, "Olga") == []
    assert await record.annotations.remove(ids, OLGA) == ids
    assert await record.annotations.counts() == {trust: (1, 1)}
    assert await record.annotations.bring_back(ids, OLGA) == ids
    assert await record.annotations.counts() == {trust: (5, 5)}


async def test_nothing_is_written_to_who_has_withdrawn(record: Record) -> None:
    """A quote or a note would be their words again."""
    thread_id, step_id = await begun(record)
    trust = await code(record)
    await execute(record.database, "UPDATE threads SET state = 'withdrawn'")
    with pytest.raises(WriteRefused):
        await record.annotations.write_note(AnnotationPlace(thread_id, step_id, (0, 1), 1), "x", OLGA, "Olga")
    assert await record.annotations.give_code_to_threads([thread_id], trust, OLGA, "Olga") == []
    assert await rows(record, "annotations") == []


async def test_what_is_taken_away_stays_in_the_record(record: Record) -> None:
    """With who and when; taking it twice does nothing more."""
    thread_id, _ = await begun(record)
    note = await record.annotations.write_note(AnnotationPlace(thread_id), "Look again.", OLGA, "Olga")
    assert await record.annotations.remove([note, note, new_id(), "no id"], RITA) == [note]
    assert await record.annotations.remove([note], OLGA) == []
    kept = await one(record, "annotations")
    assert (kept["deleted_by"], kept["note"]) == (RITA, "Look again.")
    assert await living(record, thread_id) == []
    await record.annotations.bring_back([note], OLGA)
    back = await one(record, "annotations")
    assert (back["deleted_at"], back["deleted_by"], back["returned_at"] is None) == (None, None, False)


async def test_a_changed_note_stands_in_the_place_of_the_old(record: Record) -> None:
    """Back and forth: of the two one stands, and both are kept."""
    thread_id, _ = await begun(record)
    old = await record.annotations.write_note(AnnotationPlace(thread_id), "First.", OLGA, "Olga")
    new = await record.annotations.change_note(old, "Second.\r\nLine.", OLGA, "Olga")
    assert await living(record, thread_id) == [("thread", None, "Second.\nLine.")]
    assert await record.annotations.bring_back([old], OLGA) == [old]
    assert await living(record, thread_id) == [("thread", None, "First.")]
    assert len(await rows(record, "annotations")) == 2
    assert (await one(record, "annotations", annotation_id=new))["replaces"] == old


async def test_who_may_change_a_note(record: Record) -> None:
    """Who wrote it; not a code, and not what is gone."""
    thread_id, _ = await begun(record)
    note = await record.annotations.write_note(AnnotationPlace(thread_id), "First.", OLGA, "Olga")
    given = await record.annotations.give_code(AnnotationPlace(thread_id), await code(record), OLGA, "Olga")
    assert await record.annotations.change_note(note, " First. ", OLGA, "Olga") == note
    for which, who in ((note, RITA), (given, OLGA), (new_id(), OLGA)):
        with pytest.raises(WriteRefused):
            await record.annotations.change_note(which, "Second.", who, "Somebody")
    await record.annotations.remove([note], OLGA)
    with pytest.raises(WriteRefused):
        await record.annotations.change_note(note, "Second.", OLGA, "Olga")


async def test_only_ones_own(record: Record) -> None:
    """A coder takes away and brings back what is theirs, in the thread that they are in."""
    thread_id, _ = await begun(record)
    elsewhere, _ = await begun(record)
    hers = await record.annotations.write_note(AnnotationPlace(thread_id), "Hers.", OLGA, "Olga")
    own = await record.annotations.write_note(AnnotationPlace(thread_id), "Own.", RITA, "Rita")
    only: dict[str, Any] = {"only_own": True, "thread_id": thread_id}
    assert await record.annotations.remove([hers, own], RITA, **only) == [own]
    assert await record.annotations.bring_back([own], RITA, **(only | {"thread_id": elsewhere})) == []
    assert await record.annotations.bring_back([own], RITA, **only) == [own]
    await record.annotations.remove([own], OLGA)
    assert await record.annotations.bring_back([own], RITA, **only) == []


@pytest.mark.parametrize("note", ["", " \n\u200b", "x" * (LONGEST_NOTE + 1)])
async def test_a_note_that_cannot_be_kept(record: Record, note: str) -> None:
    """The sentence says what to do."""
    thread_id, _ = await begun(record)
    with pytest.raises(CodingError):
        await record.annotations.write_note(AnnotationPlace(thread_id), note, OLGA, "Olga")


async def test_a_note_holds_what_was_written(record: Record) -> None:
    """Script, quotes and every script's letters; what no database can hold is shown as such."""
    thread_id, _ = await begun(record)
    note = "<script>alert('1')</script> ثقة 👩‍🔬 \x00"
    await record.annotations.write_note(AnnotationPlace(thread_id), note, ADA, "Olga")
    (found,) = await record.annotations.of_thread(thread_id)
    assert found.note == note[:-1] + "\ufffd"
