import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.dialects import sqlite

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind, stored_schema
from exports.columns.scope import Scope
from exports.columns.table import ExportTable
from exports.documents.codebook import markdown
from exports.documents.datapackage import columns_in
from exports.options import ExportOptions
from exports.registry import TABLES, tables_for
from study.errors import ExportError
from tests.exports.conftest import export_to

ROOT = Path(__file__).resolve().parents[2]
# What stands on the screen, and all that was ever kept.
SCOPES = (Scope(), Scope().everything)
EVERY_TABLE = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
# Kept for the app's own sake; each with the reason why it does not leave.
NOT_EXPORTED = {
    "journal_applied.entry_id": "which journal entries were replayed",
    "journal_applied.applied_at": "as above",
    **{
        f"processes.{column.name}": "which batches are in: for a commit whose answer was lost"
        for column in schema.processes.c
    },
    "runs.process_id": "whose it was to end: it tells nothing of what is said",
    "connections.process_id": "as above",
    "identities.value_key": "value, as the sign-in compares it",
    "threads.open_form_id": "which form is open: it is the one whose forms.state says so",
    "threads.opening": "the beginning of the last message, for the list",
    "threads.preview": "the end of the last message, for the sidebar",
    **{
        f"{table.name}.{column.name}": "how somebody comes in: it tells nothing of what is said"
        for table in (
            schema.sign_ins,
            schema.keyed_requests,
            schema.guesses,
            schema.passwords,
            schema.researchers,
            schema.researcher_sessions,
            schema.researcher_tokens,
        )
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
        for table in (schema.saved_views,)
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
    **{
        f"tool_decisions.{column.name}": "that nothing is done twice; calls and what came of them are steps"
        for column in schema.tool_decisions.c
    },
    **{
        f"tool_records.{column.name}": "a tool's own notes; what they came to is in the results of its calls"
        for column in schema.tool_records.c
    },
    "threads.version": "order of the newest write, by which older ones are known",
    "steps.version": "as above",
    "steps.display": "how Chainlit's page draws it",
    **{
        f"freezes.{column.name}": "what was frozen lies beside study.yaml, as freeze.json"
        for column in schema.freezes.c
    },
    "assignments.assignment_id": "a row of the ledger is named by its number",
    "assignments.living": "whether it is the newest row of its place: the rows say so",
    "ledgers.seed_id": "which seed: its hash stands there",
    "seeds.seed_id": "as above",
    "seeds.study_id": "its ledgers say it",
    "seeds.seed": "it leaves as a file of its own, once the study has ended",
    "seeds.created_at": "when it was drawn: before its first ledger",
    "participations.visit": "which page they stand at: it is the last of stage_visits",
    "participations.attempt": "as above",
    "participations.entered_at": "as above",
    "participations.place": "what happened last to their place: the ledger says it",
    "participations.seen_at": "when they were last there, for who comes back",
}


def names_in(source: str) -> set[str]:
    """The database columns that a column's source names."""
    return set(source.removeprefix("derived from: ").split(", "))


def sources(table: ExportTable) -> set[str]:
    """The database columns that a table's columns come from."""
    return set().union(*(names_in(column.source) for column in table.columns))


def sql_of(expression: ColumnElement[Any]) -> str:
    """A select of an expression alone, as SQLite reads it."""
    return str(select(expression).compile(dialect=sqlite.dialect()))


def read_in_sql(expression: ColumnElement[Any]) -> set[str]:
    """The database columns that the SQL of an expression names."""
    sql = sql_of(expression)
    tables = {name: name for name in schema.metadata.tables}
    tables |= {alias: name for name, alias in re.findall(r"(\w+) AS (\w+)", sql) if name in tables}
    # What a select within is called is no table.
    read = re.findall(r'(\w+)\."?(\w+)"?', sql)
    return {f"{tables[name]}.{column}" for name, column in read if name in tables}


def test_every_table_is_registered() -> None:
    """A file or folder of exports/tables that is not in the registry would never be exported."""
    names = {path.stem for path in (ROOT / "exports" / "tables").glob("[!_]*")}
    assert names == {table.name for table in TABLES}


def test_everything_that_is_kept_is_exported() -> None:
    """Each column of the database is the source of a column, or there is a reason why not."""
    kept = {f"{table.name}.{column.name}" for table in schema.metadata.sorted_tables for column in table.c}
    exported = set().union(*(sources(table) for table in TABLES))
    assert kept - exported == set(NOT_EXPORTED)


@EVERY_TABLE
def test_every_source_is_there(table: ExportTable) -> None:
    """A column that says where it comes from says so rightly."""
    kept = {f"{one.name}.{column.name}" for one in schema.metadata.sorted_tables for column in one.c}
    assert sources(table) <= kept


@EVERY_TABLE
def test_every_source_is_what_the_select_reads(table: ExportTable) -> None:
    """Where a column says that it comes from is what stands in the SQL of its values, no more and no less."""
    said = {column.name: names_in(column.source) for column in table.columns}
    assert said == {
        column.name: set().union(*(read_in_sql(column.expression(scope)) for scope in SCOPES))
        for column in table.columns
    }


@EVERY_TABLE
def test_a_source_that_is_worked_out_is_called_derived(table: ExportTable) -> None:
    """And no other: a column that has a database column's values as they stand names that column alone."""
    plain = re.compile(r"SELECT (\w+)\.\"?(\w+)\"? *\nFROM \1")
    for column in table.columns:
        found = {
            match and ".".join(match.groups())
            for match in (plain.fullmatch(sql_of(column.expression(scope))) for scope in SCOPES)
        }
        if column.source.startswith("derived from: "):
            assert found == {None} or len(found) > 1
        else:
            assert found == {column.source}


@pytest.mark.parametrize("given", [{}, {"value": None}, {"value": "runs.agent"}], ids=repr)
def test_a_column_without_an_expression_cannot_be_made(given: dict[str, Any]) -> None:
    """Nor one that says in words where it comes from."""
    with pytest.raises(TypeError, match="value"):
        Column("agent", Kind.TEXT, "The agent that ran.", **given)


def test_a_column_that_reads_nothing_has_no_source() -> None:
    """The same value in every row would come from nowhere."""
    with pytest.raises(ValueError, match="agent reads nothing"):
        _ = Column("agent", Kind.TEXT, "The agent that ran.", value=literal("Model")).source


@EVERY_TABLE
def test_every_column_has_one_expression(table: ExportTable) -> None:
    """Names are unique, and the select gives them in the order of the header."""
    names = [column.name for column in table.columns]
    assert Counter(names).most_common(1)[0][1] == 1
    assert list(table.rows(Scope()).selected_columns.keys()) == names


@EVERY_TABLE
def test_required_columns_cannot_be_missing(table: ExportTable) -> None:
    """What the codebook calls required is NOT NULL in the database, or derived."""
    columns = {f"{one.name}.{c.name}": c for one in schema.metadata.sorted_tables for c in one.c}
    required = {c.source for c in table.columns if c.required and not c.source.startswith("derived")}
    assert [source for source in required if columns[source].nullable] == []


@EVERY_TABLE
def test_every_column_is_described(table: ExportTable) -> None:
    """A codebook without sentences is none."""
    assert [c.name for c in table.columns if not c.description.endswith(".")] == []


@EVERY_TABLE
def test_every_reference_is_to_a_column(table: ExportTable) -> None:
    """What a column joins is there to be joined."""
    there = {f"{one.name}.{column.name}" for one in TABLES for column in one.columns}
    assert {reference for column in table.columns for reference in column.references} <= there


@EVERY_TABLE
def test_the_file_has_the_schema_of_the_columns(table: ExportTable, sqlite_story: str, out: Path) -> None:
    """Types in Parquet are those that the columns say, whatever the rows are."""
    export_to(sqlite_story, out, tables=(table.name,), include_identities=table.personal)
    # What comes of other tables may have more, which their rows say.
    more = columns_in(out)[table.name][len(table.columns) :]
    assert table.derive is not None or not more
    said = stored_schema((*table.columns, *more))
    assert pq.read_schema(out / f"{table.name}.parquet").remove_metadata().equals(said)


def test_identities_are_personal() -> None:
    """They are not among the tables of an export that does not ask for them."""
    assert "identities" not in {table.name for table in tables_for(ExportOptions())}
    with pytest.raises(ExportError, match="--tables identities --include-identities"):
        tables_for(ExportOptions(tables=("identities",)))


def test_the_page_about_tables_is_fresh() -> None:
    """docs/reference/tables.md holds what the columns say; cog writes it anew."""
    assert markdown() in (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
