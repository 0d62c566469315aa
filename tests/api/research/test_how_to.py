"""The page that pulls data into R and Python: its lines, run against a server."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from api.app import api_app
from api.context import ApiContext
from data_layer.record import Record
from study.roles import ResearcherRole, TokenScope
from tests.api.server import served
from tests.data_layer.rows import ADA
from tests.data_layer.said_by_ada import MARKER, OWN_PROMPT, say_everything
from tests.examples import examples
from tests.exports.r import run_r

PAGE: Final = "docs/how-to/pull-data-from-r-or-python.md"
THERE: Final = "https://study.example/api/v1"


@pytest.fixture
async def here(
    record: Record, context: ApiContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """Where the study is served; the token stands where the page says."""
    await say_everything(record, ADA, MARKER, OWN_PROMPT)
    await record.researchers.add("Olga", ResearcherRole.OWNER, "correct horse battery")
    olga = await record.researchers.find("Olga")
    assert olga is not None
    token = await record.researcher_tokens.make(
        olga.researcher_id, "notebook", tuple(TokenScope), timedelta(days=1)
    )
    monkeypatch.setenv("VERBATIM_TOKEN", token)
    # The library goes on under another name where we run.
    monkeypatch.setitem(sys.modules, "httpx", httpx2)
    folder = tmp_path / "notebook"
    folder.mkdir()
    monkeypatch.chdir(folder)
    async with served(api_app(context)) as address:
        yield address


async def test_python_pulls_the_newest_data(here: str) -> None:
    """Four lines from a client to a data frame; the page's other blocks go on from there."""
    names: dict[str, Any] = {}
    for one in examples(PAGE, "python"):
        code = compile(one.code.replace(THERE, here), str(one), "exec")
        await asyncio.to_thread(exec, code, names)
    names["study"].close()
    assert f"So you are {MARKER}" in set(names["messages"]["content"])
    assert [one["participant_id"] for one in names["threads"]] == [ADA]
    assert [len(one) for one in names["said"]] == [2]
    assert [len(one) for one in names["behind"]] == [2]
    assert len(names["newest"]) == 1
    assert names["export"]["options"]["where"] == {"simulated": "no", "least": "2"}


async def test_r_pulls_the_newest_data(here: str, tmp_path: Path) -> None:
    """By httr2, into the same data frame."""
    blocks = [one.code.replace(THERE, here) for one in examples(PAGE, "r")]
    folder = Path.cwd()
    left = await asyncio.to_thread(run_r, {"page": (folder, blocks)}, tmp_path / "plan")
    assert f"So you are {MARKER}" in left["page"][0].frames["messages"]["content"]
