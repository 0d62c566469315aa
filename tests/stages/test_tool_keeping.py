"""Decisions of tools in the database: begun there before anything is done, and once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.context import ReplyContext
from agent.tools.declare import ToolError, tool
from agent.tools.keeping import KnownCall, ToolDecision
from agent.tools.running import ReplyTools
from data_layer.database.engine import Database, open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from stages.chat.tools import RecordKeeping
from study.errors import DatabaseError, WriteRefused
from tests.agent.tools.calling import run, toolbox_of
from tests.data_layer.outages import Outage, back
from tests.data_layer.rows import ADA, begin_thread, count, new_id, one
from tests.data_layer.said_by_ada import enter

DONE = KnownCall("ended", "1")


@pytest.fixture
def database(impatient: Database) -> Database:
    """An empty database that is waited for for a twentieth of a second, not for fifteen."""
    return impatient


class Payments:
    """A tool that acts, and what it did."""

    def __init__(self, *, idempotent: bool = False) -> None:
        self.keys: list[str] = []
        self.fails: list[Exception] = []

        @tool(idempotent=idempotent)
        def pay(amount: int) -> int:
            """Pay."""
            self.keys.append("paid")
            if self.fails:
                raise self.fails.pop()
            return amount

        self.toolbox = toolbox_of(pay)


class Till:
    """Replies to one message of ADA's, in one process or another."""

    def __init__(self, record: Record, thread_id: str) -> None:
        self.record, self.thread_id = record, thread_id

    def tools(self, payments: Payments) -> ReplyTools:
        """Those of a new reply."""
        keeping = RecordKeeping(self.record)
        context = ReplyContext(self.thread_id, new_id(), ADA, "message", "message:1", keeping)
        return ReplyTools(payments.toolbox, context)


@pytest.fixture
async def till(record: Record) -> Till:
    """In a thread of ADA's."""
    await enter(record, ADA, "ada")
    return Till(record, await begin_thread(record))


@pytest.fixture
async def elsewhere(
    till: Till, database_url: str, tmp_path: Path, defaults: ThreadDefaults
) -> AsyncIterator[Till]:
    """The same thread in another process."""
    other = Record(open_database(database_url), tmp_path / "elsewhere", defaults)
    yield Till(other, till.thread_id)
    await other.close()


def decision_in(till: Till, *, idempotent: bool = False) -> ToolDecision:
    """That to pay five, of a reply of its own."""
    return ToolDecision("a" * 64, till.thread_id, ADA, new_id(), "pay", '{"amount":5}', idempotent)


async def test_a_decision_that_ended_is_not_carried_out_elsewhere(till: Till, elsewhere: Till) -> None:
    """Another process, such as the same after a restart, gives the kept result."""
    payments = Payments()
    for each in (till, elsewhere):
        _, ended, result = await run(each.tools(payments), "pay", {"amount": 5})
        assert (ended.output, result.is_error) == ("5", False)
    assert len(payments.keys) == 1


@pytest.mark.parametrize("idempotent", [False, True])
async def test_two_processes_cannot_both_begin(till: Till, elsewhere: Till, idempotent: bool) -> None:
    """Of many replies at once in two processes one carries it out; of a harmless tool each may."""
    keepings = [RecordKeeping(each.record) for each in (till, elsewhere)]
    decisions = [decision_in(till, idempotent=idempotent) for _ in range(8)]
    known = await asyncio.gather(*(keepings[n % 2].begin(one) for n, one in enumerate(decisions)))
    states = [each.state for each in known]
    assert states.count("new") == (8 if idempotent else 1)
    assert set(states) == ({"new"} if idempotent else {"new", "begun"})


@pytest.mark.parametrize("idempotent", [False, True])
async def test_what_began_and_has_no_end(till: Till, elsewhere: Till, idempotent: bool) -> None:
    """The process was killed meanwhile: a harmless tool is called with the same key, another is not."""
    payments = Payments(idempotent=idempotent)
    _, decision = till.tools(payments).decide("pay", {"amount": 5})
    assert (await RecordKeeping(till.record).begin(decision)).state == "new"
    _, ended, result = await run(elsewhere.tools(payments), "pay", {"amount": 5})
    assert len(payments.keys) == (1 if idempotent else 0)
    assert ended.is_error is not idempotent
    assert result.error_type == (None if idempotent else "abandoned_call")
    row = await one(till.record, "tool_decisions", key=decision.key)
    assert (row["state"], row["tries"]) == (("ended", 2) if idempotent else ("begun", 1))


async def test_a_refusal_may_be_tried_again_by_one(till: Till, elsewhere: Till) -> None:
    """What a tool said it did not do is free; of two that try again at once one does."""
    payments = Payments()
    payments.fails = [ToolError("No money.")]
    await run(till.tools(payments), "pay", {"amount": 5})
    begun = [replace(decision_in(till), key=await _only_key(till)) for _ in range(2)]
    keepings = [RecordKeeping(each.record) for each in (till, elsewhere)]
    known = await asyncio.gather(*(k.begin(one) for k, one in zip(keepings, begun, strict=True)))
    assert sorted(each.state for each in known) == ["begun", "new"]


