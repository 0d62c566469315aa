"""Circuit breakers, with the real client and a real server that fails."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.base import Agent
from agent.breaker import Breaker, Breakers, BreakerState, CircuitOpen
from agent.events import TextDelta
from agent.openai_compatible import OpenAIAgent
from study.errors import AgentError, AgentRefused, AgentUnavailable
from tests.agent.contract import collect, said
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeAgent, FakeTime


class World:
    """A model behind a breaker that opens after two failures, for ten seconds."""

    def __init__(self, server: FakeOpenAI) -> None:
        self.server = server
        self.time = FakeTime()
        self.breakers = Breakers(2, 10, self.time.monotonic)
        self.told: list[BreakerState] = []
        self.breakers.listeners.append(self.told.append)
        self.model = OpenAIAgent(
            name="Alex", model="small", api_key="k", base_url=server.url, timeout_s=5, max_retries=0
        )
        self.agent: Agent = self.breakers.guard(self.model, "server")

    async def ask(self) -> str:
        """One reply: "answered", or its error_type."""
        try:
            await collect(self.agent, said("Hello"))
        except AgentError as error:
            return error.error_type
        return "answered"

    async def fail(self, times: int) -> None:
        """Let the server fail."""
        self.server.next(status=500, times=times)
        for _ in range(times):
            assert await self.ask() == "server_error"

    @property
    def is_open(self) -> bool:
        """Whether the server is left alone."""
        (state,) = self.breakers.states
        return state.is_open


@pytest.fixture
async def world(fake_openai: FakeOpenAI) -> AsyncIterator[World]:
    """Closed, before the first failure."""
    world = World(fake_openai)
    yield world
    await world.model.close()


async def test_a_server_that_failed_in_a_row_is_not_asked(world: World) -> None:
    """The next participants do not wait for it, and the record gets a name of its own for that."""
    await world.fail(2)
    asked = len(world.server.requests)
    assert [await world.ask(), await world.ask()] == ["circuit_open"] * 2
    assert len(world.server.requests) == asked
    (state,) = world.told
    assert (state.server, state.is_open, state.failures, state.error_type) == (
        "server",
        True,
        2,
        "server_error",
    )


async def test_an_answer_between_two_failures_counts_anew(world: World) -> None:
    """It is failures in a row that open it."""
    for _ in range(3):
        await world.fail(1)
        assert await world.ask() == "answered"
    assert not world.is_open


async def test_a_rate_limit_counts(world: World) -> None:
    """429 is no prompt's fault: to ask on makes it worse."""
    world.server.next(status=429, times=2)
    assert [await world.ask(), await world.ask()] == ["rate_limit_exceeded"] * 2
    assert world.is_open


async def test_what_one_prompt_is_refused_for_never_opens_it(world: World) -> None:
    """A 400 is about the question, and the server is there."""
    world.server.next(status=400, code="content_policy", times=5)
    assert [await world.ask() for _ in range(5)] == ["content_policy"] * 5
    assert not world.is_open


async def test_an_empty_answer_never_opens_it(world: World) -> None:
    """The server answered; it had nothing to say."""
    world.server.next(text="", times=3)
    assert [await world.ask() for _ in range(3)] == ["empty_answer"] * 3
    assert not world.is_open


async def test_it_closes_by_itself(world: World) -> None:
    """After its time one reply tries, and its answer lets all in."""
    await world.fail(2)
    world.time.now += 9.9
    assert await world.ask() == "circuit_open"
    world.time.now += 0.1
    assert [await world.ask(), await world.ask()] == ["answered"] * 2
    assert [state.is_open for state in world.told] == [True, False]


async def test_a_try_that_fails_opens_it_anew(world: World) -> None:
    """It waits as long again, and it is still open since the first time."""
    await world.fail(2)
    since = world.told[0].since
    world.time.now += 10
    await world.fail(1)
    world.time.now += 9
    assert await world.ask() == "circuit_open"
    (state,) = world.breakers.states
    assert (state.since, len(world.told)) == (since, 1)


async def test_one_alone_tries() -> None:
    """Everybody who comes while it is tried is spared the wait."""
    time, answer = FakeTime(), asyncio.Event()
    breakers = Breakers(1, 10, time.monotonic)
    down = CircuitOpen("elsewhere")
    agent = breakers.guard(FakeAgent([down], [answer, TextDelta("Well.")], [TextDelta("Hello.")]), "server")
    with pytest.raises(CircuitOpen):
        await collect(agent, said("Hello"))
    time.now += 10
    trying = asyncio.create_task(collect(agent, said("Hello")))
    await asyncio.sleep(0)
    with pytest.raises(CircuitOpen):
        await collect(agent, said("Hello"))
    answer.set()
    await trying
    assert await collect(agent, said("Hello"))


async def test_a_try_that_is_stopped_lets_the_next_one_try() -> None:
    """Stop says nothing of the server, and nobody is left outside for ever."""
    time = FakeTime()
    breakers = Breakers(1, 10, time.monotonic)
    agent = breakers.guard(
        FakeAgent([CircuitOpen("elsewhere")], [asyncio.Event()], [TextDelta("Hello.")]), "server"
    )
    with pytest.raises(CircuitOpen):
        await collect(agent, said("Hello"))
    time.now += 10
    trying = asyncio.create_task(collect(agent, said("Hello")))
    await asyncio.sleep(0)
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)
    assert breakers.states[0].is_open
    assert await collect(agent, said("Hello"))
    assert not breakers.states[0].is_open


async def test_servers_have_one_each(world: World) -> None:
    """A server that is down takes no other with it."""
    other = world.breakers.guard(FakeAgent([TextDelta("Hello.")]), "another")
    await world.fail(2)
    assert await collect(other, said("Hello"))
    assert {state.server: state.is_open for state in world.breakers.states} == {
        "server": True,
        "another": False,
    }


def test_none_where_there_shall_be_none() -> None:
    """0 failures: every reply asks."""
    agent = FakeAgent()
    assert Breakers(0).guard(agent, "server") is agent


_ACTS = st.lists(
    st.sampled_from(["fails", "answers", "refuses", "is stopped", "is stopped while it speaks", "wait"]),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(acts=_ACTS, most=st.integers(1, 3))
async def test_any_order_of_replies(acts: list[str], most: int) -> None:
    """Open after so many failures in a row and never before; one reply tries after each pause."""
    time = FakeTime()
    breaker = Breaker("server", failures=most, seconds=10, monotonic=time.monotonic)
    in_a_row, opened_at = 0, None
    for act in acts:
        if act == "wait":
            time.now += 6
            continue
        let_in = opened_at is None or time.now >= opened_at + 10
        assert await _one(breaker, act) is let_in
        if not let_in:
            continue
        if act == "fails":
            in_a_row += 1
            if opened_at is not None or in_a_row >= most:
                opened_at = time.now
        elif act != "is stopped":
            in_a_row, opened_at = 0, None
        assert breaker.state.is_open is (opened_at is not None)


async def _one(breaker: Breaker, act: str) -> bool:
    """One reply; whether it was let in."""
    endings: dict[str, BaseException] = {
        "fails": AgentUnavailable("down", error_type="server_error"),
        "refuses": AgentRefused("no", error_type="invalid_request"),
        "is stopped": asyncio.CancelledError(),
        "is stopped while it speaks": asyncio.CancelledError(),
    }
    try:
        with breaker.asking() as asking:
            asking.heard = act == "is stopped while it speaks"
            if act in endings:
                raise endings[act]
    except CircuitOpen:
        return False
    except (AgentError, asyncio.CancelledError):
        return True
    return True
