"""Connections are cut and pages are loaded anew while the agent speaks; the server lives on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import pytest

from bench.process import ServerProcess
from simulation.browser import Browser, Door
from simulation.conversation import Conversation
from simulation.lines import ScriptLine
from simulation.run import script_of
from study.dialogs import read_dialogs
from study.errors import SimulationError
from study.vocabulary import StepType
from tests.journeys.server import DIALOGS, make_server

pytestmark = pytest.mark.journey

# "It is just steamed milk and microfoam", after one tool step: some 0.7 s of speaking.
NUMBER: Final = 1
DELAY_MS: Final = 100
WITHIN_S: Final = 30


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server whose agent speaks a word each 100 ms."""
    with make_server(tmp_path_factory.mktemp("reconnect"), words=1, delay_ms=DELAY_MS) as running:
        yield running


@asynccontextmanager
async def logged_in(server: ServerProcess, name: str) -> AsyncIterator[Browser]:
    """Be somebody."""
    async with Browser(Door(server.url), name) as browser:
        await browser.log_in()
        yield browser


def first_line(round_: int) -> tuple[str, ScriptLine, str | None]:
    """Return a thread of its own for each test, with its first line and what answers that."""
    dialog = read_dialogs(DIALOGS)[NUMBER]
    script = script_of(dialog, NUMBER, round_)
    return script.thread_id, ScriptLine(*script.lines[0]), dialog.answers[0].text


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


async def test_a_reply_goes_on_after_the_connection_was_cut(server: ServerProcess) -> None:
    """The page comes back, and gets the words that it missed and those that are still to come."""
    thread_id, line, answer = first_line(0)
    async with logged_in(server, "cut off") as browser:
        conversation = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        saying = await speaking(conversation, line)
        await conversation.cut()
        await saying
        await conversation.close()
    assert replies(conversation) == [answer]
    tally = conversation.tally
    assert (tally.reconnects, tally.sent_again, tally.asked_again, tally.faults) == (1, 0, 0, [])


async def test_a_page_that_is_opened_in_mid_reply_shows_all_of_it(server: ServerProcess) -> None:
    """A reload, or a second device: the words so far, then the rest, and it may not write meanwhile."""
    thread_id, line, answer = first_line(1)
    async with logged_in(server, "two pages") as browser:
        first = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        second = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        saying = await speaking(first, line)
        await second.open()
        assert second.screen.busy
        await saying
        await second.wait_until(lambda: not second.screen.busy, "the reply's end")
        assert replies(first) == replies(second) == [answer]
        await first.close()
        await second.close()


async def test_a_page_that_leaves_in_mid_reply_finds_all_of_it_later(server: ServerProcess) -> None:
    """Nobody watches while the agent goes on; the record has the whole reply."""
    thread_id, line, answer = first_line(2)
    async with logged_in(server, "gone") as browser:
        leaving = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        saying = await speaking(leaving, line)
        saying.cancel()
        await leaving.close()
        back = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        await back.say(line)
        await back.close()
    assert replies(back) == [answer]
    assert (back.tally.sent_again, back.tally.asked_again) == (0, 0)


async def test_another_participant_is_not_let_into_a_thread(server: ServerProcess) -> None:
    """Whoever knows a thread's id is refused all the same, and sees nothing."""
    thread_id, line, _ = first_line(3)
    async with logged_in(server, "owner") as browser:
        own = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S)
        await own.say(line)
        await own.close()
    async with logged_in(server, "stranger") as browser:
        strange = Conversation(browser, thread_id=thread_id, patience_s=WITHIN_S, recover=False)
        with pytest.raises(SimulationError, match="authorization failed"):
            await strange.open()
    assert strange.screen.seen() == ()
