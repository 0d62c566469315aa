"""Whether a replica is near enough to be read from, by what it and its database say of themselves."""

from datetime import UTC, datetime, timedelta

import pytest

from data_layer.database.replica import BEHIND_MOST, ReplicaStanding, place_in_log

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("replayed", "replayed_at", "near"),
    [
        (100, NOON - timedelta(days=3), True),  # nobody has written for three days, and it has all
        (99, NOON - BEHIND_MOST, True),
        (99, NOON - BEHIND_MOST - timedelta(seconds=1), False),
        (99, None, False),  # it was started anew, and has replayed no transaction since
        (None, NOON, False),  # it replays nothing: it was made a server of its own
    ],
)
def test_a_replica_is_near_that_has_all_or_is_seconds_behind(
    replayed: int | None, replayed_at: datetime | None, near: bool
) -> None:
    """Behind is told by the database's own moments, and by its log where nobody has written for long."""
    assert ReplicaStanding(100, NOON, replayed, replayed_at).is_near is near


def test_places_in_the_log_are_compared_as_numbers() -> None:
    """The second half of a place has up to eight digits, and no zeros before them."""
    assert place_in_log("0/9000000") < place_in_log("0/10000000") < place_in_log("1/0")
