"""A fault at a point of the scenario: what callers were told holds, and all else hangs together."""

import random
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.faults.nemesis import Fault
from tests.faults.placed import Place, passed, sample, spread_over_again, try_place, warm

# Of some four thousand; all of them by `scripts/campaign --placed`.
MANY: Final = 14
# Set it to the seed that a failed run printed, to strike the same places again.
SEED: int | None = None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the scenarios are played; gone afterwards."""
    made = tmp_path_factory.mktemp("placed")
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def points(migrated_sqlite: Path, folder: Path) -> list[str]:
    """What there is to strike, in order; without a fault everything holds."""
    warm(migrated_sqlite, folder / "warm")
    verdict = passed(migrated_sqlite, folder / "none")
    assert verdict.found == []
    assert (verdict.fail, verdict.unknown) == (0, 0)
    return verdict.points


def test_nothing_that_was_told_is_lost_wherever_a_fault_strikes(
    migrated_sqlite: Path, folder: Path, points: list[str]
) -> None:
    """Each kind of fault, spread over all points; some strike the start after it as well."""
    seed = SEED if SEED is not None else secrets.randbelow(1_000_000)
    print(f"seed {seed}")
    places = spread_over_again(sample(points, MANY, random.Random(seed)), random.Random(seed))
    verdicts = [
        try_place(place, migrated_sqlite, folder / str(number)) for number, place in enumerate(places)
    ]
    assert [(verdict.place, verdict.struck, verdict.found) for verdict in verdicts if verdict.found] == []
    assert {verdict.place.fault for verdict in verdicts if verdict.struck} == set(Fault)


def test_a_loss_would_be_seen(migrated_sqlite: Path, folder: Path, points: list[str]) -> None:
    """What was told is held against the record: a row less, and it says so."""
    assert "COMMIT" in points
    verdict = try_place(Place(0, Fault.KILL, loses="Taken back"), migrated_sqlite, folder / "lost")
    assert [sentence[:2] for sentence in verdict.found[:1]] == ["I1"]
