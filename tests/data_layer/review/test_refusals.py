"""Models that do not answer, as the overview counts them, on both databases."""

from datetime import datetime
from typing import Any

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.review.overview import overview
from data_layer.review.refusals import WITHIN
from tests.data_layer.review.test_overview import call, run
from tests.data_layer.rows import new_id
from tests.fakes import HandClock

REFUSED = {"status": "failed", "error_type": "unsupported_value", "error_message": "no temperature"}


async def replied(
    record: Record, clock: HandClock, *calls: dict[str, Any], agent: str = "Guide", **columns: Any
) -> datetime:
    """A reply with its calls, a second after what was before; returns when."""
    clock.forward(1)
    at, where = record.now(), {"run_id": new_id(), "thread_id": new_id()}
    await run(record, agent=agent, started_at=at, **where, **columns)
    for one in calls:
        await call(record, **where, **({"started_at": at} | one))
    return at


async def asked(record: Record) -> list[Row]:
    """What the overview finds now."""
    return (await overview(record.database, record.now())).refusals


async def test_failures_in_a_row_are_counted_since_the_last_answer(record: Record, clock: HandClock) -> None:
    """Per agent and model: how many in a row, since when, and what was said last."""
    await replied(record, clock, REFUSED, status="failed")
    await replied(record, clock, {})
    since = await replied(record, clock, REFUSED, status="failed")
    last = await replied(record, clock, REFUSED | {"error_message": "still none"}, status="failed")
    (found,) = await asked(record)
    assert (found["agent"], found["gen_ai_request_model"], found["gen_ai_provider_name"]) == (
        "Guide",
        "small",
        "openai",
    )
    assert (found["failures"], found["in_a_row"], found["since"]) == (3, 2, since)
    assert (found["error_message"], found["last_at"]) == ("still none", last)


async def test_a_model_that_answers_again_has_none_in_a_row(record: Record, clock: HandClock) -> None:
    """The failures of the week stay, with when it answered."""
    await replied(record, clock, REFUSED, status="failed")
    answered = await replied(record, clock, {})
    (found,) = await asked(record)
    assert (found["failures"], found["in_a_row"], found["since"]) == (1, 0, None)
    assert found["answered_at"] == answered


async def test_a_reply_that_came_all_the_same_was_no_failure(record: Record, clock: HandClock) -> None:
    """A call that was refused, and made otherwise within the same reply, is nobody's trouble."""
    await replied(record, clock, REFUSED, {})
    assert await asked(record) == []


async def test_agents_and_models_are_told_apart(record: Record, clock: HandClock) -> None:
    """Another agent's answers do not hide a failure; the newest comes first."""
    await replied(record, clock, REFUSED, status="failed")
    await replied(record, clock, {}, agent="Other")
    await replied(record, clock, REFUSED | {"gen_ai_request_model": "large"}, status="failed")
    found = [(row["agent"], row["gen_ai_request_model"], row["in_a_row"]) for row in await asked(record)]
    assert found == [("Guide", "large", 1), ("Guide", "small", 1)]


async def test_what_is_long_ago_is_over(record: Record, clock: HandClock) -> None:
    """A failure of another week is in the record, and no news."""
    await replied(record, clock, REFUSED, status="failed")
    clock.forward(WITHIN.total_seconds() + 1)
    assert await asked(record) == []
