"""verify, of an export's files against its manifest: whoever wants to prove it needs no database for that."""

import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exports.options import FORMATS
from exports.verify.difference import Finding
from exports.verify.prove import prove
from study.errors import ExportError
from tests.exports.conftest import export_to
from tests.exports.forging import forge, forge_file, say_rows
from tests.exports.proving import verify_export
from tests.exports.story import story


@pytest.fixture(scope="module")
def whole(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of the story in each format that keeps all; nobody touches it."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copyfile(migrated_sqlite, folder / "verbatim.db")
    url = f"sqlite+aiosqlite:///{folder / 'verbatim.db'}"
    story().write(url)
    export_to(url, folder / "out", formats=FORMATS)
    return folder / "out"


@pytest.fixture
def out(whole: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(whole, tmp_path / "out")
    return tmp_path / "out"


def found(out: Path) -> list[tuple[Finding, str]]:
    """What was found, and where."""
    return [(one.finding, one.where) for one in verify_export(out, None)]


@pytest.mark.parametrize("name", ["messages.csv", "runs.parquet", "events.jsonl", "codebook.md"])
def test_a_missing_file_is_named(name: str, out: Path) -> None:
    """Data or document."""
    (out / name).unlink()
    assert found(out) == [(Finding.FILE_MISSING, name)]


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json.old", ".hidden"])
def test_an_extra_file_is_named(name: str, out: Path) -> None:
    """Somebody's notes do not belong to what the manifest proves."""
    (out / name).write_text("mine")
    assert found(out) == [(Finding.FILE_EXTRA, name)]


def test_an_extra_folder_is_named_with_what_is_in_it(out: Path) -> None:
    """By the way from the export."""
    (out / "mine").mkdir()
    shutil.copy(out / "messages.csv", out / "mine")
    assert found(out) == [(Finding.FILE_EXTRA, "mine"), (Finding.FILE_EXTRA, "mine/messages.csv")]


@pytest.mark.parametrize("name", ["messages.csv", "messages.parquet", "messages.jsonl", "codebook.csv"])
def test_a_changed_byte_is_named(name: str, out: Path) -> None:
    """Also where size and shape stay the same."""
    content = (out / name).read_bytes()
    place = len(content) // 2
    (out / name).write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    assert found(out) == [(Finding.FILE_CHANGED, name)]


def test_a_byte_far_behind_is_looked_at_too(out: Path) -> None:
    """A file is read to its end, in portions."""
    content = b"x" * (3 << 20)
    forge_file(out, "codebook.md", content)
    assert found(out) == []
    (out / "codebook.md").write_bytes(content[:-1] + b"y")
    assert found(out) == [(Finding.FILE_CHANGED, "codebook.md")]


def test_a_cut_file_is_named(out: Path) -> None:
    """With both sizes."""
    content = (out / "messages.csv").read_bytes()
    (out / "messages.csv").write_bytes(content[:-10])
    (difference,) = verify_export(out, None)
    assert f"{len(content):,}" in difference.detail
    assert f"{len(content) - 10:,}" in difference.detail


def test_what_the_columns_are_is_not_read_from_a_changed_file(out: Path) -> None:
    """Nothing else is said then: whatever else were found might be wrong."""
    (out / "datapackage.json").write_text("{}")
    say_rows(out, "messages", rows=3)
    assert found(out) == [(Finding.FILE_CHANGED, "datapackage.json")]


def test_rows_are_counted_anew(out: Path) -> None:
    """A manifest that says another number is not believed, for whichever format; the difference is said."""
    tables = json.loads((out / "manifest.json").read_bytes())["tables"]
    rows = next(table["rows"] for table in tables if table["name"] == "messages")
    say_rows(out, "messages", rows=rows + 3)
    differences = verify_export(out, None)
    assert {one.where for one in differences} == {"messages.csv", "messages.parquet", "messages.jsonl"}
    assert {(one.finding, one.count) for one in differences} == {(Finding.ROWS_CHANGED, 3)}


@pytest.mark.parametrize("name", ["messages.csv", "messages.jsonl"])
def test_rows_are_read_anew(name: str, out: Path) -> None:
    """A file exchanged together with its SHA-256 is found by what its rows say; the others are sound."""
    forge_file(out, name, (out / name).read_bytes().replace(b"first reply", b"worst reply"))
    assert found(out) == [(Finding.ROWS_CHANGED, name)]


def test_rows_beside_a_changed_file_are_read_anew(out: Path) -> None:
    """One file of a table that somebody has changed hides no forgery in another."""
    (out / "messages.parquet").write_bytes(b"PAR1")
    forge_file(
        out, "messages.csv", (out / "messages.csv").read_bytes().replace(b"first reply", b"worst reply")
    )
    assert found(out) == [(Finding.FILE_CHANGED, "messages.parquet"), (Finding.ROWS_CHANGED, "messages.csv")]


def test_a_number_that_is_not_whole_is_another(out: Path) -> None:
    """Whoever reads the file would see it: it is not taken for the whole one."""
    content = (out / "messages.jsonl").read_bytes()
    forge_file(out, "messages.jsonl", re.sub(rb'("turn_identifier":\d)', rb"\1.5", content, count=1))
    assert content != (out / "messages.jsonl").read_bytes()
    assert found(out) == [(Finding.FILE_UNREADABLE, "messages.jsonl")]


ADDED: Final[dict[str, Callable[[bytes], bytes]]] = {
    "csv": lambda content: b"".join(
        b'"rated",' * (n == 0) + b'"good",' * (n > 0) + line
        for n, line in enumerate(content.splitlines(keepends=True))
    ),
    "jsonl": lambda content: content[:-2] + b',"rated":"good"}\n',
    "parquet": lambda content: changed(
        content, lambda rows: rows.append_column("rated", [["good"] * len(rows)])
    ),
}


def changed(content: bytes, change: Callable[[pa.Table], pa.Table]) -> bytes:
    """A file of Parquet, with other rows in it."""
    written = io.BytesIO()
    pq.write_table(change(pq.read_table(io.BytesIO(content))), written)
    return written.getvalue()


@pytest.mark.parametrize("form", FORMATS)
def test_a_column_more_is_named(form: str, out: Path) -> None:
    """Whoever loads the file would take it for the study's; one row that has it is enough."""
    content = (out / f"runs.{form}").read_bytes()
    forge_file(out, f"runs.{form}", ADDED[form](content))
    assert found(out) == [(Finding.FILE_UNREADABLE, f"runs.{form}")]


def test_a_value_that_stands_twice_is_named(out: Path) -> None:
    """Which of the two a program reads is its own business: some take the first."""
    content = (out / "messages.jsonl").read_bytes()
    forge_file(out, "messages.jsonl", content.replace(b'{"', b'{"content":"I did it","', 1))
    assert found(out) == [(Finding.FILE_UNREADABLE, "messages.jsonl")]


def test_a_moment_in_another_unit_is_another(out: Path) -> None:
    """The same digits in microseconds are in January 1970."""

    def early(rows: pa.Table) -> pa.Table:
        place = rows.schema.get_field_index("timestamp")
        moments = rows.column(place).cast(pa.int64()).cast(pa.timestamp("us", "UTC"))
        return rows.set_column(place, "timestamp", moments)

    forge_file(out, "messages.parquet", changed((out / "messages.parquet").read_bytes(), early))
    assert found(out) == [(Finding.FILE_UNREADABLE, "messages.parquet")]


@pytest.mark.parametrize("name", [f"messages.{name}" for name in FORMATS])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe{", b"PAR1", b'{"a": 1}\n', b"[1]\n{", b"a,b\n1\n"])
def test_a_file_that_cannot_be_read_is_named(name: str, content: bytes, out: Path) -> None:
    """Whatever stands in it, as long as the manifest agrees; the rest is looked at all the same."""
    forge_file(out, name, content)
    (out / "notes.txt").write_text("mine")
    (extra, unreadable) = found(out)
    assert extra == (Finding.FILE_EXTRA, "notes.txt")
    assert unreadable[1] == name
    assert unreadable[0] in {Finding.FILE_UNREADABLE, Finding.ROWS_CHANGED}


class Heard:
    """Hears how far a proof is."""

    def __init__(self) -> None:
        self.planned = 0
        self.begun: dict[str, int] = {}
        self.came = 0

    def stage(self, words: str) -> None:
        """A stage without rows."""

    def plan(self, rows: int) -> None:
        """All that will come."""
        self.planned += rows

    def begin(self, table: str, rows: int) -> None:
        """A file, or a table of the database."""
        self.begun[table] = rows

    def advance(self, rows: int) -> None:
        """So many came."""
        self.came += rows


def test_as_many_rows_are_heard_of_as_were_told_before(out: Path) -> None:
    """Once in each format; whoever waits sees how far it is."""
    heard = Heard()
    proof = prove(out, None, heard)
    tables = json.loads((out / "manifest.json").read_bytes())["tables"]
    assert heard.begun == {f"{t['name']}.{form}": t["rows"] for t in tables for form in t["files"]}
    assert heard.planned == heard.came == sum(heard.begun.values()) > 0
    assert (proof.found, proof.with_database, dict(proof.acts)) == ([], False, {})


# The manifest itself.


def test_a_folder_that_is_no_export_is_refused(tmp_path: Path) -> None:
    """The message says what is missing."""
    with pytest.raises(ExportError, match=r"manifest\.json"):
        verify_export(tmp_path, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda manifest: manifest["documents"].append({"path": "../../secret", "bytes": 1, "sha256": ""}),
            r"documents\.\d+\.path",  # a file of an export lies beside its manifest
        ),
        (lambda manifest: manifest.update(format_version=99), "format 99"),
        (lambda manifest: manifest["tables"][0].update(name="salaries"), "salaries"),
    ],
    ids=["elsewhere", "newer", "another table"],
)
def test_a_manifest_of_another_kind_is_refused(
    change: Callable[[dict[str, Any]], None], said: str, out: Path
) -> None:
    """With what is wrong with it."""
    forge(out, change)
    with pytest.raises(ExportError, match=said):
        verify_export(out, None)


def test_a_broken_manifest_is_refused(out: Path) -> None:
    """The message names the file."""
    (out / "manifest.json").write_text("{")
    with pytest.raises(ExportError, match=r"manifest\.json cannot be read"):
        verify_export(out, None)


def test_a_package_that_knows_no_such_table_is_refused(out: Path) -> None:
    """Also where the manifest agrees with it: what the columns mean stands nowhere then."""
    package = json.loads((out / "datapackage.json").read_bytes())
    package["resources"] = [one for one in package["resources"] if Path(one["path"]).stem != "messages"]
    forge_file(out, "datapackage.json", json.dumps(package).encode())
    with pytest.raises(ExportError, match="other columns"):
        verify_export(out, None)