async def _only_key(till: Till) -> str:
    row = await one(till.record, "tool_decisions", thread_id=till.thread_id)
    return str(row["key"])


async def test_the_end_of_an_earlier_reply_comes_too_late(till: Till) -> None:
    """Once another reply has taken a decision, what the first makes of it is not kept as the second's."""
    keeping = RecordKeeping(till.record)
    first, second = decision_in(till, idempotent=True), decision_in(till, idempotent=True)
    await keeping.begin(first)
    await keeping.begin(second)
    await keeping.end(first, KnownCall("ended", "late"))
    await keeping.end(second, DONE)
    assert (await keeping.begin(decision_in(till))).output == "1"


async def test_without_a_database_nothing_is_done(till: Till, outage: Outage) -> None:
    """Nobody could say later that it was: a failed step with a sentence."""
    payments = Payments()
    outage.begin()
    _, ended, result = await run(till.tools(payments), "pay", {"amount": 5})
    assert (payments.keys, ended.is_error, result.error_type) == ([], True, "not_kept")


async def test_what_was_not_done_for_want_of_a_database_is_done_by_a_retry(
    till: Till, outage: Outage
) -> None:
    """The journal knows of the decision, and also that it was left."""
    payments = Payments()
    outage.begin()
    await run(till.tools(payments), "pay", {"amount": 5})
    outage.end()
    await back(till.record.writer)
    _, ended, _ = await run(till.tools(payments), "pay", {"amount": 5})
    assert (ended.output, len(payments.keys)) == ("5", 1)


async def test_what_was_done_is_not_forgotten_by_an_outage(till: Till, outage: Outage) -> None:
    """A Retry while the database is away does nothing, and takes nothing from what was kept before."""
    payments = Payments()
    await run(till.tools(payments), "pay", {"amount": 5})
    outage.begin()
    await run(till.tools(payments), "pay", {"amount": 5})
    outage.end()
    await back(till.record.writer)
    _, ended, result = await run(till.tools(payments), "pay", {"amount": 5})
    assert (ended.output, result.is_error, len(payments.keys)) == ("5", False, 1)


async def test_who_has_withdrawn_is_not_acted_for(till: Till) -> None:
    """Neither a decision nor a value of theirs is kept any more, so nothing is done."""
    payments = Payments()
    await till.record.withdrawals.withdraw(ADA, "participant")
    _, _, result = await run(till.tools(payments), "pay", {"amount": 5})
    assert (payments.keys, result.error_type) == ([], "not_kept")
    with pytest.raises(WriteRefused):
        await RecordKeeping(till.record).store(till.thread_id, ADA).put("a", 1)
    assert await count(till.record, "tool_decisions") == await count(till.record, "tool_records") == 0


@pytest.mark.parametrize("value", [None, 0, "", "é\0\ud800", [1, {"a": None}], {"b": [True, 1.5]}, "null"])
async def test_a_value_is_kept_as_it_was(till: Till, value: object) -> None:
    """Any JSON; of what no database can hold, what stands for it elsewhere."""
    store = RecordKeeping(till.record).store(till.thread_id, ADA)
    await store.put("k", 7)
    await store.put("k", value)  # type: ignore[arg-type]
    expected = "é\ufffd\ufffd" if isinstance(value, str) and value.startswith("é") else value
    assert await store.get("k") == expected


async def test_a_value_is_of_its_thread(till: Till) -> None:
    """Another thread's tools find nothing."""
    keeping = RecordKeeping(till.record)
    await keeping.store(till.thread_id, ADA).put("k", 7)
    assert await keeping.store(await begin_thread(till.record), ADA).get("k") is None


async def test_a_value_that_waits_is_not_said_to_be_kept(till: Till, outage: Outage) -> None:
    """Its tool hears that the database is away."""
    outage.begin()
    with pytest.raises(DatabaseError):
        await RecordKeeping(till.record).store(till.thread_id, ADA).put("k", 7)


async def test_a_key_is_not_a_text(till: Till) -> None:
    """It has a greatest length."""
    with pytest.raises(ValueError, match="at most 200"):
        await RecordKeeping(till.record).store(till.thread_id, ADA).put("k" * 201, 7)


def _circle() -> list[object]:
    circle: list[object] = []
    circle.append(circle)
    return circle


def _depth() -> list[object]:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    return deep


@pytest.mark.parametrize(
    "value",
    [{1, 2}, b"x", object(), float("nan"), [float("inf")], {(1, 2): 3}, 10**5_000, _circle(), _depth()],
    ids=["set", "bytes", "object", "nan", "inf", "key", "digits", "circle", "depth"],
)
async def test_what_is_no_json_is_refused_to_its_tool(till: Till, value: object) -> None:
    """Before it is written: nothing is kept as a text about it, and no other's write fails with it."""
    store = RecordKeeping(till.record).store(till.thread_id, ADA)
    await store.put("k", 7)
    with pytest.raises(ValueError, match="a tool keeps what JSON can hold"):
        await store.put("k", value)  # type: ignore[arg-type]
    assert await store.get("k") == 7
    assert till.record.writer.health.failed == 0
