"""The page and the API, live both ways: what comes in by one is shown by the other, as it happens."""

import asyncio
from collections.abc import Iterator

import pytest

from agent.events import IntentBegan
from api.context import ApiContext
from page.chat.chainlit_chat import ChainlitChat
from stages.chat.idle import IdleIntents
from stages.chat.intent_news import IntentNews
from study.strings import strings_in
from tests.api.reader import kinds_of, read, text_of
from tests.api.server import Client
from tests.api.test_socket import socket
from tests.data_layer.rows import new_id
from tests.fakes import FakeAgent, HandClock
from tests.pages import FakePage, forget_pages, heard, leave_pages
from tests.stages.talk import until, words
from tests.stages.test_rooms import screen_of


@pytest.fixture(autouse=True)
def no_pages() -> Iterator[None]:
    """Chainlit knows no page before the test, and none after it."""
    forget_pages()
    yield
    leave_pages()
    forget_pages()


@pytest.fixture
def chat(context: ApiContext) -> ChainlitChat:
    """The page's side of the same stage."""
    return ChainlitChat(context.stage, context.record.connections)


@pytest.fixture
def page(ada: Client) -> FakePage:
    """A page of ada's, in a thread that is new."""
    return FakePage(str(ada.tokens["participant_id"]))


async def test_a_page_shows_what_a_program_says_and_hears(
    ada: Client, agent: FakeAgent, chat: ChainlitChat, page: FakePage
) -> None:
    """Its message, the reply as it grows, that the agent is at work, and that it is done."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two "), hold := asyncio.Event(), *words("three."))
    await heard(chat, page.session, new_id(), "Hello")
    said = {"message": "Go on", "thread_id": page.thread_id}
    asked = asyncio.create_task(read(ada, "POST", "/chat/stream", json=said))
    await until(lambda: len(page.of("stream_start")) == 2)
    assert screen_of(page)[-2:] == [("user_message", "Go on"), ("assistant_message", "Two ")]
    hold.set()
    assert text_of(await asked) == "Two three."
    await until(lambda: page.emitted[-1] == ("task_end", {}))
    assert screen_of(page)[-1] == ("assistant_message", "Two three.")


async def test_a_program_follows_what_the_page_says_and_hears(
    ada: Client, agent: FakeAgent, chat: ChainlitChat, page: FakePage, context: ApiContext
) -> None:
    """Word by word; that the turn has ended, it is told as of one of its own."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two "), *words("three."))
    await heard(chat, page.session, new_id(), "Hello")
    follows = asyncio.create_task(read(ada, "GET", f"/threads/{page.thread_id}/stream", dones=1))
    await until(lambda: len(context.live) == 1)
    await heard(chat, page.session, message_id := new_id(), "Go on")
    told = await follows
    assert text_of(told) == "Two three."
    assert (told[-1][1]["message_id"], told[-1][1]["content"]) == (message_id, "Two three.")
    assert "working" in kinds_of(told)


async def test_a_page_and_a_program_that_speak_at_once_are_both_answered(
    ada: Client, agent: FakeAgent, chat: ChainlitChat, page: FakePage
) -> None:
    """Both are kept, in one order for all, each with one reply; and the page may write again at the end."""
    for text in ("One.", "Two.", "Three."):
        agent.enqueue(*words(text))
    await heard(chat, page.session, new_id(), "Hello")
    said = {"message": "From a program", "thread_id": page.thread_id}
    told, _ = await asyncio.gather(
        read(ada, "POST", "/chat/stream", json=said),
        heard(chat, page.session, new_id(), "From the page"),
    )
    assert told[-1][1]["content"] in ("Two.", "Three.")
    kept = (await ada.http.get(f"/threads/{page.thread_id}/messages")).json()["messages"]
    assert [one["turn"] for one in kept if one["role"] == "user"] == [1, 2, 3]
    assert sorted(one["turn"] for one in kept if one["role"] == "assistant") == [1, 2, 3]
    await until(lambda: page.emitted[-1] == ("task_end", {}))
    # What it says itself a page has drawn by itself.
    shown = [one["content"] for one in kept if one["content"] not in ("Hello", "From the page")]
    assert [text for _, text in screen_of(page)] == shown


async def test_a_program_stops_what_the_page_asked_for(
    ada: Client, agent: FakeAgent, chat: ChainlitChat, page: FakePage
) -> None:
    """And both show what was said until then."""
    agent.enqueue(*words("Long "), asyncio.Event())
    turn = asyncio.create_task(heard(chat, page.session, new_id(), "Go on"))
    await until(lambda: page.of("stream_start"))
    assert (await ada.http.post(f"/threads/{page.thread_id}/stop")).json() == {"stopped": True}
    await turn
    assert screen_of(page)[-1] == ("assistant_message", "Long ")


async def test_that_an_intent_was_left_is_told_at_every_door(
    ada: Client, agent: FakeAgent, chat: ChainlitChat, page: FakePage, context: ApiContext, clock: HandClock
) -> None:
    """To a page, to who reads a stream and to who holds a socket: that it stands no more, and is offered."""
    agent.keeps_intents = True
    agent.enqueue(IntentBegan("drink", "A coffee"), *words("Which?"))
    await heard(chat, page.session, new_id(), "Coffee")
    clock.forward(11 * 60)
    news = IntentNews(context.record, context.stage.audiences, strings_in("en"))
    idle = IdleIntents(context.record, 10, [news.heard])
    path = f"/threads/{page.thread_id}/stream"
    async with socket(ada, page.thread_id) as program:
        await program.until(state="idle")
        streamed = asyncio.create_task(read(ada, "GET", path, until=("component", "intents")))
        await until(lambda: len(context.live) == 2)
        assert await idle.sweep() == 1
        told = [(await program.until(kind="intents"))["data"], (await streamed)[-1][1]["data"]]
    told.append(page.of("intents")[-1])
    for one in told:
        assert [(intent["state"], intent["offered"]) for intent in one["intents"]] == [("abandoned", True)]


async def test_anothers_program_hears_nothing_of_a_page(
    ada: Client, agent: FakeAgent, chat: ChainlitChat, context: ApiContext
) -> None:
    """A room is a thread and its owner together: even who listens to the thread's very id hears nothing."""
    agent.enqueue(*words("Mine."))
    page = FakePage(new_id())
    with context.live.listening(str(ada.tokens["participant_id"]), page.thread_id) as listener:
        await heard(chat, page.session, new_id(), "Hello")
        listener.end("closed", "")
        last = await listener.next()
    assert getattr(last, "code", None) == "closed"
