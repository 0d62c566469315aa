"""Where the record shall be kept: an address or a folder, looked at before anything is opened."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from data_layer.database.address import is_postgresql, read_address
from data_layer.database.durable import make_folder
from study.errors import StartError

_SQLITE: Final = "sqlite+aiosqlite"
# Not measured: room for SQLite's log beside the database and for some hours of conversation. Below it
# a study would start and stop in its middle.
LEAST_FREE_BYTES: Final = 100_000_000


def checked_database(url: str) -> str:
    """Read the address of a database.

    Returns:
        It, without what stood around it.

    Raises:
        ValueError: It is none; what is wrong, as the end of a sentence that names the setting.
    """
    url = url.strip()
    if is_postgresql(url):
        read_address(url)
        return url
    scheme, _, rest = url.partition("://")
    if scheme == _SQLITE and rest.startswith("/") and rest.strip("/") not in ("", ":memory:"):
        return url
    if scheme.startswith("sqlite"):
        raise ValueError(
            "it must begin with sqlite+aiosqlite:/// and name a file, as sqlite+aiosqlite:///verbatim.db does"
        )
    raise ValueError("it is neither sqlite+aiosqlite:///path nor postgresql+asyncpg://...")


def checked_replica(url: str, database_url: str | None) -> str:
    """Read the address of a replica that researchers read from.

    Args:
        url: As it was pasted.
        database_url: Of the database that it replicates; None where that one is wrong itself.

    Returns:
        It, without what stood around it.

    Raises:
        ValueError: As of `checked_database`.
    """
    url = url.strip()
    if not is_postgresql(url):
        raise ValueError("it is not an address of PostgreSQL's")
    read_address(url)
    if database_url is not None and not is_postgresql(database_url):
        raise ValueError("the database is SQLite's, which has no replicas. Leave this setting out")
    return url


def sqlite_folder(url: str) -> Path | None:
    """The folder of the SQLite database behind a checked address, or None where it is PostgreSQL's."""
    scheme, _, path = url.partition(":///")
    return Path(path.partition("?")[0]).parent if scheme == _SQLITE else None


def make_writable(folder: Path, name: str, least_free_bytes: int = LEAST_FREE_BYTES) -> None:
    """Make a folder that the app writes to, and see that it can.

    Args:
        folder: Which.
        name: The variable that names it, for the repair.
        least_free_bytes: What its disk must have room for.

    Raises:
        StartError: It cannot be made or written to, or its disk is full.
    """
    try:
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StartError(
            f"The folder {folder} cannot be written to ({error.strerror}). "
            f"Give this account the right to, or name another folder in {name}."
        ) from error
    free = shutil.disk_usage(folder).free
    if free < least_free_bytes:
        raise StartError(
            f"The disk that holds {folder} is full: {free // 1_000_000} MB are free, "
            f"{least_free_bytes // 1_000_000} MB are needed. Free some, or name another folder in {name}."
        )


def existing(folder: Path) -> Path:
    """A folder, or the nearest above it that is there already: a data folder is made when it is needed."""
    whole = folder.absolute()
    return next(path for path in (whole, *whole.parents) if path.exists())
