"""The statements of a batch, built once for each of the two databases."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from sqlalchemy import Executable, Table, Update, bindparam, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.writing.prepared import Prepared

# Parameters of a WHERE bear it, so that they do not meet a column's own name in SET.
_KEY: Final = "b_"
# Of a thread's columns, those that summaries.py alone sets.
SUMMARY: Final = frozenset({"message_count", "turn_count", "preview", "opening"})


# Table, key columns, columns to set, and the column that must still be null, if any.
PatchShape: TypeAlias = tuple[str, frozenset[str], frozenset[str], str | None]


class Statements:
    """What a batch executes on one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect.name
        self._inserts: dict[tuple[str, frozenset[str]], Executable] = {}
        self._patches: dict[PatchShape, Executable] = {}
        self.put_thread = self._upsert(schema.threads, dialect, newer_only=True, but=SUMMARY)
        self.put_step = self._upsert(schema.steps, dialect, newer_only=True)
        self.put_revision = self._upsert(schema.step_revisions, dialect)
        self.put_intent = self._upsert(schema.intents, dialect)
        self.put_move = self._upsert(schema.intent_moves, dialect)
        self.put_search = Prepared(text(_PUT_SEARCH[dialect.name]), dialect)
        self.put_summary = Prepared(_put_summary(), dialect)
        self.move_run = Prepared(_move_run(), dialect)

    def insert(self, table: str, columns: frozenset[str] | None = None) -> Executable:
        """An insert that leaves a row alone whose key is there already."""
        target = schema.metadata.tables[table]
        key = (table, columns or frozenset(target.c.keys()))
        if key not in self._inserts:
            self._inserts[key] = self._dialect_insert(target).on_conflict_do_nothing()
        return self._inserts[key]

    def patch(self, shape: PatchShape) -> Executable:
        """An update of some columns of one row."""
        table, key, columns, while_null = cached = shape
        if cached not in self._patches:
            target = schema.metadata.tables[table]
            statement = update(target).values({c: bindparam(c) for c in sorted(columns)})
            for column in sorted(key):
                statement = statement.where(target.c[column] == bindparam(f"{_KEY}{column}"))
            if while_null is not None:
                statement = statement.where(target.c[while_null].is_(None))
            self._patches[cached] = statement
        return self._patches[cached]

    def _upsert(
        self, table: Table, dialect: Dialect, *, newer_only: bool = False, but: frozenset[str] = frozenset()
    ) -> Prepared:
        statement = self._dialect_insert(table)
        keys = [column.name for column in table.primary_key]
        values = {c.name: statement.excluded[c.name] for c in table.c if c.name not in {*keys, *but}}
        # A second process may have gone on with the row since it was loaded.
        where = table.c.version <= statement.excluded.version if newer_only else None
        upsert = statement.on_conflict_do_update(index_elements=keys, set_=values, where=where)
        return Prepared(upsert, dialect, table.c.keys())

    def _dialect_insert(self, table: Table) -> Any:
        return sqlite.insert(table) if self._dialect == "sqlite" else postgresql.insert(table)


_built: Final[dict[str, Statements]] = {}


def of_dialect(dialect: Dialect) -> Statements:
    """The statements for a dialect, built once a process."""
    name = f"{dialect.name}+{dialect.driver}"
    if name not in _built:
        _built[name] = Statements(dialect)
    return _built[name]


class RowQueue:
    """Rows for append-only tables, grouped into few statements without changing what they mean.

    Inserts of a batch go before its patches (a patch is never meant for a row that comes later);
    patches of one row keep their order; patches of different rows commute.
    """

    def __init__(self) -> None:
        self._inserts: dict[tuple[str, frozenset[str]], list[Row]] = defaultdict(list)
        self._patches: list[tuple[PatchShape, list[Row]]] = []
        self._place: dict[tuple[str, str], int] = {}

    def insert(self, table: str, row: Row) -> None:
        """Queue a row."""
        self._inserts[table, frozenset(row)].append(row)

    def patch(self, table: str, key: Row, changes: Row, while_null: str | None = None) -> None:
        """Queue a change of a row."""
        if not changes:
            return
        shape = (table, frozenset(key), frozenset(changes), while_null)
        row = {f"{_KEY}{name}": value for name, value in key.items()} | changes
        place = self._place.get((table, repr(sorted(key.items()))), 0)
        while place < len(self._patches) and self._patches[place][0] != shape:
            place += 1
        if place == len(self._patches):
            self._patches.append((shape, []))
        self._patches[place][1].append(row)
        self._place[table, repr(sorted(key.items()))] = place

    def grouped(self, statements: Statements) -> Iterator[tuple[Executable, list[Row]]]:
        """The statements, in order, with their rows."""
        for (table, columns), rows in self._inserts.items():
            yield statements.insert(table, columns), rows
        for shape, rows in self._patches:
            yield statements.patch(shape), rows


def _put_summary() -> Update:
    """What a thread says of its messages (summaries.py)."""
    threads = schema.threads
    return (
        update(threads)
        .where(threads.c.thread_id == bindparam("b_thread_id"))
        .values({name: bindparam(name) for name in SUMMARY})
    )


def _move_run() -> Update:
    """A run leaves the screen, or comes back."""
    runs = schema.runs
    return (
        update(runs)
        .where(runs.c.run_id == bindparam("b_run_id"))
        .values({name: bindparam(name) for name in ("deleted_at", "deleted_because", "branch")})
    )


_PUT_SEARCH: Final = {
    "sqlite": (
        "INSERT OR REPLACE INTO search_index (rowid, words, owner, kind, target_id, thread_id) "
        "VALUES (:number, :words, :owner, :kind, :target_id, :thread_id)"
    ),
    "postgresql": (
        "INSERT INTO search_index (number, words, owner, kind, target_id, thread_id) VALUES ("
        ":number, array_to_tsvector(array_remove(string_to_array(:words, ' '), '')), "
        ":owner, :kind, :target_id, :thread_id) "
        "ON CONFLICT (number) DO UPDATE SET words = excluded.words, owner = excluded.owner"
    ),
}
