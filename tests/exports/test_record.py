import asyncio
from datetime import UTC, datetime
from pathlib import Path

from data_layer.record import Record
from data_layer.writing.writes import DeleteSteps, PutStep
from exports import load
from tests.data_layer.rows import begin_thread, message, new_id, reply
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.fakes import HandClock


async def test_what_the_record_keeps_is_exported(record: Record, out: Path) -> None:
    """Written by the app's own writer, in its order, and proved against the same database."""
    participant = await record.enter("Ada", "ada")
    thread_id = await begin_thread(record, "Hello", participant.participant_id)
    await record.writer.submit(reply(record, thread_id, "How do you do?"))
    await asyncio.to_thread(export_to, record.database.url, out)
    assert load(out)["messages"]["content"].tolist() == ["Hello", "How do you do?"]
    assert await asyncio.to_thread(verify_export, out, record.database.url) == []


async def test_what_the_record_does_later_has_moved_on(record: Record, clock: HandClock, out: Path) -> None:
    """An edit by the app's own writer, with all that leaves the screen, is no fault of an older export."""
    clock.moment = datetime.now(UTC)  # a snapshot's time is the real one
    participant = await record.enter("Ada", "ada")
    thread_id, message_id = await begin_thread(record, "Hello", participant.participant_id), new_id()
    await record.writer.submit(
        message(record, thread_id, "I am sad", step_id=message_id, by=participant.participant_id),
        reply(record, thread_id, "Why are you sad?"),
    )
    await asyncio.to_thread(export_to, record.database.url, out)
    edited = {"step_id": message_id, "thread_id": thread_id, "output": "I am glad"}
    seq = int(load(out)["messages"].set_index("message_id").loc[message_id, "seq"])
    await record.writer.submit(
        DeleteSteps((), record.now(), "edited", thread_id, after_seq=seq, runs_of=(message_id,)),
        PutStep(edited, record.now(), by=participant.participant_id),
        reply(record, thread_id, "What makes you glad?"),
    )
    differences = await asyncio.to_thread(verify_export, out, record.database.url)
    assert differences != []
    assert [str(one) for one in differences if one.wrong] == []


def holding(folder: Path, words: str) -> list[Path]:
    """The files that hold some words."""
    return [path for path in folder.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]


async def test_what_opens_a_conversation_is_not_exported(record: Record, out: Path) -> None:
    """Names are, when they are asked for; resume codes and the browsers that hold a name never are."""
    person = (await record.enter("Ada", "ada", browser="her browser")).participant_id
    await record.claims.admit(person, "another one")
    code = await record.claims.code_of(person)
    await asyncio.to_thread(export_to, record.database.url, out, formats=("csv",), include_identities=True)
    assert load(out)["identities"]["kind"].tolist() == ["user_name"]
    assert not holding(out, code)
    assert await asyncio.to_thread(verify_export, out, record.database.url) == []
