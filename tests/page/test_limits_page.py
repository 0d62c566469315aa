"""What pages are told of limits: how much is left, that nothing is, and never what replies cost."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent.events import CallEnded, CallStarted, TextDelta, Usage
from data_layer.record import Record
from page.chat.chainlit_chat import ChainlitChat
from stages.chat.stage import ChatStage
from study.limits import Limits
from tests.data_layer.rows import ADA, BOB, new_id, rows
from tests.fakes import FakeAgent, FakeAgents
from tests.pages import FakePage, forget_pages, leave_pages
from tests.stages.talk import LIMIT, words


@pytest.fixture(autouse=True)
def no_pages() -> Iterator[None]:
    """Chainlit knows no page before the test, and none after it."""
    forget_pages()
    yield
    leave_pages()
    forget_pages()


Chat = Callable[..., ChainlitChat]


@pytest.fixture
def agent() -> FakeAgent:
    """Without a script yet."""
    return FakeAgent()


@pytest.fixture
def chat_with(record: Record, agent: FakeAgent) -> Chat:
    """Makes the page's side of a study with limits."""

    def make(**limits: Any) -> ChainlitChat:
        stage = ChatStage(
            record,
            FakeAgents(agent),
            message_length=LIMIT,
            pricing=lambda usage, _served, _asked: (0.77, "EUR"),
            limits=Limits.model_validate(limits),
        )
        return ChainlitChat(stage, record.connections)

    return make


async def say(chat: ChainlitChat, page: FakePage, text: str) -> str:
    """Send a message, and wait until its turn is over."""
    page.enter()
    message_id = new_id()
    page.session.current_task = None
    await chat.on_message(page.session, message_id, text)
    if page.session.current_task is not None:
        await page.session.current_task
    return message_id


def told(page: FakePage) -> list[dict[str, Any]]:
    """What it was told of limits."""
    return [data for event, data in page.emitted if event == "limits"]


async def test_a_study_without_limits_says_nothing(chat_with: Chat, agent: FakeAgent) -> None:
    """Not one frame more."""
    chat, page = chat_with(), FakePage(ADA)
    await chat.on_opened(page.session)
    agent.enqueue(*words("One."))
    await say(chat, page, "First")
    assert told(page) == []


async def test_a_closed_thread_takes_nothing(chat_with: Chat, agent: FakeAgent, record: Record) -> None:
    """Nothing is kept; the page gets the id of the words that it takes back, and may go on."""
    chat, page = chat_with(thread={"messages": 1}), FakePage(ADA)
    agent.enqueue(*words("One."))
    await say(chat, page, "First")
    page.emitted.clear()
    late = await say(chat, page, "Second")
    assert [event for event, _ in page.emitted] == ["limits", "delete_message", "task_end"]
    assert (told(page)[0]["over"], told(page)[0]["not_taken"]) == ("thread", late)
    await record.writer.flush()
    assert late not in {row["step_id"] for row in await rows(record, "steps")}


async def test_the_other_conversations_hear_of_the_end(chat_with: Chat, agent: FakeAgent) -> None:
    """Of the participant's own; nobody else does."""
    chat = chat_with(participant={"messages": 2})
    pages = [FakePage(ADA), FakePage(ADA), FakePage(BOB)]
    agent.enqueue(*words("One."))
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    await say(chat, pages[2], "Bob's")
    await say(chat, pages[0], "First")
    pages[2].emitted.clear()
    await say(chat, pages[1], "Second")
    assert [told(page)[-1]["over"] for page in pages[:2]] == ["participant"] * 2
    assert told(pages[2]) == []


async def test_what_replies_cost_stays_here(chat_with: Chat, agent: FakeAgent) -> None:
    """Neither a number of tokens or of money, nor which of them it was, is in any frame."""
    chat, page = chat_with(thread={"tokens": 90_000, "cost": 0.76}), FakePage(ADA)
    call = [CallStarted("openai", "m", [{"role": "user"}]), TextDelta("One.")]
    agent.enqueue(*call, CallEnded(usage=Usage(input_tokens=81_234, output_tokens=4_321)))
    await say(chat, page, "First")
    assert told(page)[-1]["over"] == "thread"
    frames = str(page.emitted)
    assert not [secret for secret in ("81234", "4321", "0.7", "cost", "tokens", "85555") if secret in frames]
