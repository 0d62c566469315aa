"""How SQLite finds the rows of each table: no other table is read from end to end for each of them."""

import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url

from exports.columns.scope import Scope
from exports.columns.table import ExportTable
from exports.options import ExportOptions
from exports.registry import TABLES
from tests.data_layer.rows import new_id
from tests.exports.seed import at

SCOPES = {
    "plain": Scope(),
    "with what was deleted": Scope(ExportOptions(include_deleted=True, include_identities=True)),
    "filtered": Scope(ExportOptions(agent="ELIZA", since=at(0), until=at(400))),
    "filtered, with what was deleted": Scope(ExportOptions(agent="ELIZA", include_deleted=True)),
    "of one participant": Scope(ExportOptions(participant=new_id())),
    "listed": Scope(ExportOptions(), (new_id(), new_id())),
}

ONCE = ("SCAN theirs LEFT-JOIN", SCOPES["of one participant"])


@pytest.fixture
def connection(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """An empty database, whose indices are there."""
    connection = sqlite3.connect(make_url(sqlite_url).database or "")
    yield connection
    connection.close()


def scans_in_a_loop(plan: list[tuple[int, int, str]]) -> list[str]:
    """Steps of a plan that read a whole table or index once for each row of another.

    Args:
        plan: Of EXPLAIN QUERY PLAN: a step's id, that of the one it stands in, and what it does.
    """
    inside = {step: (parent, detail) for step, parent, detail in plan}
    looped, begun = [], set[int]()
    for _, parent, detail in plan:
        if not re.match(r"(SCAN|SEARCH) ", detail):
            continue
        # json_each over the list that was asked for is no table.
        scans = detail.startswith("SCAN ") and "VIRTUAL TABLE" not in detail and detail != "SCAN CONSTANT ROW"
        if scans and (parent in begun or _is_correlated(parent, inside)):
            looped.append(detail)
        begun.add(parent)
    return looped


def _is_correlated(step: int, inside: dict[int, tuple[int, str]]) -> bool:
    while step in inside:
        step, detail = inside[step]
        if detail.startswith("CORRELATED"):
            return True
    return False


def plan_of(connection: sqlite3.Connection, statement: Any) -> list[tuple[int, int, str]]:
    """What SQLite would do."""
    compiled = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
    values = tuple(str(compiled.params[name]) for name in compiled.positiontup or ())
    rows = connection.execute(f"EXPLAIN QUERY PLAN {compiled}", values)
    return [(step, parent, detail) for step, parent, _, detail in rows]


def test_a_scan_for_each_row_is_seen(connection: sqlite3.Connection) -> None:
    """What these tests look for, they find."""
    asked = "SELECT (SELECT count(*) FROM threads WHERE title = participant_id) FROM participants"
    plan = [(a, b, d) for a, b, _, d in connection.execute(f"EXPLAIN QUERY PLAN {asked}")]
    assert scans_in_a_loop(plan) == []  # it depends on no row
    asked = "SELECT (SELECT count(*) FROM threads t WHERE t.title = p.source) FROM participants p"
    plan = [(a, b, d) for a, b, _, d in connection.execute(f"EXPLAIN QUERY PLAN {asked}")]
    assert [detail.split()[0] for detail in scans_in_a_loop(plan)] == ["SCAN"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
@pytest.mark.parametrize("scope", SCOPES.values(), ids=list(SCOPES))
def test_no_table_is_read_whole_for_each_row(
    connection: sqlite3.Connection, table: ExportTable, scope: Scope
) -> None:
    """Of any choice, for the export, for verify, and for the count before it."""
    for statement in (table.rows(scope), table.rows(scope, moments=True), table.count(scope)):
        looped = scans_in_a_loop(plan_of(connection, statement))
        # One participant's row is looked up, and what was counted of all of them is read once.
        assert [detail for detail in looped if (detail, scope) != ONCE] == []


def details_of(connection: sqlite3.Connection, name: str) -> list[str]:
    """What SQLite does to read a table of an export, as words."""
    table = next(one for one in TABLES if one.name == name)
    return [detail for _, _, detail in plan_of(connection, table.rows(SCOPES["plain"]))]


def test_steps_are_found_without_reading_messages(connection: sqlite3.Connection) -> None:
    """Messages lie in the same table, mostly more of them: an index says which rows are none."""
    assert details_of(connection, "steps")[0] == "SCAN steps USING INDEX ix_steps_living"


def test_a_prompt_is_known_to_be_sent_without_reading_all_calls(connection: sqlite3.Connection) -> None:
    """Calls are looked at by their prompt, until one stands."""
    found = details_of(connection, "prompts")
    assert "SEARCH llm_calls USING INDEX ix_llm_calls_prompt_hash (prompt_hash=?)" in found
    assert not [detail for detail in found if detail.startswith("SCAN llm_calls")]


def test_the_call_behind_a_message_is_looked_for_once(connection: sqlite3.Connection) -> None:
    """What was found in its thread is not looked for again by its id."""
    found = [detail for detail in details_of(connection, "messages") if "llm_calls" in detail]
    assert "SEARCH llm_calls USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN" in found
    assert not [detail for detail in found if "(llm_call_id=?)" in detail]
