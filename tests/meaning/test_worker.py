"""Messages are embedded in the background: all of them, once, whatever the server does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agent.embedding.base import TextRefused
from agent.embedding.endpoint import EndpointEmbedder
from data_layer.record import Record
from data_layer.writing.writes import DeleteSteps, PutStep
from meaning.service import Meaning
from meaning.worker import LONGEST_PAUSE_S, LOOK_EVERY_S, EmbeddingWorker
from study.errors import AgentError, AgentRefused, AgentUnavailable
from study.semantic_search import SemanticSearch
from tests.data_layer.rows import ADA, BOB, begin_thread, count, message, reply, rows
from tests.fake_embeddings import DIMENSION, FakeEmbeddings
from tests.fakes import HandClock


async def test_every_message_gets_a_vector_of_length_one(record: Record, meaning: Meaning) -> None:
    """Participants' and agents' messages of whomsoever are kept with model, dimension and a unit vector."""
    thread_id = await begin_thread(record, "my puppy")
    await record.writer.submit(reply(record, thread_id, "What does the hound do?"))
    await begin_thread(record, "espresso", BOB)
    assert await meaning.worker.look() == 3
    kept = await rows(record, "embeddings")
    assert {(row["model"], row["dimension"], len(row["vector"])) for row in kept} == {
        ("tiny", DIMENSION, 4 * DIMENSION)
    }
    lengths = [sum(x * x for x in memoryview(row["vector"]).cast("f")) for row in kept]
    assert lengths == [pytest.approx(1, abs=1e-5)] * 3


async def test_nothing_is_asked_twice(
    record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings
) -> None:
    """A second look, and a worker of another process, find nothing to do."""
    await begin_thread(record, "my puppy")
    await meaning.worker.look()
    assert await meaning.worker.look() == 0
    async with another_worker(record, fake_embeddings) as again:
        assert await again.look() == 0
    assert fake_embeddings.texts == ["my puppy"]


async def test_an_edit_is_embedded_anew(record: Record, meaning: Meaning) -> None:
    """The vector of what a message said before is gone when it says something else."""
    thread_id = await begin_thread(record, "my puppy")
    await meaning.worker.look()
    before = (await rows(record, "embeddings"))[0]
    step = {"step_id": before["step_id"], "thread_id": thread_id, "output": "espresso"}
    await record.writer.submit(PutStep(step, record.now(), by=ADA))
    assert await meaning.worker.look() == 1
    after = await rows(record, "embeddings")
    assert [(row["revision"], row["vector"] == before["vector"]) for row in after] == [(2, False)]


@pytest.mark.parametrize("columns", [{"status": "streaming"}, {"type": "tool"}, {"words": ""}])
async def test_what_is_not_a_whole_message_is_left_out(
    record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings, columns: dict[str, str]
) -> None:
    """Replies under way, tools and empty messages are never sent."""
    thread_id = await begin_thread(record, "hello")
    await record.writer.submit(reply(record, thread_id, **({"words": "half a"} | columns)))
    await meaning.worker.look()
    assert fake_embeddings.texts == ["hello"]


async def test_what_left_the_screen_is_not_sent(
    record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings
) -> None:
    """A message that was removed before it was embedded never leaves the machine."""
    thread_id = await begin_thread(record, "hello")
    gone = message(record, thread_id, "a secret")
    await record.writer.submit(
        gone, DeleteSteps((gone.row["step_id"],), record.now(), "removed", thread_id, ADA)
    )
    await meaning.worker.look()
    assert fake_embeddings.texts == ["hello"]


async def test_a_failing_server_is_asked_again_later(
    record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings
) -> None:
    """What a failing server leaves undone the next look does, and nothing twice."""
    await begin_thread(record, "my puppy")
    fake_embeddings.next(status=429)
    with pytest.raises(AgentUnavailable):
        await meaning.worker.look()
    assert await count(record, "embeddings") == 0
    assert await meaning.worker.look() == 1


@pytest.mark.parametrize(
    ("meets", "kind"),
    [
        ({"status": 429}, AgentUnavailable),
        ({"status": 500}, AgentUnavailable),
        ({"status": 401}, AgentRefused),
        ({"status": 404}, AgentRefused),
        ({"status": 422}, TextRefused),
        ({"body": b"<html>not JSON"}, AgentUnavailable),
        ({"body": b'{"data": []}'}, AgentUnavailable),
        ({"body": b'{"data": [{"embedding": [1, "x"]}]}'}, AgentUnavailable),
        ({"body": b'{"data": [{"embedding": [1e39, 1]}]}'}, AgentUnavailable),
        ({"body": b'{"data": [{"embedding": [NaN, 1]}]}'}, AgentUnavailable),
        ({"body": b'{"data": [{"embedding": [[1]]}]}'}, AgentUnavailable),
        ({"body": b'{"data": [{"embedding": []}]}'}, AgentUnavailable),
        ({"body": b'{"data": [{"embedding": "AACAPw=="}]}'}, AgentUnavailable),
        ({"body": b'{"data": [{"embedding": [1, 2], "index": 7}]}'}, AgentUnavailable),
        ({"body": b'{"data": {"embedding": [1, 2]}}'}, AgentUnavailable),
        ({"body": b"[]"}, AgentUnavailable),
        ({"dimension": 5_000}, AgentUnavailable),
    ],
)
async def test_what_is_no_embedding_is_refused(
    fake_embeddings: FakeEmbeddings, meets: dict[str, Any], kind: type[AgentError]
) -> None:
    """Whatever a server answers, it is a vector or an error that says whether to ask again."""
    embedder = EndpointEmbedder(SemanticSearch(model="tiny"), base_url=fake_embeddings.url)
    fake_embeddings.next(**meets)
    with pytest.raises(kind):
        await embedder.embed(["my puppy"])
    await embedder.close()


async def test_pauses_grow_and_end(record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings) -> None:
    """Each failure in a row makes the pause longer, up to ten minutes; a success makes it short again."""
    await begin_thread(record, "my puppy")
    fake_embeddings.next(status=500, times=12)
    pauses = [await meaning.worker.try_once() for _ in range(12)]
    assert pauses[0] <= 5 < pauses[3] < pauses[6]
    assert max(pauses) <= LONGEST_PAUSE_S
    assert "500" in meaning.worker.state.problem
    assert await meaning.worker.try_once() == LOOK_EVERY_S
    assert meaning.worker.state.problem == ""


async def test_one_bad_message_holds_up_no_other(
    record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings
) -> None:
    """A message that the model refuses is marked and named, and all others of its batch are embedded."""
    for number in range(9):
        await begin_thread(record, f"message {number}{' poison' if number == 4 else ''}")
    fake_embeddings.refuses = "poison"
    assert await meaning.worker.look() == 9
    counts = await meaning.worker.counts()
    assert (counts.kept, counts.failed, counts.messages) == (8, 1, 9)
    failed = [row for row in await rows(record, "embeddings") if row["vector"] is None]
    assert [row["error_type"] for row in failed] == ["too_long"]
    assert await meaning.worker.look() == 0


async def test_a_restart_tries_the_failed_ones_again(
    record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings
) -> None:
    """What was refused once is embedded by a later start, when the model takes it."""
    await begin_thread(record, "poison")
    fake_embeddings.refuses = "poison"
    await meaning.worker.look()
    fake_embeddings.refuses = ""
    async with another_worker(record, fake_embeddings) as again:
        assert await again.look() == 1
        assert (await again.counts()).failed == 0


async def test_a_server_that_refuses_everything_marks_nothing(
    record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings
) -> None:
    """400 for whatever is sent is the server's trouble: no message counts as failed."""
    await begin_thread(record, "my puppy")
    fake_embeddings.next(status=400, times=2)
    with pytest.raises(AgentUnavailable):
        await meaning.worker.look()
    assert await count(record, "embeddings") == 0


