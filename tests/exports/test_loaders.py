"""load.R and load.py of an export, run without Verbatim over words that break readers."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from exports.documents.manifest import MANIFEST_NAME
from exports.documents.value_labels import VALUE_LABELS_NAME
from exports.loaders import LOADERS
from exports.options import FORMATS, ExportOptions
from exports.registry import tables_for
from tests.exports.conftest import export_to
from tests.exports.hard import options_of_one
from tests.exports.proving import verify_export
from tests.exports.r import Left, run_r
from tests.exports.readers import Known, as_base_r, as_it_was, differences

TABLES: Final = tuple(table.name for table in tables_for(ExportOptions()))
# Each way by which load.R reads, the format it is given, what is done before, and what it keeps.
WAYS: Final[dict[str, tuple[str, str, Known]]] = {
    "readr": ("csv", "", as_it_was),
    "base R": ("csv", "requireNamespace <- function(...) FALSE", as_base_r),
    "jsonlite": ("jsonl", "", as_it_was),
}
# What could be chosen in a form, as R tells it.
OFFERED: Final = "offered <- data.frame(level = levels(form_answers_wide$odd_form.one))"
# What a plain Python does with the lines of the page, and how its values are told.
TOLD: Final = """
import json, pandas, runpy, sys
tables = runpy.run_path(sys.argv[1] + "/load.py")["tables"]
assert "exports" not in sys.modules
def plain(value):
    if pandas.isna(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
print(json.dumps({
    name: {column: [plain(one) for one in frame[column].tolist()] for column in frame}
    for name, frame in tables.items()
}))
print(json.dumps({column: str(kind) for column, kind in tables["messages"].dtypes.items()}))
"""


def alone(out: Path, format: str, folder: Path) -> Path:
    """An export with the files of one format only, as if it had been made so."""
    folder.mkdir()
    for name in ("codebook.csv", VALUE_LABELS_NAME, *LOADERS, *(f"{table}.{format}" for table in TABLES)):
        shutil.copyfile(out / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def folder_of(hard_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The export of hard words in one format."""
    folders = tmp_path_factory.mktemp("alone")
    made = {name: alone(hard_out, name, folders / name) for name in FORMATS}
    return made.__getitem__


@pytest.fixture(scope="module")
def by_r(folder_of: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Left]]:
    """What load.R leaves, by the way that it reads."""
    jobs = {
        way: (folder_of(format).parent, [f'{before}\nsource("{format}/load.R")', OFFERED])
        for way, (format, before, _) in WAYS.items()
    }
    return run_r(jobs, tmp_path_factory.mktemp("loaders") / "plan")


@pytest.mark.parametrize("way", WAYS)
def test_r_reads_what_was_kept(way: str, by_r: dict[str, list[Left]], hard_out: Path) -> None:
    """source("out/load.R") leaves a data frame a table, and every value is as it was kept."""
    frames = by_r[way][0].frames
    wrong = {name: differences(hard_out, name, frames[name], known=WAYS[way][2]) for name in TABLES}
    assert {name: columns for name, columns in wrong.items() if columns} == {}


@pytest.mark.parametrize("way", WAYS)
def test_r_knows_what_could_be_chosen(way: str, by_r: dict[str, list[Left]], hard_out: Path) -> None:
    """A choice is a factor, whose levels are the options in their order; only R's own CR LF is another."""
    levels = by_r[way][1].frames["offered"]["level"]
    wanted = [one for one in options_of_one() if "\r" not in one]
    assert [one for one in levels if one in wanted] == wanted
    assert len(levels) <= len(options_of_one()) + 1


@pytest.mark.parametrize("format", FORMATS)
def test_python_reads_what_was_kept(format: str, folder_of: Callable[[str], Path], hard_out: Path) -> None:
    """load.py gives every value of every table as it was kept, from each format, and needs pandas alone."""
    told = subprocess.run(
        [sys.executable, "-I", "-c", TOLD, folder_of(format)],
        cwd=hard_out.parent,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr.decode()
    tables, types = (json.loads(line) for line in told.stdout.splitlines())
    wrong = {name: differences(hard_out, name, tables[name], known=as_it_was) for name in TABLES}
    assert {name: columns for name, columns in wrong.items() if columns} == {}
    assert (types["seq"], types["is_current"], types["latency_ms"]) == ("Int64", "boolean", "Float64")
    assert types["timestamp"].endswith("UTC]")


def test_the_loaders_are_proved_with_the_rest(sqlite_story: str, out: Path) -> None:
    """They stand in the manifest, so that verify finds a loader that was changed."""
    export_to(sqlite_story, out)
    assert verify_export(out, sqlite_story) == []
    (out / "load.R").write_bytes((out / "load.R").read_bytes() + b"quit()\n")
    assert [one.where for one in verify_export(out, None)] == ["load.R"]


def test_an_export_from_before_them_is_still_whole(sqlite_story: str, out: Path) -> None:
    """One that was made without loaders verifies."""
    export_to(sqlite_story, out)
    told: dict[str, Any] = json.loads((out / MANIFEST_NAME).read_text(encoding="utf-8"))
    told["documents"] = [one for one in told["documents"] if one["path"] not in LOADERS]
    (out / MANIFEST_NAME).write_text(json.dumps(told), encoding="utf-8")
    for name in LOADERS:
        (out / name).unlink()
    assert verify_export(out, sqlite_story) == []
