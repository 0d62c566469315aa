"""The statements of a batch, built once for each of the two databases."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    ScalarSelect,
    Table,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.database.text import OPENING_LENGTH, PREVIEW_LENGTH
from study.vocabulary import MESSAGE_TYPES, StepType

# Parameters of a WHERE bear it, so that they do not meet a column's own name in SET.
_KEY: Final = "b_"
# What a message may begin with and nobody sees.
_SPACES: Final = " \t\r\n"


# Table, key columns, columns to set, and the column that must still be null, if any.
PatchShape: TypeAlias = tuple[str, frozenset[str], frozenset[str], str | None]


class Prepared:
    """A statement for whole rows of one table, handed to the driver as it is.

    SQLAlchemy lays out each row's parameters anew, which took a fifth of the writer's time with 27
    columns; the order of the columns and what each type does to a value are the same for all rows.
    The values stay bound: the text holds placeholders only.

    Args:
        statement: An insert or upsert of every column.
        table: The table.
        dialect: The connection's.
    """

    def __init__(self, statement: Any, table: Table, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=[column.name for column in table.c])
        self.sql = str(compiled)
        names = compiled.positiontup or []
        self._columns = [
            (name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names
        ]

    def values(self, row: Row) -> tuple[Any, ...]:
        """A row as the driver takes it."""
        return tuple([process(row[name]) if process else row[name] for name, process in self._columns])


class Statements:
    """What a batch executes on one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect.name
        self._inserts: dict[tuple[str, frozenset[str]], Executable] = {}
        self._patches: dict[PatchShape, Executable] = {}
        # Counts and previews are refresh_thread's alone.
        counts = frozenset({"message_count", "turn_count", "preview", "opening"})
        put_thread = self._upsert(schema.threads, newer_only=True, but=counts)
        put_step = self._upsert(schema.steps, newer_only=True)
        put_revision = self._upsert(schema.step_revisions)
        self.put_thread = Prepared(put_thread, schema.threads, dialect)
        self.put_step = Prepared(put_step, schema.steps, dialect)
        self.put_revision = Prepared(put_revision, schema.step_revisions, dialect)
        self.put_intent = Prepared(self._upsert(schema.intents), schema.intents, dialect)
        self.put_move = Prepared(self._upsert(schema.intent_moves), schema.intent_moves, dialect)
        self.put_search = text(_PUT_SEARCH[dialect.name])
        self.refresh_thread = _refresh_thread()
        self.last_words = _last_words()
        self.put_preview = _put_preview()
        self.move_run = _move_run()

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
        self, table: Table, *, newer_only: bool = False, but: frozenset[str] = frozenset()
    ) -> Executable:
        statement = self._dialect_insert(table)
        keys = [column.name for column in table.primary_key]
        values = {c.name: statement.excluded[c.name] for c in table.c if c.name not in {*keys, *but}}
        # A second process may have gone on with the row since it was loaded.
        where = table.c.version <= statement.excluded.version if newer_only else None
        upsert: Executable = statement.on_conflict_do_update(index_elements=keys, set_=values, where=where)
        return upsert

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


def _refresh_thread() -> Executable:
    """Count and preview are derived in the message's own transaction, so they can never drift.

    No database knows where a grapheme begins: where the preview is not all of a message, previews.py looks.
    """
    steps, threads = schema.steps, schema.threads
    thread_id: BindParameter[str] = bindparam("b_thread_id")
    standing = (steps.c.thread_id == thread_id) & steps.c.deleted_at.is_(None)
    # An IN list cannot be used for many rows at once.
    living = standing & _is_message()
    turns = standing & (steps.c.type == StepType.USER_MESSAGE.value)
    preview = _end_of_last(thread_id, PREVIEW_LENGTH)
    return (
        update(threads)
        .where(threads.c.thread_id == thread_id)
        .values(
            message_count=select(func.count()).where(living).scalar_subquery(),
            turn_count=select(func.count()).where(turns).scalar_subquery(),
            preview=func.coalesce(preview, ""),
            opening=func.coalesce(_opening_of_last(thread_id), ""),
        )
    )


def _last_words() -> Executable:
    """Of threads whose preview may have been cut, as much of the last message's end as is asked for."""
    threads = schema.threads
    return select(threads.c.thread_id, _end_of_last(threads.c.thread_id, bindparam("length"))).where(
        threads.c.thread_id.in_(bindparam("ids", expanding=True)),
        func.length(threads.c.preview) == PREVIEW_LENGTH,
    )


def _put_preview() -> Executable:
    threads = schema.threads
    of_thread = threads.c.thread_id == bindparam("b_thread_id")
    return update(threads).where(of_thread).values(preview=bindparam("preview"))


def _end_of_last(thread_id: ColumnElement[str], length: int | BindParameter[int]) -> ScalarSelect[str]:
    """The end of a thread's last living message."""
    words = schema.steps.c.output
    whole = func.length(words)
    end = func.substr(words, case((whole > length, whole - length + 1), else_=1))
    return _of_last(thread_id, end)


def _opening_of_last(thread_id: ColumnElement[str]) -> ScalarSelect[str]:
    """The beginning of a thread's last living message: the list would have to read it for each row."""
    words = func.ltrim(schema.steps.c.output, _SPACES)
    return _of_last(thread_id, func.substr(words, 1, OPENING_LENGTH))


def _of_last(thread_id: ColumnElement[str], part: ColumnElement[str]) -> ScalarSelect[str]:
    steps = schema.steps
    standing = (steps.c.thread_id == thread_id) & steps.c.deleted_at.is_(None)
    last = select(part).where(standing & _is_message()).order_by(steps.c.seq.desc()).limit(1)
    return last.scalar_subquery()


def _is_message() -> ColumnElement[bool]:
    return or_(*(schema.steps.c.type == kind.value for kind in MESSAGE_TYPES))


def _move_run() -> Executable:
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