async def test_a_message_that_is_too_long_is_known_by_its_beginning(
    record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings
) -> None:
    """Of a text that the model finds too long its beginning is sent, shorter and shorter."""
    fake_embeddings.longest = 1_000
    await begin_thread(record, "dog " * 2_000)
    await meaning.worker.look()
    assert (await meaning.worker.counts()).kept == 1
    assert [len(text) for text in fake_embeddings.texts] == [6_000, 3_000, 1_500, 750]


async def test_another_length_is_never_mixed_in(
    record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings
) -> None:
    """A server whose model was exchanged under its name is refused, with the repair."""
    await begin_thread(record, "my puppy")
    await meaning.worker.look()
    await begin_thread(record, "espresso")
    fake_embeddings.next(dimension=32)
    with pytest.raises(AgentUnavailable, match="Name it otherwise"):
        await meaning.worker.look()
    assert {row["dimension"] for row in await rows(record, "embeddings")} == {DIMENSION}


async def test_another_model_embeds_all_anew(
    record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings
) -> None:
    """After the study names another model every message has its vector, and none of the former is left."""
    await begin_thread(record, "my puppy")
    await meaning.worker.look()
    other = SemanticSearch(model="other", message_prefix="passage: ")
    fake_embeddings.default = type(fake_embeddings.default)(dimension=24)
    async with another_worker(record, fake_embeddings, other) as worker:
        assert await worker.look() == 1
    kept = await rows(record, "embeddings")
    assert [row["dimension"] for row in kept] == [24]
    assert kept[0]["model"].startswith("other#")
    assert fake_embeddings.texts[-1] == "passage: my puppy"


