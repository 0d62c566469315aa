"""What a soak says of its samples."""

from tests.faults.soak import MEGABYTE, Sample, slope, told


def _samples(bytes_a_turn: int) -> list[Sample]:
    """A server that takes 50 MB to settle, and then grows with each turn."""
    return [
        Sample(turns, 150 * MEGABYTE + min(turns, 1000) * 50_000 + turns * bytes_a_turn, 20, turns * 2000)
        for turns in range(0, 8001, 200)
    ]


def test_a_leak_is_told_from_a_start() -> None:
    """Memory that caches take at first is no slope; a kilobyte a turn is one megabyte a 1,000."""
    assert round(slope(_samples(0)), 3) == 0
    assert round(slope(_samples(1000))) == 1000
    assert "+1.00 MB a 1,000 turns" in told(_samples(1000))


def test_the_database_is_counted_by_messages() -> None:
    """A turn is a message and its reply."""
    assert "database: 1000 bytes a message" in told(_samples(0))
