"""Bringing a database to the current schema."""

import io
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from data_layer.database.advisory_lock import AdvisoryLock
from data_layer.database.durable import make_folder
from data_layer.database.engine import Database, open_database, sqlite_path
from data_layer.database.faults import reason, repair
from data_layer.database.private import make_file
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
            make_folder(path.parent)
            # SQLite gives the files that it makes beside it the rights of this one.
            make_file(path)
        await upgrade_open(database)
    except (SQLAlchemyError, OSError) as error:
        known = repair(error) or (
            "Check that the address is right, that it is running, and that its folder can be written."
        )
        raise DatabaseError(
            f"The database at VERBATIM_DATABASE_URL cannot be opened: {reason(error)}. {known}"
        ) from error
    except CommandError as error:
        raise DatabaseError(
            f"The database was made by another Verbatim than this one ({error}). "
            "Install the version that made it, or restore a backup."
        ) from error
    finally:
        await database.close()


async def upgrade_open(database: Database) -> None:
    """The same on an open database. Of several that start at once one does it, and the others wait for it."""
    async with database.engine.begin() as connection:
        if database.dialect == "postgresql":
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({AdvisoryLock.MIGRATIONS})")
        await connection.run_sync(_run, command.upgrade, "head")


def _run(connection: Connection, action: Any, *arguments: str) -> None:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    config.attributes["connection"] = connection
    action(config, *arguments)