async def test_answers_in_another_order_are_put_right(
    record: Record, meaning: Meaning, fake_embeddings: FakeEmbeddings
) -> None:
    """A server may answer in any order: each vector goes to the text whose index it bears."""
    fake_embeddings.shuffled = True
    await begin_thread(record, "my puppy")
    await begin_thread(record, "espresso")
    await meaning.worker.look()
    ids = {row["step_id"]: row["output"] for row in await rows(record, "steps")}
    firsts = {
        ids[row["step_id"]]: memoryview(row["vector"]).cast("f") for row in await rows(record, "embeddings")
    }
    assert firsts["my puppy"][0] > 0.9
    assert firsts["espresso"][1] > 0.9


async def test_an_old_thread_is_not_looked_at_each_time(
    record: Record, meaning: Meaning, clock: HandClock
) -> None:
    """Between two looks at everything only threads that were active are read; at the next all are again."""
    thread_id = await begin_thread(record, "my puppy")
    await meaning.worker.look()
    clock.forward(2 * 3600)
    await meaning.worker.look()
    clock.forward(2 * 3600)
    await record.writer.submit(reply(record, thread_id, "brought back by somebody"))
    assert await meaning.worker.look() == 0
    clock.forward(5 * 3600)
    assert await meaning.worker.look() == 1


async def test_a_stalled_query_ends(fake_embeddings: FakeEmbeddings) -> None:
    """A server that says nothing is waited for no longer than it is said."""
    wanted = SemanticSearch(model="tiny")
    embedder = EndpointEmbedder(wanted, base_url=fake_embeddings.url, query_s=0.05)
    fake_embeddings.next(stall=True)
    with pytest.raises(AgentUnavailable):
        await embedder.embed(["dog"], is_query=True)
    await embedder.close()


async def test_the_key_is_sent_and_the_address_may_be_pasted_whole(fake_embeddings: FakeEmbeddings) -> None:
    """An address that ends in /embeddings is the same one; dimensions are asked for by their name."""
    wanted = SemanticSearch(model="tiny", dimensions=DIMENSION)
    embedder = EndpointEmbedder(
        wanted, base_url=f"{fake_embeddings.url}/embeddings", api_key="sk-of-embeddings"
    )
    await embedder.embed(["dog"])
    assert fake_embeddings.keys == ["Bearer sk-of-embeddings"]
    assert fake_embeddings.asked[0]["dimensions"] == DIMENSION
    fake_embeddings.next(dimension=32)
    with pytest.raises(AgentUnavailable, match="16 are wanted"):
        await embedder.embed(["dog"])
    await embedder.close()


@asynccontextmanager
async def another_worker(
    record: Record, server: FakeEmbeddings, wanted: SemanticSearch | None = None
) -> AsyncIterator[EmbeddingWorker]:
    """The worker of another process, or of a later start."""
    embedder = EndpointEmbedder(wanted or SemanticSearch(model="tiny"), base_url=server.url)
    yield EmbeddingWorker(record, embedder)
    await embedder.close()
