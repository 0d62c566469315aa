"""A message's files: kept with it, once, before the agent is asked, and given to the agent."""

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from agent.context import Attachment
from data_layer.chainlit.shapes import thread_dict
from data_layer.record import Record
from stages.chat.attachments import MessageFiles, Taken
from stages.chat.stage import ChatStage
from study.errors import WriteRefused
from study.participation import AttachmentRules
from tests import files_to_attach as files
from tests.data_layer.rows import ADA, BOB, new_id, one, read_thread, rows
from tests.fakes import FakeAgent, FakeAgents
from tests.stages.talk import LIMIT, Talk, until, upload, words


@pytest.fixture
async def stage(record: Record, agent: FakeAgent) -> ChatStage:
    """A study in which a message may have three files."""
    allowed = AttachmentRules(max_files=3)
    return ChatStage(record, FakeAgents(agent), message_length=LIMIT, attachments=allowed)


def waiting(record: Record) -> list[Path]:
    """What is left where uploads wait."""
    return [path for path in (record.data_dir / "pending").rglob("*") if path.is_file()]


async def test_files_are_kept_with_their_message_before_the_agent_is_asked(
    talk: Talk, record: Record, agent: FakeAgent
) -> None:
    """Row, file and digest are there when it is; the page is shown them after that."""
    agent.enqueue(*words("I see."))
    first, second = upload(record, files.png(), "a.png"), upload(record, b"two", "b.txt")
    message_id = await talk.say("Look", files=(first, second))
    kept = await rows(record, "elements")
    assert [(row["element_id"], row["name"], row["message_id"]) for row in kept] == [
        (first, "a.png", message_id),
        (second, "b.txt", message_id),
    ]
    path = record.files.path_of(kept[0]["file"])
    assert path is not None
    assert hashlib.sha256(path.read_bytes()).hexdigest() == kept[0]["sha256"]
    given = agent.asked[0][-1]
    assert [(one.name, one.mime) for one in given.attachments] == [
        ("a.png", "image/png"),
        ("b.txt", "text/plain"),
    ]
    assert given.attachments[0] == Attachment("a.png", "image/png", kept[0]["sha256"], path)
    told = [kind for kind, _ in talk.screen.told]
    assert (
        told.index("kept") < told.index("show_element") < told.index("begin" if "begin" in told else "show")
    )
    assert talk.screen.elements[first]["url"] == f"/files/{first}"
    assert waiting(record) == []


async def test_a_message_may_be_a_file_alone(talk: Talk, record: Record, agent: FakeAgent) -> None:
    """It is answered, its thread is called by the file, and it is part of the history."""
    agent.enqueue(*words("A picture."))
    agent.enqueue(*words("Yes."))
    await talk.say("", files=(upload(record, files.png(), "garden.png"),))
    await talk.say("Is it nice?")
    assert (await one(record, "threads"))["title"] == "garden.png"
    assert [turn.content for turn in agent.asked[1]] == ["", "A picture.", "Is it nice?"]
    assert [len(turn.attachments) for turn in agent.asked[1]] == [1, 0, 0]


async def test_a_message_with_files_is_not_overtaken(talk: Talk, record: Record, agent: FakeAgent) -> None:
    """What is sent right after it comes after it, though files take a while to be moved."""
    for _ in range(2):
        agent.enqueue(*words("Yes."))
    files_first = tuple(upload(record) for _ in range(3))
    await asyncio.gather(talk.say("Look", files=files_first), talk.say("What is it?"))
    said = [row["output"] for row in await talk.steps() if row["type"] == "user_message"]
    assert said == ["Look", "What is it?"]


async def test_the_message_after_one_with_files_is_answered_after_it(
    talk: Talk, record: Record, agent: FakeAgent
) -> None:
    """Though a slow disk has not let go yet of what waited there."""

    class SlowDisk(MessageFiles):
        async def committed(self, taken: Taken) -> None:
            await until(lambda: agent.asked)
            await super().committed(taken)

    talk.stage.files = SlowDisk(record, AttachmentRules(max_files=3))
    for answer in ("A garden.", "A tree."):
        agent.enqueue(*words(answer))
    await asyncio.gather(talk.say("Look", files=(upload(record),)), talk.say("And this?"))
    asked = [[turn.content for turn in turns] for turns in agent.asked]
    assert asked == [["Look"], ["Look", "A garden.", "And this?"]]
    assert waiting(record) == []


