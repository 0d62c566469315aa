"""Somebody before a study with a protocol."""

from pathlib import Path

import pytest

from data_layer.record import Record
from study.loader import LoadedStudy, load_study
from tests.stages.protocol.walking import Walker


@pytest.fixture(scope="session")
def small() -> LoadedStudy:
    """Consent, survey, instructions with a quiz, chat, survey, debrief."""
    return load_study(Path("tests/data/protocol"))


@pytest.fixture
async def walker(record: Record, small: LoadedStudy) -> Walker:
    """Somebody who has just come in."""
    return Walker(record, small, await record.enter("Ada", "ada"))
