from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data_layer import schema
from exports.codebook import markdown
from exports.options import ExportOptions
from exports.registry import TABLES, tables_for
from exports.scope import Scope
from exports.table import Table
from study.errors import ExportError
from tests.exports.conftest import export_to

ROOT = Path(__file__).resolve().parents[2]
EVERY_TABLE = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
# Kept for the app's own sake; each with the reason why it does not leave.
NOT_EXPORTED = {
    "journal_applied.entry_id": "which journal entries were replayed",
    "journal_applied.applied_at": "as above",
    "identities.value_key": "value, as the sign-in compares it",
    "threads.preview": "the end of the last message, for the sidebar",
    **{
        f"{table.name}.{column.name}": "how somebody comes in: it tells nothing of what is said"
        for table in (schema.sign_ins, schema.passwords, schema.researchers, schema.researcher_sessions)
        for column in table.c
    },
    **{
        f"audit_log.{column.name}": "who read what: for those who run the study, on its own page"
        for column in schema.audit_log.c
    },
    **{
        f"exports.{column.name}": "which exports were made: an export cannot hold itself"
        for column in schema.exports.c
    },
    **{
        f"{table.name}.{column.name}": "how researchers divide their work: it tells nothing of what is said"
        for table in (schema.coding_assignments, schema.saved_views)
        for column in table.c
    },
    "codes.name_key": "name, as two spellings of it are compared",
    "codes.author": "a researcher's name: their pseudonym stands for it",
    "annotations.author": "as above",
    "study_controls.researcher_id": "who of the researchers did it: it is in the audit log",
    "study_controls.author": "as above",
    "withdrawals.researcher_id": "who of the researchers did it: it is in the audit log",
    "withdrawals.leftovers": "what is still to be erased on the disk",
    "shares.token_hash": "with it the app knows a link again; it tells nothing",
    "threads.version": "order of the newest write, by which older ones are known",
    "steps.version": "as above",
    "steps.display": "how Chainlit's page draws it",
}


def sources(table: Table) -> set[str]:
    """The database columns that a table's columns come from."""
    words = " ".join(column.source for column in table.columns).replace(",", " ").split()
    return {word for word in words if "." in word}


def test_every_folder_is_registered() -> None:
    """A table's folder that is not in the registry would never be exported."""
    folders = {path.parent.name for path in (ROOT / "exports").glob("*/table.py")}
    assert folders == {table.name for table in TABLES}


def test_everything_that_is_kept_is_exported() -> None:
    """Each column of the database is the source of a column, or there is a reason why not."""
    kept = {f"{table.name}.{column.name}" for table in schema.metadata.sorted_tables for column in table.c}
    exported = set().union(*(sources(table) for table in TABLES))
    assert kept - exported == set(NOT_EXPORTED)


@EVERY_TABLE
def test_every_source_is_there(table: Table) -> None:
    """A column that says where it comes from says so rightly."""
    kept = {f"{one.name}.{column.name}" for one in schema.metadata.sorted_tables for column in one.c}
    assert sources(table) <= kept


@EVERY_TABLE
def test_every_column_has_one_expression(table: Table) -> None:
    """Names are unique, and the select gives them in the order of the header."""
    names = [column.name for column in table.columns]
    assert Counter(names).most_common(1)[0][1] == 1
    assert list(table.rows(Scope()).selected_columns.keys()) == names


@EVERY_TABLE
def test_required_columns_cannot_be_missing(table: Table) -> None:
    """What the codebook calls required is NOT NULL in the database, or derived."""
    columns = {f"{one.name}.{c.name}": c for one in schema.metadata.sorted_tables for c in one.c}
    required = {c.source for c in table.columns if c.required and not c.source.startswith("derived")}
    assert [source for source in required if columns[source].nullable] == []


@EVERY_TABLE
def test_every_column_is_described(table: Table) -> None:
    """A codebook without sentences is none."""
    assert [c.name for c in table.columns if not c.description.endswith(".")] == []


@EVERY_TABLE
def test_every_reference_is_to_a_column(table: Table) -> None:
    """What a column joins is there to be joined."""
    there = {f"{one.name}.{column.name}" for one in TABLES for column in one.columns}
    assert {reference for column in table.columns for reference in column.references} <= there


@EVERY_TABLE
def test_the_file_has_the_schema_of_the_columns(table: Table, sqlite_story: str, out: Path) -> None:
    """Types in Parquet are those that the columns say, whatever the rows are."""
    export_to(sqlite_story, out, tables=(table.name,), include_identities=table.personal)
    assert pq.read_schema(out / f"{table.name}.parquet").remove_metadata().equals(table.schema)


def test_identities_are_personal() -> None:
    """They are not among the tables of an export that does not ask for them."""
    assert "identities" not in {table.name for table in tables_for(ExportOptions())}
    with pytest.raises(ExportError, match="--tables identities --include-identities"):
        tables_for(ExportOptions(tables=("identities",)))


def test_the_page_about_tables_is_fresh() -> None:
    """docs/reference/tables.md holds what the columns say; cog writes it anew."""
    assert markdown() in (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
