"""A study whose files lie in a bucket: what a participant attaches, until they withdraw."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agent.context import Attachment
from data_layer.database.bucket import BucketFiles, open_bucket
from data_layer.database.engine import Database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from stages.chat.stage import ChatStage
from stages.own_files import own_file
from study.participation import AttachmentRules
from tests import files_to_attach as files
from tests.data_layer.rows import ADA, BOB, one, rows
from tests.data_layer.said_by_ada import enter
from tests.fakes import FakeAgent, FakeAgents, HandClock
from tests.s3_server import BUCKET, S3Server
from tests.stages.talk import LIMIT, Talk, upload, words


@pytest.fixture
def s3() -> Iterator[S3Server]:
    """The server."""
    server = S3Server()
    yield server
    server.close()


def bucket(s3: S3Server, folder: Path) -> BucketFiles:
    """What a machine knows of it."""
    return open_bucket(folder / "files", f"s3://{BUCKET}", s3.variables)


@pytest.fixture
async def record(
    database: Database, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock, s3: S3Server
) -> AsyncIterator[Record]:
    """The record of a machine whose files lie in the bucket."""
    folder = tmp_path / "kept"
    record = Record(database, folder, defaults, clock, files=bucket(s3, folder))
    await record.start()
    yield record
    await record.close()


@pytest.fixture
async def stage(record: Record, agent: FakeAgent) -> ChatStage:
    """A study in which a message may have three files."""
    return ChatStage(
        record, FakeAgents(agent), message_length=LIMIT, attachments=AttachmentRules(max_files=3)
    )


async def test_a_file_is_in_the_bucket_before_the_agent_is_asked(
    talk: Talk, record: Record, agent: FakeAgent, s3: S3Server, tmp_path: Path
) -> None:
    """Its owner reads it on another machine, and nobody else does."""
    agent.enqueue(*words("I see."))
    sent = upload(record, files.png(), "a.png")
    await talk.say("Look", files=(sent,))
    kept = await one(record, "elements")
    assert s3.objects[kept["file"]] == (files.png(), {"x-amz-meta-sha256": kept["sha256"]})
    other = Record(record.database, tmp_path / "other", record.defaults, files=bucket(s3, tmp_path / "other"))
    found = await own_file(other, ADA, sent)
    assert found is not None
    assert found.path.read_bytes() == files.png()
    assert await own_file(other, BOB, sent) is None


async def test_an_agent_reads_what_was_attached_on_another_machine(
    talk: Talk, record: Record, agent: FakeAgent, s3: S3Server
) -> None:
    """A later message is answered here, and the picture of the first is fetched for it."""
    for _ in range(2):
        agent.enqueue(*words("I see."))
    await talk.say("Look", files=(upload(record, files.png(), "a.png"),))
    file = (await one(record, "elements"))["file"]
    (record.data_dir / "files" / file).unlink()
    await talk.say("And now?")
    given: Attachment = agent.asked[1][0].attachments[0]
    assert given.path is not None
    assert given.path.read_bytes() == files.png()


async def test_words_are_kept_when_the_bucket_is_away(
    talk: Talk, record: Record, agent: FakeAgent, s3: S3Server
) -> None:
    """The message is answered, its participant reads that the file is not there, and it waits."""
    agent.enqueue(*words("I see."))
    sent = upload(record, files.png(), "a.png")
    s3.broken = None
    await talk.say("Look", files=(sent,))
    assert await rows(record, "elements") == []
    assert len(agent.asked) == 1
    assert record.attachments.find(ADA, sent) is not None


async def test_a_withdrawal_leaves_nothing_in_the_bucket(
    talk: Talk, record: Record, agent: FakeAgent, s3: S3Server
) -> None:
    """Also when the bucket was away in that moment: it stays on the list until it is done."""
    agent.enqueue(*words("I see."))
    await enter(record, ADA, "ada")
    await talk.say("Look", files=(upload(record, files.png(), "a.png"),))
    assert s3.objects
    s3.broken = None
    await record.withdrawals.withdraw(ADA, "participant")
    row = await record.withdrawals.of_participant(ADA)
    assert row is not None
    assert row["leftovers"] is not None
    s3.broken = 0
    assert await record.withdrawals.finish()
    assert s3.objects == {}
    assert [path for path in (record.data_dir / "files").rglob("*") if path.is_file()] == []
