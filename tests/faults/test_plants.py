"""The planted bugs can be planted: `scripts/campaign --planted` shows that each is found."""

import pytest

from tests.faults.planted import TREE
from tests.faults.plants import PLANTS, Plant


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.name)
def test_its_place_is_there_once(plant: Plant) -> None:
    """What it changes stands in the code as it says, and its tests are there."""
    assert (TREE / plant.file).read_text("utf-8").count(plant.stands) == 1
    assert all((TREE / test.partition("::")[0]).is_file() for test in plant.tests)
