"""Statements are compiled once for all of a process's tests, where each test has engines of its own.

An engine keeps what it compiled, under its dialect: each of thousands of tests would compile the same hundred
statements anew, in each of its three engines. What is kept here goes by what a dialect makes of a statement.
"""

from typing import Any, Final

from sqlalchemy import Connection, Dialect, Engine, event

# More than all the statements of a folder of tests; what comes then begins anew.
MOST: Final = 3_000
_Key = tuple[Any, ...]
_KEPT: Final[dict[_Key, Any]] = {}


class SharedStatements(dict[_Key, Any]):
    """What SQLAlchemy looks into before it compiles (`compiled_cache` of its execution options).

    Args:
        dialect: Of the engine that asks. Two that write SQL and values alike find each other's.
    """

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        serializer = getattr(dialect, "_json_serializer", None)
        self._alike = (type(dialect), dialect.paramstyle, dialect.server_version_info, serializer)

    def get(self, key: _Key, default: Any = None) -> Any:
        """What a statement became, with another dialect like it too."""
        return _KEPT.get((self._alike, *key[1:]), default)

    def __setitem__(self, key: _Key, compiled: Any) -> None:
        if len(_KEPT) >= MOST:
            _KEPT.clear()
        _KEPT[(self._alike, *key[1:])] = compiled


def share_statements() -> None:
    """Let each connection to SQLite find what those before it compiled.

    PostgreSQL's own test what prepared statements do; they keep their engines' ways.
    """
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execution_options(compiled_cache=SharedStatements(connection.dialect))
