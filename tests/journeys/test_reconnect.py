"""Connections are cut and pages are loaded anew while the agent speaks; the server lives on."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import uuid4

import pytest

from bench.process import ServerProcess, verbatim
from simulation.browser import Browser, Door
from simulation.conversation import Conversation
from simulation.lines import ScriptLine
from study.errors import SimulationError
from study.vocabulary import StepType
from tests.fake_openai import FakeOpenAI
from tests.journeys.server import TREE
from tests.openai_behaviour import PAUSE

pytestmark = pytest.mark.journey

ANSWER: Final = "It is just steamed milk and microfoam."
WITHIN_S: Final = 60
STUDY: Final = """\
id: reconnect
title: "Orders at the counter"
contact: "journey@example.org"
welcome: "Order something."
agents:
  - {name: Barista, kind: openai, model: m}
"""


@pytest.fixture(scope="module")
def model() -> Iterator[FakeOpenAI]:
    """The model behind the agent."""
    with FakeOpenAI(ANSWER) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, model: FakeOpenAI) -> Iterator[ServerProcess]:
    """A server whose agent says what a test lets it say."""
    folder = tmp_path_factory.mktemp("reconnect")
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    described = verbatim(TREE, folder / "data", folder)
    described.environment |= {"OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "sk-none-needed-here"}
    with described as running:
        yield running


@pytest.fixture(autouse=True)
def held(model: FakeOpenAI) -> None:
    """The first answer stops after some words, until the test lets the model go on."""
    model.reset(ANSWER)
    said = (delta(ANSWER[:10]), PAUSE, delta(ANSWER[10:]), delta("", "stop"), b"data: [DONE]\n\n")
    model.next(body=said)


def delta(words: str, finish: str | None = None) -> bytes:
    """Some words of an answer as they come over the wire."""
    choice = {"index": 0, "delta": {"content": words}, "finish_reason": finish}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


@asynccontextmanager
async def logged_in(server: ServerProcess, name: str) -> AsyncIterator[Browser]:
    """Be somebody."""
    async with Browser(Door(server.url), name) as browser:
        await browser.log_in()
        yield browser


def first_line() -> tuple[str, ScriptLine]:
    """A thread of its own for each test, with its first line."""
    return str(uuid4()), ScriptLine(str(uuid4()), "What is a flat white?")


async def speaking(conversation: Conversation, line: ScriptLine) -> asyncio.Task[None]:
    """Say a line, and come back as soon as the agent has begun to speak."""
    await conversation.open()
    saying = asyncio.create_task(conversation.say(line))
    await conversation.wait_until(lambda: line.first_token_at is not None, "the first word")
    return saying


def replies(conversation: Conversation) -> list[str]:
    """Return what the agent said, as it stands on the screen."""
    shown = conversation.screen.seen()
    return [step.output for step in shown if step.type == StepType.ASSISTANT_MESSAGE]


async def test_a_reply_goes_on_after_the_connection_was_cut(server: ServerProcess, model: FakeOpenAI) -> None:
    """The page comes back, and gets the words that it missed and those that are still to come."""
    thread_id, line = first_line()
    async with logged_in(server, "cut off") as browser:
        conversation = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        saying = await speaking(conversation, line)
        await conversation.cut()
        while conversation.tally.reconnects == 0:  # noqa: ASYNC110  # a tally sets no event
            await asyncio.sleep(0.01)
        model.go_on.set()
        await saying
        await conversation.close()
    assert replies(conversation) == [ANSWER]
    tally = conversation.tally
    assert (tally.reconnects, tally.sent_again, tally.asked_again, tally.faults) == (1, 0, 0, [])


async def test_a_page_that_is_opened_in_mid_reply_shows_all_of_it(
    server: ServerProcess, model: FakeOpenAI
) -> None:
    """A reload, or a second device: the words so far, then the rest, and it may not write meanwhile."""
    thread_id, line = first_line()
    async with logged_in(server, "two pages") as browser:
        first = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        second = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        saying = await speaking(first, line)
        await second.open()
        await second.wait_until(lambda: second.screen.busy, "a reply that is under way")
        model.go_on.set()
        await saying
        await second.wait_until(lambda: not second.screen.busy, "the reply's end")
        assert replies(first) == replies(second) == [ANSWER]
        await first.close()
        await second.close()


async def test_a_page_that_leaves_in_mid_reply_finds_all_of_it_later(
    server: ServerProcess, model: FakeOpenAI
) -> None:
    """Nobody watches while the agent goes on; the record has the whole reply."""
    thread_id, line = first_line()
    async with logged_in(server, "gone") as browser:
        leaving = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        saying = await speaking(leaving, line)
        saying.cancel()
        await leaving.close()
        model.go_on.set()
        back = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        await back.say(line)
        await back.close()
    assert replies(back) == [ANSWER]
    assert (back.tally.sent_again, back.tally.asked_again) == (0, 0)


async def test_another_participant_is_not_let_into_a_thread(server: ServerProcess, model: FakeOpenAI) -> None:
    """Whoever knows a thread's id is refused all the same, and sees nothing."""
    thread_id, line = first_line()
    async with logged_in(server, "owner") as browser:
        own = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        model.go_on.set()
        await own.say(line)
        await own.close()
    async with logged_in(server, "stranger") as browser:
        strange = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S, recover=False)
        with pytest.raises(SimulationError, match="authorization failed"):
            await strange.open()
    assert strange.screen.seen() == ()
