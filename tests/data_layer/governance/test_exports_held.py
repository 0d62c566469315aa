"""Which exports may have held somebody: none that did is left out, and few that did not are named."""

from datetime import UTC, datetime
from typing import Any

import pytest

from data_layer.writing.exports_held import may_have_held
from tests.data_layer.rows import ADA, BOB, new_id

THREAD = "33333333-3333-4333-8333-333333333333"
OTHER = "44444444-4444-4444-8444-444444444444"


def day(number: int) -> datetime:
    """A day of November."""
    return datetime(2026, 11, number, 12, tzinfo=UTC)


PERSON = {"participant_id": ADA, "created_at": day(10)}
THREADS = [{"thread_id": THREAD, "agent": "Model", "created_at": day(10), "last_activity_at": day(12)}]


LATE = day(20)


def held(ended: datetime | None = LATE, of: Any = None, **options: Any) -> bool:
    """Whether an export with these options may have held ADA."""
    export = {"export_id": new_id(), "state": "done", "ended_at": ended, "options": options}
    return may_have_held(export, PERSON, THREADS if of is None else of)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"format": ["csv"], "include_deleted": True},
        {"participant": ADA},
        {"agent": "Model"},
        {"since": "2026-11-12"},
        {"until": "2026-11-11"},
        {"until": "not a day"},
        {"threads": [OTHER, THREAD]},
        {"where": {"rating": "down"}, "view": "Unhappy"},
    ],
    ids=str,
)
def test_what_may_have_held_them_is_named(options: dict[str, Any]) -> None:
    """Also under a filter that is not known here: in doubt it may."""
    assert held(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"participant": BOB},
        {"agent": "ELIZA"},
        {"since": "2026-11-13"},
        {"until": "2026-11-10"},
        {"threads": [OTHER]},
    ],
    ids=str,
)
def test_what_cannot_have_held_them_is_not(options: dict[str, Any]) -> None:
    """Nobody is asked to delete data that had nothing of them."""
    assert not held(**options)


def test_time_decides_as_well() -> None:
    """One that ended before they came did not, one that still runs may; and who never wrote is in some."""
    assert not held(ended=day(9))
    assert held(ended=None)
    assert held(of=[])
    assert not held(of=[], agent="Model")
