"""The overview of a study in which levels are drawn for turns, and nothing differs between participants."""

import pytest
from fastapi import FastAPI

from data_layer.record import Record
from research.app import research_app
from research.overview import counting
from study.loader import LoadedStudy, load_study
from tests.research.browser import Browser
from tests.small_protocol import small_protocol
from tests.stages.protocol.walking import Walker


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> LoadedStudy:
    """The small study with a factor of turns."""
    folder = tmp_path_factory.mktemp("turns") / "study"
    with small_protocol(folder) as told:
        told["protocol"]["each_turn"] = {"asks_back": {"often": {}, "seldom": {}}}
    return load_study(folder)


@pytest.fixture
def app(record: Record, study: LoadedStudy, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The room of this study."""
    monkeypatch.setattr(counting, "PATIENCE_S", 60.0)
    outer = FastAPI()
    outer.mount("/research", research_app(record, study))
    return outer


async def test_no_conditions_stand_beside_each_other(
    owner: Browser, record: Record, study: LoadedStudy
) -> None:
    """Whoever has asked to see what is drawn finds no table of conditions, and is not asked again."""
    await Walker(record, study, await record.enter("Ada", "ada")).walk_to("")
    await record.writer.flush()
    assert "Show conditions" in (await owner.get("/")).text
    await owner.post("/conditions")
    page = (await owner.get("/")).text
    assert "How far did they come?" in page
    assert "By condition" not in page
    assert "Show conditions" not in page
