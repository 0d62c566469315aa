"""Exports of earlier formats: tests/data/format_2 is one, made by the code of then from the study below."""

import hashlib
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import update

from data_layer.database import schema
from exports import load
from exports.documents.manifest import FORMAT_VERSION
from exports.registry import TABLES
from exports.verify.difference import Finding
from exports.verify.earlier import as_of
from study.errors import ExportError
from tests.exports.proving import verify_export
from tests.exports.seed import Seed, at, id_of
from tests.exports.test_verify import execute

FORMAT_2 = Path(__file__).resolve().parents[1] / "data" / "format_2"


def study() -> Seed:
    """What it was made of: a question, a reply, a notice; whole and broken numbers, gaps."""
    seed = Seed()
    seed.participant("Ada")
    page = seed.connection("page", "Ada", 50, thread_id=id_of("thread"))
    seed.thread("thread", "Ada", 60, message_count=3, turn_count=1, last_activity_at=at(100), renamed=True)
    seed.step("question", "thread", 100, "user_message", connection_id=page)
    seed.run("run", "thread", "question", 101, connection_id=page, ttft_ms=110.0)
    under = {"run_id": id_of("run"), "agent": "Model", "connection_id": page}
    seed.call("call", "thread", "run", "reply", 101.1, "question", ttft_ms=110.4, latency_ms=None)
    seed.step("reply", "thread", 102, "assistant_message", ended_at=at(103), **under)
    seed.step("notice", "thread", 104, "system_message", name="Verbatim")
    return seed


@pytest.fixture
def made(sqlite_url: str) -> str:
    """The database that it was made of."""
    study().write(sqlite_url)
    return sqlite_url


def test_an_export_of_format_2_is_still_proved(made: str) -> None:
    """Its files, its ids and its rows against the database, by what its columns meant then."""
    assert json.loads((FORMAT_2 / "manifest.json").read_bytes())["format_version"] == 2
    assert verify_export(FORMAT_2, made) == []


def test_an_export_of_format_2_is_not_believed_blindly(made: str) -> None:
    """A word changed behind the app's back is found in it as ever, and so is another agent's name."""
    said = schema.steps.c.step_id == id_of("reply")
    execute(made, update(schema.steps).where(said).values(agent="Other"))
    (difference,) = verify_export(FORMAT_2, made)
    assert (difference.finding, difference.where) == (Finding.DIFFERENT, "messages")


def test_an_export_of_format_2_is_still_loaded() -> None:
    """With the values that it has: a participant's message had no agent."""
    frames = load(FORMAT_2)
    agents = frames["messages"].set_index("content")["agent"]
    assert agents["reply"] == "Model"
    assert pd.isna(agents["question"])
    assert frames["threads"]["renamed"].tolist() == [True]
    assert frames["runs"]["ttft_ms"].tolist() == [110.0]


def test_columns_of_no_format_are_refused(made: str, tmp_path: Path) -> None:
    """An export that says it is of format 2, with a column that no format had, names the Verbatim to use."""
    out = tmp_path / "out"
    shutil.copytree(FORMAT_2, out)
    package = json.loads((out / "datapackage.json").read_bytes())
    messages = next(one for one in package["resources"] if one["name"] == "messages")
    messages["schema"]["fields"][0]["name"] = "number"
    content = json.dumps(package).encode()
    (out / "datapackage.json").write_bytes(content)
    manifest = json.loads((out / "manifest.json").read_bytes())
    (entry,) = (one for one in manifest["documents"] if one["path"] == "datapackage.json")
    entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (out / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ExportError, match="other columns"):
        verify_export(out, made)


def test_the_format_of_now_is_taken_as_it_is() -> None:
    """A table is the registry's own then: nothing that an earlier format meant comes into a new export."""
    assert all(as_of(table, FORMAT_VERSION, ()) is table for table in TABLES)
