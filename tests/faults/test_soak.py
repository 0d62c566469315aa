"""What a soak says of its samples."""

from tests.faults.soak import CACHED, KEPT_S, MEGABYTE, Sample, slope, told

# Both are reached at the thousandth turn.
_A_TURN_S = KEPT_S / 1000
_A_TURN = CACHED // 1000


def _samples(bytes_a_turn: int, turns: int = 8000) -> list[Sample]:
    """A server that takes 50 MB to settle, and then grows with each turn."""
    return [
        Sample(
            said * _A_TURN_S,
            said,
            150 * MEGABYTE + min(said, 1000) * 50_000 + said * bytes_a_turn,
            20,
            said * _A_TURN,
        )
        for said in range(0, turns + 1, 200)
    ]


def test_a_leak_is_told_from_a_start() -> None:
    """What caches and kept pages take at first is no slope; a kilobyte a turn is one megabyte a 1,000."""
    assert round(slope(_samples(0)) or 0, 3) == 0
    assert round(slope(_samples(1000)) or 0) == 1000
    assert "+1.00 MB a 1,000 turns" in told(_samples(1000))


def test_a_soak_that_was_too_short_says_so() -> None:
    """What it saw is how caches fill, and no word about a leak."""
    assert slope(_samples(1000, turns=1000)) is None
    assert "not settled yet: that takes 15 minutes" in told(_samples(1000, turns=800))


def test_the_database_is_counted_by_messages() -> None:
    """A turn is a message and its reply."""
    assert f"database: {_A_TURN / 2:.0f} bytes a message" in told(_samples(0))
