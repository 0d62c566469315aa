"""Each kind of agent passes the same contract."""

import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent.base import Agent
from agent.eliza import ElizaAgent
from agent.openai_compatible import OpenAIAgent
from agent.scripted import ScriptedAgent
from agent.task.agent import TaskAgent
from study.agent_definitions import AgentKind, ElizaDefinition, ScriptedDefinition
from study.dialog import Dialog, DialogLine, ToolCall
from study.task_definition import DialogueDefinition
from tests.agent.contract import AgentContract, collect, said
from tests.fake_openai import Behaviour, FakeOpenAI


class NoSocket:
    """Stands where sockets are made, and makes none."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise AssertionError("this agent must not reach for the network")


class Offline(AgentContract):
    """An agent that needs no network."""

    async def test_it_does_not_touch_the_network(self, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
        """A whole reply opens no socket."""
        monkeypatch.setattr(socket, "socket", NoSocket)
        assert await collect(agent, self.turns)


class TestEliza(Offline):
    """ELIZA."""

    kind = AgentKind.ELIZA

    @pytest.fixture
    async def agent(self) -> AsyncIterator[Agent]:
        """An ELIZA."""
        agent = ElizaAgent(ElizaDefinition(name="ELIZA", kind="eliza", delay_ms=1))
        yield agent
        await agent.close()


class TestScriptedDialogs(Offline):
    """A file of dialogs, with tool calls."""

    kind = AgentKind.SCRIPTED

    @pytest.fixture
    async def agent(self) -> AsyncIterator[Agent]:
        """An agent with one dialog."""
        calls = (ToolCall("find", '{"a": 1}', "{}"), ToolCall("show", None, "shown"))
        dialog = Dialog(
            "one", (DialogLine("user", "Men are all alike.", calls), DialogLine("assistant", "In what way?"))
        )
        agent = ScriptedAgent(
            ScriptedDefinition(name="S", kind="scripted", dialogs="d", delay_ms=1), [dialog]
        )
        yield agent
        await agent.close()


class TestScriptedReply(Offline):
    """Always the same text."""

    kind = AgentKind.SCRIPTED

    @pytest.fixture
    async def agent(self) -> AsyncIterator[Agent]:
        """An agent with a fixed reply."""
        agent = ScriptedAgent(
            ScriptedDefinition(name="S", kind="scripted", reply="Go on, please.", delay_ms=1)
        )
        yield agent
        await agent.close()


class TestTask(Offline):
    """Intents and slots of a dialogue file."""

    kind = AgentKind.TASK
    turns = said("I'd like to book a table for Ann")

    @pytest.fixture
    async def agent(self) -> AsyncIterator[Agent]:
        """An agent that books tables."""
        slots = {
            "guests": {"kind": "quantity", "required": True, "ask": "For how many people is it?"},
            "name": {"kind": "text", "patterns": [r"for (?P<value>\p{Lu}\w+)"]},
        }
        intent = {"title": "Book a table", "words": ["book", "table"], "slots": slots, "answer": "Booked."}
        agent = TaskAgent("T", DialogueDefinition.model_validate({"intents": {"book": intent}}), delay_ms=1)
        yield agent
        await agent.close()


class TestOpenAI(AgentContract):
    """A model behind a server."""

    kind = AgentKind.OPENAI

    @pytest.fixture
    async def agent(self, fake_openai: FakeOpenAI) -> AsyncIterator[Agent]:
        """An agent that is connected to a server on loopback."""
        fake_openai.default = Behaviour(delta_delay_s=0.001)
        agent = OpenAIAgent(
            name="A", model="m", api_key="k", base_url=fake_openai.url, timeout_s=5, max_retries=0
        )
        yield agent
        await agent.close()


def test_every_kind_is_here() -> None:
    """A new kind of agent joins the contract, or this test says so."""
    tested = {
        TestEliza.kind,
        TestScriptedDialogs.kind,
        TestScriptedReply.kind,
        TestTask.kind,
        TestOpenAI.kind,
    }
    assert set(AgentKind) == tested
