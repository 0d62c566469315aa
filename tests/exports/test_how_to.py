import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from exports.options import ExportOptions
from exports.registry import tables_for
from tests.exports.conftest import export_to

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "read-an-export.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def beside_out(sqlite_story: str, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place where the page's reader stands: an export named `out` below."""
    export_to(sqlite_story, out, formats=("csv", "parquet"))
    monkeypatch.chdir(out.parent)


def run(block: str) -> dict[str, Any]:
    """What a block of the page leaves behind."""
    names: dict[str, Any] = {}
    exec(compile(block, str(PAGE), "exec"), names)
    return names


def test_the_page_loads_an_export(beside_out: None) -> None:
    """Its first block runs as it stands."""
    names = run(BLOCKS[0])
    assert set(names["said"]["role"]) == {"user"}
    assert len(names["tables"]) == len(tables_for(ExportOptions()))


def test_the_page_walks_up_a_branch(beside_out: None) -> None:
    """Its second block, after the first: every reply has a line that begins with a message of nobody's."""
    names = run(BLOCKS[0] + BLOCKS[1])
    assert names["lines"]
    assert all(line[-1] == reply for reply, line in names["lines"].items())


def test_the_page_reads_csv_without_verbatim(beside_out: None) -> None:
    """Its third block runs as it stands, and gives what the first one gives."""
    theirs = run(BLOCKS[2])["messages"]
    ours = run(BLOCKS[0])["messages"]
    assert theirs["content"].tolist() == ours["content"].tolist()
    pd.testing.assert_series_equal(theirs["timestamp"], ours["timestamp"], check_dtype=False)


def test_the_page_chooses_threads(beside_out: None, sqlite_story: str) -> None:
    """Its fourth block writes a list that the command takes."""
    run(BLOCKS[3])
    ids = tuple(Path("long.txt").read_text().split())
    manifest = export_to(sqlite_story, Path("long-ones"), threads=ids)
    assert manifest.chosen is not None
    assert manifest.chosen.threads == len(ids) == 1


def test_there_are_no_other_blocks() -> None:
    """Each block of Python on the page is run above."""
    assert len(BLOCKS) == 4
