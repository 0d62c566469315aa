"""SQL that both databases understand, and how it reaches their drivers without SQLAlchemy's rows.

An export reads each value once. SQLAlchemy's result processors would make a Python datetime or dictionary
of it, of which pyarrow would make text again: so the select is SQLAlchemy's, but the driver runs it.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer, Select, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class iso_text(GenericFunction[str]):
    """A moment as text, such as 2026-03-02T08:00:00.001Z."""

    type = Text()
    inherit_cache = True


class milliseconds_between(GenericFunction[int]):
    """Whole milliseconds from the first of two moments to the second."""

    type = BigInteger()
    inherit_cache = True


class is_listed(GenericFunction[bool]):
    """Whether a text is among the texts of a JSON list; one value, however long the list."""

    type = Boolean()
    inherit_cache = True


class place_of(GenericFunction[str]):
    """Where a row stands, by a column that names it: what a select found is joined without a second look.

    Each look into an index of random ids reads another page of the file.
    """

    type = Text()
    inherit_cache = True


@compiles(place_of, "sqlite")
def _row_number(element: Any, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    table, _, _ = str(compiler.process(column, **options)).rpartition(".")
    return f"{table}.rowid"


@compiles(place_of, "postgresql")
def _name(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


class rarely(GenericFunction[Any]):
    """A condition that few rows meet: SQLite then looks for an index that says which, and reads no others."""

    # As a Boolean it would be compared with 1, and SQLite would not see the condition in it.
    type = Integer()
    inherit_cache = True


@compiles(rarely, "sqlite")
def _unlikely(element: Any, compiler: Any, **options: Any) -> str:
    return f"unlikely({compiler.process(element.clauses, **options)})"


@compiles(rarely, "postgresql")
def _as_it_is(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(is_listed, "sqlite")
def _among_json(element: Any, compiler: Any, **options: Any) -> str:
    one, listed = (compiler.process(part, **options) for part in element.clauses)
    return f"{one} IN (SELECT value FROM json_each({listed}))"  # noqa: S608  # both are compiled SQL


@compiles(is_listed, "postgresql")
def _among_jsonb(element: Any, compiler: Any, **options: Any) -> str:
    one, listed = (compiler.process(part, **options) for part in element.clauses)
    return f"{one} IN (SELECT jsonb_array_elements_text(CAST({listed} AS jsonb)))"


@compiles(iso_text, "sqlite")
def _as_it_stands(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(iso_text, "postgresql")
def _formatted(element: Any, compiler: Any, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"to_char(({moment}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


@compiles(milliseconds_between, "sqlite")
def _julian(element: Any, compiler: Any, **options: Any) -> str:
    first, last = (compiler.process(part, **options) for part in element.clauses)
    # A Julian day in a double is exact to 0.04 ms, so that the rounded difference is right.
    return f"CAST(round((julianday({last}) - julianday({first})) * 86400000) AS INTEGER)"


@compiles(milliseconds_between, "postgresql")
def _epoch(element: Any, compiler: Any, **options: Any) -> str:
    first, last = (compiler.process(part, **options) for part in element.clauses)
    return f"CAST(round(extract(epoch FROM ({last}) - ({first})) * 1000) AS BIGINT)"


def compile_for(dialect: Dialect, statement: Select[Any]) -> tuple[str, list[Any]]:
    """Compile a select for its driver.

    Args:
        dialect: SQLAlchemy's, with positional parameters.
        statement: The select.

    Returns:
        The text, and the parameters as the driver takes them.
    """
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    parameters = []
    for name in getattr(compiled, "positiontup", None) or ():
        value = compiled.params[name]
        processor = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
        parameters.append(processor(value) if processor else value)
    return str(compiled), parameters
