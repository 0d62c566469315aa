"""PgBouncer of the tests: a pooler before the tests' PostgreSQL, as hosted databases have one."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.postgres import PostgresServer
from tests.programs import program

# Few sessions for many connections: each transaction meets those that others have left behind.
_INI: Final = """
[databases]
* = host={host} user=postgres

[pgbouncer]
listen_addr = {listen}
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
server_idle_timeout = 5
server_login_retry = 0.1
logfile = {folder}/log
pidfile =
{newer}
{tls}
"""
_TLS: Final = """
client_tls_sslmode = require
client_tls_key_file = {folder}/key.pem
client_tls_cert_file = {folder}/certificate.pem
"""


class PgBouncer:
    """A pooler over a Unix socket; every database of the server is there by its name.

    Args:
        server: What it stands before.
        certificate: Folder with key.pem and certificate.pem, where it takes encrypted connections alone, on a
            port of this machine.
    """

    def __init__(self, server: PostgresServer, certificate: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="verbatim-pgbouncer-"))
        self.folder.chmod(0o777)
        self.certificate = certificate
        self.port = 6432 if certificate is None else _free_port()
        for path in certificate.iterdir() if certificate else ():
            shutil.copy(path, self.folder)
            (self.folder / path.name).chmod(0o644)
        ini = self.folder / "pgbouncer.ini"
        ini.write_text(
            _INI.format(
                host=server.socket_folder,
                folder=self.folder,
                listen="" if certificate is None else "127.0.0.1",
                port=self.port,
                newer=_newer(),
                tls="" if certificate is None else _TLS.format(folder=self.folder),
            )
        )
        # It refuses to run as root; the server's own account may enter the folder of the server's socket.
        account = Path(server.socket_folder).stat().st_uid if os.geteuid() == 0 else None
        self._process = subprocess.Popen(
            [program("pgbouncer"), "-q", str(ini)],
            user=account,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()

    def url_of(self, database: str, query: str = "") -> str:
        """The address of a database of the server's, through the pooler."""
        return f"postgresql://postgres@/{database}?host={self.folder}&port={self.port}{query}"

    def tcp_url_of(self, database: str) -> str:
        """The same, by the port."""
        return f"postgresql://postgres@localhost:{self.port}/{database}"

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self) -> None:
        path = str(self.folder / f".s.PGSQL.{self.port}")
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with socket.socket(socket.AF_UNIX) as tried:
                if self._process.poll() is None and tried.connect_ex(path) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"pgbouncer did not start: {(self.folder / 'log').read_text()}")


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def _newer() -> str:
    """From 1.21 on it may follow statements by their names; here it shall not, as where that is off."""
    told = subprocess.run([program("pgbouncer"), "--version"], capture_output=True, text=True, check=True)
    version = re.search(r"(\d+)\.(\d+)", told.stdout)
    assert version is not None, told.stdout
    return "max_prepared_statements = 0" if (int(version[1]), int(version[2])) >= (1, 21) else ""
