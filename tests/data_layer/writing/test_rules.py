"""Each kind of write has one rule; one without is refused before anything is taken."""

from dataclasses import dataclass
from typing import get_args

import pytest

from data_layer.record import Record
from data_layer.writing.rules import RULES
from data_layer.writing.writes import Write
from tests.data_layer.rows import begin_thread, message, rows


@dataclass(frozen=True, slots=True)
class CloseIntent:
    """A kind of write that nobody has written a rule for."""

    thread_id: str


def test_every_kind_has_its_rule() -> None:
    """A kind that joins the others without a rule is seen here, and one that left takes its rule along."""
    assert set(RULES) == set(get_args(Write))


async def test_a_kind_without_a_rule_is_not_reported_as_kept(record: Record) -> None:
    """Whoever submits one is told at once, and none of the writes beside it is taken."""
    thread_id = await begin_thread(record)
    beside = message(record, thread_id, "Beside it")
    with pytest.raises(LookupError, match="CloseIntent"):
        record.writer.submit(beside, CloseIntent(thread_id))  # type: ignore[arg-type]
    await record.writer.flush()
    assert [step["output"] for step in await rows(record, "steps", thread_id=thread_id)] == ["Hello there"]
