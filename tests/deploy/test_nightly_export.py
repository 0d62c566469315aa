"""The nightly export as systemd would run it: by the unit's own command, without systemd."""

import asyncio
import configparser
import getpass
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.engine import open_database
from exports import load
from tests.exports.story import story

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
PLACE = "/srv/verbatim"


def unit(name: str) -> configparser.ConfigParser:
    """A unit, as its sections."""
    read = configparser.ConfigParser(interpolation=None, strict=True)
    read.optionxform = str  # type: ignore[assignment,method-assign]  # systemd minds capitals
    read.read(UNITS / name)
    return read


def command() -> list[str]:
    """What the service runs, with the Python of these tests."""
    words = shlex.split(unit("verbatim-export.service")["Service"]["ExecStart"])
    assert words[0] == f"{PLACE}/.venv/bin/python"
    return [sys.executable, *words[1:]]


def run(environment: dict[str, str], words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command where the service would, in the project's folder."""
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def exports_in(url: str) -> list[dict[str, Any]]:
    """The list of the room, the oldest first."""

    async def listed() -> list[dict[str, Any]]:
        database = open_database(url)
        query = select(schema.exports).order_by(schema.exports.c.created_at)
        async with database.engine.connect() as connection:
            rows = [dict(row) for row in (await connection.execute(query)).mappings()]
        await database.close()
        return rows

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, listed()).result()


@pytest.fixture
def environment(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    """The settings of a study with the story in it."""
    story().write(sqlite_url)
    settings = {"VERBATIM_DATABASE_URL": sqlite_url, "VERBATIM_DATA_DIR": str(tmp_path / "kept")}
    return {"PATH": os.environ["PATH"], **settings}


def test_the_service_makes_an_export(environment: dict[str, str], tmp_path: Path) -> None:
    """By its own command: whole, found by its date and as the latest, listed in the room, readable by one."""
    done = run(environment, command())
    assert done.returncode == 0, done.stderr
    (row,) = exports_in(environment["VERBATIM_DATABASE_URL"])
    links = tmp_path / "kept" / "exports" / "nightly"
    dated = links / f"{row['created_at']:%Y-%m-%d}"
    assert dated.stat().st_mode & 0o077 == 0
    assert len(load(links / "latest")["messages"]) == 9
    assert (row["state"], row["name"], row["researcher_id"]) == ("done", "nightly export", None)
    assert row["zip_sha256"] in done.stderr
    proved = run(environment, [sys.executable, "-m", "exports", "verify", str(dated)])
    assert proved.returncode == 0, proved.stderr


def test_so_many_nights_stay(environment: dict[str, str], tmp_path: Path) -> None:
    """Older ones go, files and links; who made them and when stays."""
    words = command()
    assert words[-2:] == ["--keep", "14"]
    for _ in range(3):
        done = run(environment, [*words[:-1], "2"])
        assert done.returncode == 0, done.stderr
    rows = exports_in(environment["VERBATIM_DATABASE_URL"])
    assert [row["deleted_at"] is None for row in rows] == [False, True, True]
    folder = tmp_path / "kept" / "exports"
    assert not (folder / rows[0]["export_id"]).exists()
    assert (folder / "nightly" / "latest").resolve() == (folder / rows[2]["export_id"]).resolve()


def test_a_night_that_fails_deletes_nothing(environment: dict[str, str]) -> None:
    """It ends with the code of an export that failed, says why, and the room's list says it too."""
    assert run(environment, command()).returncode == 0
    done = run(environment, [*command()[:-1], "1", "--view", "Of nothing"])
    assert done.returncode == 14
    assert "Of nothing" in done.stderr
    rows = exports_in(environment["VERBATIM_DATABASE_URL"])
    assert [(row["state"], row["deleted_at"]) for row in rows] == [("done", None), ("failed", None)]
    assert "Of nothing" in rows[1]["problem"]


def test_a_database_that_is_not_there_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    """By another code: the export is not to blame."""
    nowhere = f"sqlite+aiosqlite:///{tmp_path}/no/such.db"
    assert run(environment | {"VERBATIM_DATABASE_URL": nowhere}, command()).returncode == 16


def test_the_units_are_of_one_piece(tmp_path: Path) -> None:
    """The timer makes up for missed nights and spreads them; the service may write to the data folder only.

    Where systemd is on the machine it reads them as well.
    """
    timer, service = unit("verbatim-export.timer"), unit("verbatim-export.service")["Service"]
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Timer"]["RandomizedDelaySec"]
    assert service["WorkingDirectory"] == PLACE
    assert service["ReadWritePaths"] == f"{PLACE}/data"
    assert (service["ProtectSystem"], service["NoNewPrivileges"]) == ("strict", "yes")
    if shutil.which("systemd-analyze") is None:
        return
    for path in UNITS.iterdir():
        words = path.read_text().replace(f"{PLACE}/.venv/bin/python", sys.executable)
        words = words.replace("=verbatim\n", f"={getpass.getuser()}\n")
        (tmp_path / path.name).write_text(words)
    names = [str(tmp_path / path.name) for path in sorted(UNITS.iterdir())]
    read = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, timeout=60
    )
    ours = [line for line in read.stderr.splitlines() if "verbatim-export" in line]
    assert ours == []
