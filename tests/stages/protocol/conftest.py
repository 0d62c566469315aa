"""Somebody before a study with a protocol."""

from collections.abc import Callable
from pathlib import Path

import pytest

from data_layer.record import Record
from study.loader import LoadedStudy, load_study
from tests.small_protocol import small_protocol
from tests.stages.protocol.walking import Walker


@pytest.fixture(scope="session")
def small() -> LoadedStudy:
    """Consent, survey, instructions with a quiz, chat, survey, debrief."""
    return load_study(Path("tests/data/protocol"))


@pytest.fixture
async def walker(record: Record, small: LoadedStudy) -> Walker:
    """Somebody who has just come in."""
    return Walker(record, small, await record.enter("Ada", "ada"))


@pytest.fixture
def assigning(tmp_path: Path) -> Callable[..., LoadedStudy]:
    """The small study with two appeals, and what is given of how they are assigned."""

    def make(**rule: object) -> LoadedStudy:
        folder = tmp_path / "assigning"
        with small_protocol(folder) as told:
            protocol = told["protocol"]
            protocol["conditions"] = {"between": {"appeal": {"facts": {}, "stories": {}}}}
            protocol["recruit"]["stop_at"] = rule.pop("stop_at", None)
            protocol["assign"] = {"at": "talk", "target": 4, "lengths": [2, 4], **rule}
            protocol["endings"]["full"] = {"text": "texts/thanks.md", "code": "CU6B9N4Y"}
        return load_study(folder)

    return make
