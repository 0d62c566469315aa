"""Turns of every kind as a reader of streams is told them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.context import ApiContext
from api.tokens import make_token, read_token
from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from stages.chat.stage import ChatStage
from stages.entry.throttle import EntryThrottle
from study.errors import AgentUnavailable
from study.loader import LoadedStudy
from tests.api.conftest import SECRET
from tests.api.reader import Told, kinds_of, read, text_of, texts_of
from tests.api.server import Client
from tests.api.test_socket import socket
from tests.data_layer.outages import HeldLock, back
from tests.fakes import FakeAgent, FakeAgents, HandClock
from tests.stages.talk import until, words
from tests.stages.test_forms import asking

CHAT = ("POST", "/chat/stream")
DOWN = AgentUnavailable("down", error_type="server_error")


@pytest.fixture
async def record(
    sqlite_url: str, tmp_path: Path, defaults: ThreadDefaults, clock: HandClock
) -> AsyncIterator[Record]:
    """The record over a database that is waited for for a twentieth of a second, not for fifteen."""
    record = Record(open_database(sqlite_url, 0.05), tmp_path / "kept", defaults, clock)
    await record.start()
    yield record
    await record.close()


@pytest.fixture
def stand_in() -> FakeAgent:
    """Who answers where the agent cannot."""
    return FakeAgent(name="Eliza")


@pytest.fixture
async def context(
    record: Record, study: LoadedStudy, agent: FakeAgent, stand_in: FakeAgent
) -> AsyncIterator[ApiContext]:
    """What the API stands on, with an agent that steps in."""
    agents = FakeAgents(agent)
    stage = ChatStage(record, agents, message_length=10_000, fallbacks={"Agent": stand_in})
    yield ApiContext(
        record, study, stage, agents, EntryThrottle(600), SECRET, timedelta(days=15), lambda _: None
    )
    await stage.close()


async def test_a_reply_that_fails_says_that_it_can_be_retried(ada: Client, agent: FakeAgent) -> None:
    """What was said of it stays; the error names the message, and the line under it."""
    agent.enqueue(*words("Half "), DOWN)
    told = await read(ada, *CHAT, json={"message": "Go on"})
    (failed,) = [data for kind, data in told if kind == "error"]
    assert (failed["code"], failed["message_id"]) == ("no_answer", told[-1][1]["message_id"])
    assert told[-1][1]["status"] == "failed"
    assert text_of(told) == told[-1][1]["content"]
    again = await read(ada, *CHAT, after=told[-1][1]["at_id"], json={"message": "Go on"})
    assert [data["notice_id"] for kind, data in again if kind == "error"] == [failed["notice_id"]]


async def test_an_empty_reply_is_none(ada: Client, agent: FakeAgent, stand_in: FakeAgent) -> None:
    """No word is told; the end names no reply, and the message can be retried."""
    agent.enqueue()
    stand_in.enqueue()
    told = await read(ada, *CHAT, json={"message": "Go on"})
    assert text_of(told) == ""
    assert told[-1][1]["reply_id"] is None
    assert "no_answer" in kinds_of(told)


async def test_a_stopped_reply_ends_with_what_was_told(
    ada: Client, agent: FakeAgent, context: ApiContext
) -> None:
    """By another request of the same participant's."""
    agent.enqueue(*words("Long "), asyncio.Event())
    thread = await ada.begin()
    asked = asyncio.create_task(read(ada, *CHAT, json={"message": "Go", "thread_id": thread}))
    await until(lambda: context.live.growing(thread))
    assert (await ada.http.post(f"/threads/{thread}/stop")).json() == {"stopped": True}
    told = await asked
    assert (text_of(told), told[-1][1]["status"]) == ("Long ", "stopped")


async def test_an_edit_and_another_answer_are_told_to_who_follows(
    ada: Client, agent: FakeAgent, context: ApiContext
) -> None:
    """What left the screen, what stands now, and each end under the participant's message."""
    for text in ("One.", "Two.", "Three."):
        agent.enqueue(*words(text))
    thread = await ada.begin()
    said = (await ada.http.post(f"/threads/{thread}/messages", json={"content": "One?"})).json()
    message = f"/threads/{thread}/messages/{said['message']['id']}"
    follows = asyncio.create_task(read(ada, "GET", f"/threads/{thread}/stream", dones=2))
    await until(lambda: len(context.live) == 1)
    await ada.http.put(message, json={"content": "Two?"})
    await ada.http.post(f"{message}/again")
    told = await follows
    gone = [data["data"]["ids"] for kind, data in told if kind == "component" and data["kind"] == "removed"]
    assert said["replies"][0]["id"] in gone[0]
    assert list(texts_of(told).values()) == ["Two.", "Three."]
    assert [data["message_id"] for kind, data in told if kind == "done"] == [said["message"]["id"]] * 2


