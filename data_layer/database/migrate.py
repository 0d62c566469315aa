"""Bringing a database to the current schema."""

import io
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from data_layer.engine import Database, open_database, sqlite_path
from study.errors import DatabaseError


async def upgrade(url: str) -> None:
    """Make the tables, or bring them to head. Doing it twice does nothing.

    Args:
        url: The database's address.

    Raises:
        DatabaseError: It cannot be opened, or a newer Verbatim has made it.
    """
    path = sqlite_path(url)
    database = open_database(url)
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        await upgrade_open(database)
    except (SQLAlchemyError, OSError) as error:
        raise DatabaseError(
            f"The database at VERBATIM_DATABASE_URL cannot be opened: {_reason(error)}. "
            "Check that the address is right, that it is running, and that its folder can be written."
        ) from error
    except CommandError as error:
        raise DatabaseError(
            f"The database was made by another Verbatim than this one ({error}). "
            "Install the version that made it, or restore a backup."
        ) from error
    finally:
        await database.close()


async def upgrade_open(database: Database) -> None:
    """The same on an open database."""
    async with database.engine.begin() as connection:
        await connection.run_sync(_run, command.upgrade, "head")


async def current_matches(database: Database) -> bool:
    """Whether Alembic would change nothing: the migrations make what schema.py says."""
    async with database.engine.begin() as connection:
        try:
            await connection.run_sync(_run, command.check)
        except CommandError:
            return False
    return True


def _run(connection: Connection, action: Any, *arguments: str) -> None:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    action(config, *arguments)


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__