async def test_a_message_sent_twice_has_its_files_once(talk: Talk, record: Record, agent: FakeAgent) -> None:
    """A page that heard nothing sends the same frame again."""
    agent.enqueue(*words("I see."))
    sent = upload(record)
    message_id = await talk.say("Look", files=(sent,))
    assert await talk.stage.files.known(ADA, message_id, [sent]) == (sent,)
    await talk.say("Look", message_id, files=(sent,))
    assert len(await rows(record, "elements")) == 1
    assert talk.screen.said == []
    assert len(agent.asked) == 1


async def test_a_file_goes_with_one_message_only(talk: Talk, record: Record, agent: FakeAgent) -> None:
    """Who names it again is told that it is not there; the words are kept and answered."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    sent = upload(record)
    first = await talk.say("One", files=(sent,))
    await talk.say("Two", files=(sent,))
    assert (await one(record, "elements"))["message_id"] == first
    assert talk.screen.said == [talk.screen.strings("attachments.gone")]
    assert talk.screen.texts[-1] == "Two."


async def test_anothers_file_cannot_be_taken(talk: Talk, record: Record) -> None:
    """Neither one that waits nor one that stands in a thread, nor a path."""
    theirs = upload(record, whose=BOB)
    known = talk.stage.files.known
    assert await known(ADA, new_id(), [theirs]) == ()
    assert await known(ADA, new_id(), ["../x", f"../{BOB}/{theirs}"]) == ()
    assert await known(BOB, new_id(), [theirs]) == (theirs,)


async def test_files_do_not_go_into_anothers_thread(
    talk: Talk, stage: ChatStage, record: Record, agent: FakeAgent
) -> None:
    """With the message, they are refused."""
    agent.enqueue(*words("Hello."))
    await talk.say("Mine")
    thief = Talk(stage, record, BOB, talk.thread_id)
    await thief.say("Look", files=(upload(record, whose=BOB),))
    assert await rows(record, "elements") == []


async def test_more_files_than_the_study_allows_are_refused(talk: Talk, record: Record) -> None:
    """The page offers no more; what sends more is no page of ours."""
    ids = [upload(record, str(number).encode()) for number in range(4)]
    with pytest.raises(WriteRefused):
        await talk.stage.files.known(ADA, new_id(), ids)


async def test_a_study_without_attachments_has_none(record: Record, agent: FakeAgent) -> None:
    """Whatever a page names is dropped."""
    stage = ChatStage(record, FakeAgents(agent), message_length=LIMIT)
    assert await stage.files.known(ADA, new_id(), [upload(record)]) == ()


async def test_a_server_that_died_between_file_and_row_loses_neither(
    talk: Talk, record: Record, agent: FakeAgent
) -> None:
    """The file lies where it stays, the row was not written: the message sent again brings it."""
    agent.enqueue(*words("I see."))
    sent = upload(record)
    pending = record.attachments.find(ADA, sent)
    assert pending is not None
    record.attachments.take(pending)
    await talk.say("Look", files=(sent,))
    assert (await one(record, "elements"))["element_id"] == sent


async def test_a_reload_shows_them(talk: Talk, record: Record, agent: FakeAgent) -> None:
    """A picture as one; a text as a file to open, not as pages of Markdown."""
    agent.enqueue(*words("I see."))
    await talk.say("Look", files=(upload(record, files.png(), "a.png"), upload(record)))
    await record.writer.flush()
    thread = await read_thread(record.database, talk.thread_id)
    assert thread is not None
    shown = thread_dict(thread)["elements"]
    assert [(one["type"], one["display"]) for one in shown] == [("image", "inline"), ("file", "inline")]


async def test_what_nobody_sends_is_swept(record: Record) -> None:
    """An hour after its session has ended; not before, and not while the session lives."""
    sent = upload(record)
    pending = record.attachments.find(ADA, sent)
    assert pending is not None
    now = record.now().timestamp()
    for path in waiting(record):
        os.utime(path, (now, now - 3500))
    assert record.attachments.sweep([]) == 0
    for path in waiting(record):
        os.utime(path, (now, now - 3700))
    assert record.attachments.sweep([pending.session_id]) == 0
    assert record.attachments.sweep([]) == 2
    assert waiting(record) == []
