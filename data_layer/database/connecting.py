"""Connecting to PostgreSQL, whether the server itself answers or a pooler that stands before it.

A pooler that gives each transaction another of the server's sessions (PgBouncer with pool_mode=transaction,
Supabase's port 6543, Neon's "-pooler" hosts) loses what a session keeps: a statement that was prepared in one
is not there in the next, or is another program's there. So behind one every statement goes without a name,
to be forgotten at once. That costs a message a statement, which is not asked of everybody: whoever is
connected to the server itself keeps statements.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import asyncpg
import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from data_layer.database.address import PostgresAddress

log = structlog.get_logger(__name__)

# A statement's name that is taken, or is not known: another session answers than the one that prepared it.
_ANOTHER_SESSION: Final = ("42P05", "26000")


# What asyncpg takes as an argument; the rest it reads from an address only.
_ARGUMENTS: Final = ("passfile", "service", "krbsrvname", "target_session_attrs")


class Connecting:
    """How connections of one engine are made.

    Args:
        address: Where to, and what is known of it.
        patience_s: Seconds for making one, where the address says nothing.

    Attributes:
        pooled: Whether a pooler answers; None before anybody has connected.
    """

    def __init__(self, address: PostgresAddress, patience_s: float) -> None:
        self._address = address
        self._timeout_s = address.timeout_s or patience_s
        self.pooled = address.pooled

    def listen(self, engine: AsyncEngine) -> None:
        """Make the engine connect so."""
        event.listen(engine.sync_engine, "do_connect", self._connect)
        event.listen(engine.sync_engine, "handle_error", self._notice)

    def arguments(self, *, pooled: bool) -> dict[str, Any]:
        """What asyncpg.connect() takes."""
        address = self._address
        hosts = [name for name, _ in address.hosts]
        ports = [port or 5432 for _, port in address.hosts]
        given: dict[str, Any] = {
            "host": hosts or None,
            # Without a host the driver looks for the socket of its own port, or the one of PGPORT.
            "port": ports or None,
            "user": address.user,
            "password": address.password,
            "database": address.database,
            "timeout": self._timeout_s,
            "server_settings": dict(address.session) or None,
            **_driver(address.driver),
        }
        return {name: value for name, value in given.items() if value is not None} | (
            {"statement_cache_size": 0} if pooled else {}
        )

    def _connect(self, dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> Any:
        """The engine's own address says nothing: all comes from ours."""
        if self.pooled is None:
            first = dialect.connect(**_for_sqlalchemy(self.arguments(pooled=True), pooled=True))
            try:
                self.pooled = first.run_async(_is_pooled)
            except BaseException as error:
                dialect.do_terminate(first)
                if isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError):
                    # A pooler lets in before its server does. As of any statement: with its SQLSTATE.
                    raise dialect.loaded_dbapi.OperationalError(str(error), error) from error
                raise
            if self.pooled:
                return first
            first.close()
        parameters.clear()
        parameters.update(_for_sqlalchemy(self.arguments(pooled=self.pooled), pooled=self.pooled))
        return None

    def _notice(self, context: Any) -> None:
        """A pooler has come between: whatever is connected is let go, and connected anew without names."""
        state = getattr(context.original_exception, "sqlstate", None)
        if state in _ANOTHER_SESSION and not self.pooled:
            log.warning("database_behind_a_pooler", statements="without names from now on")
            self.pooled = True
            context.is_disconnect = True


async def is_pooled(address: PostgresAddress, patience_s: float) -> bool:
    """Ask whether a pooler stands before the server that gives each transaction another session.

    Raises:
        PostgresError: The server does not let us in.
        OSError: It does not answer.
    """
    if address.pooled is not None:
        return address.pooled
    connection = await asyncpg.connect(**Connecting(address, patience_s).arguments(pooled=True))
    try:
        return await _is_pooled(connection)
    finally:
        await connection.close()


async def _is_pooled(connection: Any) -> bool:
    """The number to cancel a connection by is the answering process's own, or a pooler's invention.

    A pooler that gives each connection one session for as long as it lasts reads so too; statements without
    names do no harm there.
    """
    answers = await connection.fetchval("SELECT pg_backend_pid()")
    return bool(answers != connection.get_server_pid())


def _for_sqlalchemy(arguments: dict[str, Any], *, pooled: bool) -> dict[str, Any]:
    return arguments | ({"prepared_statement_cache_size": 0} if pooled else {})


def _driver(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Parameters that asyncpg takes as arguments, and those that it takes in an address only."""
    given = dict(parameters)
    arguments: dict[str, Any] = {name: given.pop(name) for name in _ARGUMENTS if name in given}
    if given.get("sslrootcert") == "system":
        # The default context: certificates of the machine, and the name must be right.
        return arguments | {"ssl": True}
    if given:
        arguments["dsn"] = "postgresql://?" + "&".join(f"{n}={quote(v, safe='')}" for n, v in given.items())
    return arguments
