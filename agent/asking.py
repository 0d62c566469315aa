"""Asking a model before a study does: one short request, by the agent that will answer participants."""

import time
import uuid
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, cast

from agent.base import Agent
from agent.context import ReplyContext, Utterance
from agent.events import CallEnded, CallStarted, StepStarted, TextDelta
from study.errors import AgentError, AgentUnavailable

QUESTION: Final = "This is a test of the connection. Please answer with one short word."


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of it.

    Args:
        started: What was sent, the last time that something was.
        ended: What the provider said of it.
        text: The answer, or as much as came.
        first_s: Seconds until the first word; None without any.
        whole_s: Seconds in all.
        failure: Why there is no answer; None where there is one.
        called: The tool that it wanted called instead, which was not.
    """

    started: CallStarted | None
    ended: CallEnded | None
    text: str
    first_s: float | None
    whole_s: float
    failure: AgentError | None
    called: str | None = None


async def ask(agent: Agent, monotonic: Callable[[], float] = time.monotonic) -> Asked:
    """Ask an agent for one short answer; nothing of it is kept.

    Args:
        agent: As participants would ask it: its prompt, its parameters, its connection.
        monotonic: A clock in seconds.

    Returns:
        What came of it; a failure is no exception here.
    """
    started: CallStarted | None = None
    ended: CallEnded | None = None
    failure: AgentError | None = None
    called: str | None = None
    text, first, begin = "", None, monotonic()
    context = ReplyContext(str(uuid.uuid4()), str(uuid.uuid4()))
    try:
        async with aclosing(cast(Any, agent.reply([Utterance("user", QUESTION)], context))) as events:
            async for event in events:
                match event:
                    case CallStarted():
                        started = event
                    case CallEnded():
                        ended = event
                    case TextDelta():
                        first = monotonic() - begin if first is None else first
                        text += event.text
                    case StepStarted():
                        # Before it is called: nothing is done for a test.
                        called = event.name
                        break
        if not text.strip() and called is None:
            failure = AgentUnavailable("the answer has no text", error_type="empty_answer")
    except AgentError as error:
        failure = error
    return Asked(started, ended, text, first, monotonic() - begin, failure, called)
