import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from frictionless import Package, system

from exports.documents.codebook import CODEBOOK_COLUMNS
from exports.options import FORMATS
from exports.registry import TABLES
from tests.exports.conftest import export_to


def validated(out: Path) -> list[str]:
    """What Frictionless finds wrong with an export's data package and data."""
    with system.use_context(trusted=True):
        report = Package(str(out / "datapackage.json")).validate()
    problems: list[str] = [*(error.message for error in report.errors)]
    return problems + [error.message for task in report.tasks for error in task.errors]


def test_frictionless_finds_nothing_wrong(sqlite_story: str, out: Path) -> None:
    """Package and data: types, levels, required values, keys and foreign keys, bytes and hashes."""
    export_to(sqlite_story, out, formats=("csv",), include_deleted=True, include_identities=True)
    assert validated(out) == []


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_package_is_valid_in_every_format(format_name: str, sqlite_story: str, out: Path) -> None:
    """The description alone: Frictionless needs more packages to read JSON Lines and Parquet."""
    export_to(sqlite_story, out, formats=(format_name,))
    descriptor = json.loads((out / "datapackage.json").read_bytes())
    assert list(Package.metadata_validate(descriptor)) == []


def test_frictionless_finds_nothing_wrong_on_postgresql(postgres_url: str, out: Path) -> None:
    """The data are the same there; an empty study is valid too."""
    export_to(postgres_url, out, formats=("csv",))
    assert validated(out) == []


def test_frictionless_would_find_a_wrong_value(sqlite_story: str, out: Path) -> None:
    """The validation above is not blind: an unknown level is found."""
    export_to(sqlite_story, out, formats=("csv",))
    path = out / "messages.csv"
    path.write_bytes(path.read_bytes().replace(b'"assistant"', b'"assistent"', 1))
    assert any("assistent" in problem for problem in validated(out))


def test_every_file_is_described(sqlite_story: str, out: Path) -> None:
    """Each table in each format is a resource with a name of its own."""
    export_to(sqlite_story, out, formats=FORMATS)
    resources = json.loads((out / "datapackage.json").read_bytes())["resources"]
    assert len({resource["name"] for resource in resources}) == len(resources)
    data = {path.name for path in out.iterdir() if path.suffix[1:] in FORMATS} - {"codebook.csv"}
    assert {resource["path"] for resource in resources} == data


def test_the_package_of_some_tables_is_valid(sqlite_story: str, out: Path) -> None:
    """Foreign keys into tables that were not exported are left out."""
    export_to(sqlite_story, out, formats=("csv",), tables=("messages", "ratings"))
    assert validated(out) == []


def test_the_package_says_how_booleans_are_written(sqlite_story: str, out: Path) -> None:
    """In CSV as TRUE and FALSE, in the other formats as such."""
    export_to(sqlite_story, out, formats=FORMATS, tables=("messages",))
    resources = json.loads((out / "datapackage.json").read_bytes())["resources"]
    fields = {
        resource["format"]: next(one for one in resource["schema"]["fields"] if one["name"] == "is_current")
        for resource in resources
    }
    assert (fields["csv"]["trueValues"], fields["csv"]["falseValues"]) == (["TRUE"], ["FALSE"])
    assert not any("trueValues" in fields[name] for name in ("jsonl", "parquet"))
    assert b",TRUE," in (out / "messages.csv").read_bytes()


def test_the_codebook_has_a_line_a_column(sqlite_story: str, out: Path) -> None:
    """In the order of the header, with the number of missing values."""
    export_to(sqlite_story, out, include_identities=True, include_vectors=True)
    with (out / "codebook.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert tuple(lines[0]) == tuple(CODEBOOK_COLUMNS)
    headers = {table.name: pq.read_schema(out / f"{table.name}.parquet").names for table in TABLES}
    assert [(line["table"], line["column"]) for line in lines] == [
        (table, name) for table, names in headers.items() for name in names
    ]
    for table in TABLES:
        assert headers[table.name][: len(table.columns)] == [column.name for column in table.columns]
    missing = {line["column"]: line["missing"] for line in lines if line["table"] == "messages"}
    assert {line["required"] for line in lines} == {"TRUE", "FALSE"}
    assert (missing["parent_id"], missing["content"], missing["prompt_tokens"]) == ("2", "0", "8")


def test_the_codebook_reads_well(sqlite_story: str, out: Path) -> None:
    """One section a table, with its size."""
    export_to(sqlite_story, out, tables=("messages",))
    page = (out / "codebook.md").read_text(encoding="utf-8")
    assert "## messages" in page
    assert "9 rows" in page
    assert "| `content` | text, required |" in page