async def test_another_agent_steps_in(ada: Client, agent: FakeAgent, stand_in: FakeAgent) -> None:
    """Its words are the reply; the whole of it says for whom it stands in."""
    agent.enqueue(DOWN)
    stand_in.enqueue(*words("Please ", "go on."))
    told = await read(ada, *CHAT, json={"message": "Hello"})
    assert text_of(told) == told[-1][1]["content"] == "Please go on."
    (reply,) = [one for one in _shown(told, "message") if one["role"] == "assistant"]
    assert (reply["author"], reply["fallback_for"]) == ("Eliza", "Agent")


async def test_a_form_is_asked_and_answered_over_a_socket(ada: Client, agent: FakeAgent) -> None:
    """What is wrong with it is told to who sent it alone; a form is answered once."""
    agent.enqueue(*asking())
    agent.enqueue(*words("Coming."))
    thread = await ada.begin()
    async with socket(ada, thread) as program, socket(ada, thread) as other:
        await program.say(type="say", content="Hello")
        form = (await program.until(event="component", kind="form"))["data"]
        await program.until(event="done")
        await program.say(type="form", form_id=form["id"], values={"cups": "none"})
        refused = await program.until(event="component", kind="form_refused")
        assert set(refused["data"]["errors"]) == {"drink", "cups"}
        await program.until(event="done")
        await program.say(type="form", form_id=form["id"], values={"drink": "tea"})
        assert (await program.until(event="done"))["content"] == "Coming."
        await program.say(type="form", form_id=form["id"], values={"drink": "coffee"})
        await program.until(event="component", kind="form_refused")
        for _ in range(3):
            await other.until(event="done")
    assert "form_refused" not in [one.get("kind") for one in other.told]


async def test_a_reply_goes_on_while_the_database_is_away(
    ada: Client, agent: FakeAgent, record: Record, sqlite_url: str, context: ApiContext
) -> None:
    """Its reader has all of it, is told that saving is delayed, and it is kept in the end."""
    outage = HeldLock(sqlite_url)
    agent.enqueue(*words("Before "), hold := asyncio.Event(), *words("and after."))
    thread = await ada.begin()
    asked = asyncio.create_task(read(ada, *CHAT, json={"message": "Go", "thread_id": thread}))
    await until(lambda: context.live.growing(thread))
    await record.writer.flush()
    outage.begin()
    hold.set()
    told = await asked
    outage.end()
    await back(record.writer)
    assert text_of(told) == told[-1][1]["content"] == "Before and after."
    assert "said" in kinds_of(told)
    rest = await read(ada, *CHAT, after=told[0][1]["at_id"], json={"message": "Go"})
    assert text_of(rest) == "Before and after."


async def test_a_message_that_is_journaled_is_told_to_be(
    ada: Client, agent: FakeAgent, record: Record, sqlite_url: str
) -> None:
    """No agent is asked; the stream says that it may be retried, and ends."""
    thread = await ada.begin()
    outage = HeldLock(sqlite_url)
    outage.begin()
    told = await read(ada, *CHAT, json={"message": "Do not lose this", "thread_id": thread})
    outage.end()
    await back(record.writer)
    assert {"kept", "said", "no_answer", "done"} <= set(kinds_of(told))
    assert agent.asked == []
    kept = (await ada.http.get(f"/threads/{thread}/messages")).json()["messages"]
    assert kept[0]["content"] == "Do not lose this"


async def test_a_token_that_ends_ends_what_was_opened_with_it(ada: Client, context: ApiContext) -> None:
    """Streams and sockets, at its very end: it is told to them, and nothing after it."""
    thread = await ada.begin()
    who = read_token(SECRET, str(ada.tokens["access_token"]), "access", context.record.now())
    assert who is not None
    short = make_token(SECRET, who, "access", context.record.now(), timedelta(seconds=2))
    ada.http.headers["Authorization"] = f"Bearer {short}"
    async with socket(ada, thread) as program:
        told = await read(ada, "GET", f"/threads/{thread}/stream")
        assert await program.ended() == 4401
    assert kinds_of(told) == ["idle", "signed_out"]


async def test_many_streams_at_once_are_all_told(ada: Client, agent: FakeAgent, context: ApiContext) -> None:
    """Each reader of a thread has each word once, and none stays open behind its reader."""
    thread = await ada.begin()
    agent.enqueue(*words("For ", "all."))
    follows = [asyncio.create_task(read(ada, "GET", f"/threads/{thread}/stream", dones=1)) for _ in range(40)]
    await until(lambda: len(context.live) == 40)
    await ada.http.post(f"/threads/{thread}/messages", json={"content": "Hello"})
    told = await asyncio.gather(*follows)
    assert [text_of(one) for one in told] == ["For all."] * 40
    await until(lambda: len(context.live) == 0)


def _shown(told: list[Told], kind: str) -> list[dict[str, object]]:
    """What was shown as a whole, of a kind."""
    return [data["data"] for each, data in told if each == "component" and data["kind"] == kind]
