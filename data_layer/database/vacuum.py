"""Writing SQLite's file anew, without what was ever freed in it."""

import sqlite3
from contextlib import closing
from typing import Final

from data_layer.database.engine import sqlite_path
from study.errors import DatabaseError

# A server that writes all the time lets it in between two commits.
_PATIENCE_S: Final = 60.0


def vacuum(url: str) -> tuple[int, int] | None:
    """Write the file anew, and cut off the log beside it. Who writes meanwhile waits, or goes to the journal.

    Args:
        url: The database's address.

    Returns:
        How many bytes the file had and has; None for PostgreSQL, which looks after itself.

    Raises:
        DatabaseError: It cannot be written, is locked for long, or the disk lacks room for a second copy.
    """
    path = sqlite_path(url)
    if path is None:
        return None
    if not path.is_file():
        raise DatabaseError(f"There is no database at {path}. Make it with: python cli.py migrate")
    before = path.stat().st_size
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise DatabaseError(
            f"{path} could not be written anew ({error}). It needs as much room again as the file has, and "
            "nobody who holds it for long: try again, or stop the server first."
        ) from error
    return before, path.stat().st_size
