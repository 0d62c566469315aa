"""The real processes among other accounts: what these can read of files, and in the list of processes."""

import asyncio
import csv
import gzip
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from bench.process import COMMANDS, ServerProcess, verbatim
from simulation.run import simulate
from study.dialogs import read_dialogs
from tests.fake_openai import FakeOpenAI, fake_openai_server
from tests.house.tree import ROOT
from tests.journeys.server import DIALOGS, make_study
from tests.postgres import PostgresServer

__all__ = ["fake_openai_server"]

pytestmark = pytest.mark.journey

OPEN: Final = 0o077
KEY: Final = "sk-" + "swordfish-Ab3dEfGh1jKlMnOpQrStUvWxYz"
PASSWORD: Final = "herring-und-Zimt-4711"
# As a careless shell, a container or a service manager starts things.
CARELESS: Final = ("sh", "-c", 'umask 000; exec "$0" "$@"')
MODEL_STUDY: Final = """\
id: private
title: "A model with a key"
contact: "ada@example.org"
welcome: "Hello."
agents:
  - {name: Assistant, kind: openai, model: small}
login: {mode: open}
"""


def careless(described: ServerProcess, log: Path, **settings: str) -> ServerProcess:
    """A server that is started with everything open."""
    return ServerProcess(
        (*CARELESS, *COMMANDS["serve"]),
        folder=described.folder,
        environment=described.environment | settings,
        log=log,
        ready_path="/login",
    )


def command(server: ServerProcess, *words: str) -> str:
    """One of ours with everything open; both its outputs."""
    done = subprocess.run(
        [*CARELESS, sys.executable, *words],
        cwd=server.folder,
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def modes(folder: Path) -> dict[str, int]:
    """What others may do with all that is below a folder."""
    found = (path for path in folder.rglob("*") if not path.is_symlink())
    return {str(path.relative_to(folder)): path.lstat().st_mode & OPEN for path in found}


@dataclass(frozen=True)
class World:
    """What is left of a day."""

    folder: Path
    made: dict[str, int]
    chainlits: int
    log: str
    sent: list[str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, fake_openai_server: FakeOpenAI) -> World:
    """An earlier version's data folder, a key with a line end, and every command that makes files."""
    folder = tmp_path_factory.mktemp("private")
    study, out, data = folder / "study", folder / "out", folder / "data"
    study.mkdir()
    (study / "study.yaml").write_text(MODEL_STUDY)
    out.mkdir()
    for name in ("cache/gzip/earlier.gz", "journal/failed.jsonl", "files/ab/file"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).touch()
    for path in (data, *data.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    fake_openai_server.reset()
    server = careless(
        verbatim(ROOT, data, study),
        folder / "server.log",
        OPENAI_API_KEY=f"{KEY}\r\n",
        OPENAI_BASE_URL=fake_openai_server.url,
    )
    with server:
        chainlits = (ROOT / ".files").stat().st_mode & OPEN
        asyncio.run(simulate(server.url, read_dialogs(DIALOGS)[:1], 1)).raise_for_errors()
        asked = urllib.request.Request(f"{server.url}/public/script.js", headers={"Accept-Encoding": "gzip"})
        gzip.decompress(urllib.request.urlopen(asked, timeout=10).read())
        command(server, "cli.py", "export", "nightly", "--format", "csv")
        command(server, "-m", "exports", str(out / "tables"), "--format", "csv", "--format", "jsonl")
        command(server, "cli.py", "backup", str(out / "backup"))
        command(server, "cli.py", "links", "--out", str(out / "links.csv"))
        made = modes(data) | modes(out)
    sent = [request.headers.get("authorization", "") for request in fake_openai_server.requests]
    return World(folder, made, chainlits, server.log.read_text(), sent)


def test_others_can_read_nothing_that_was_made(world: World) -> None:
    """Database and its logs, journal, cache, exports, zips, backup and links, by whatever umask."""
    wanted = {"verbatim.db", "verbatim.db-wal", "verbatim.db-shm", "secret", "exports/nightly", "links.csv"}
    wanted |= {"backup/manifest.json", "tables/messages.csv"}
    assert wanted <= set(world.made)
    assert any(name.endswith(".zip") for name in world.made)
    assert {name: oct(mode) for name, mode in world.made.items() if mode} == {}


def test_chainlits_folder_for_files_is_closed(world: World) -> None:
    """It makes one in the project's folder as soon as it is imported."""
    assert world.chainlits == 0


def test_what_stood_open_is_closed_and_the_folder_is_named(world: World) -> None:
    """At the start, with the repair for the folder, which may be shared on purpose."""
    assert world.made["journal/failed.jsonl"] == world.made["files/ab/file"] == 0
    assert "closed_to_other_accounts" in world.log
    assert f"chmod go= {world.folder / 'data'}" in world.log


def test_a_key_with_a_line_end_answers_and_is_nowhere(world: World) -> None:
    """The model gets the key alone; no file that was made, and no log, holds it."""
    assert set(world.sent) == {f"Bearer {KEY}"}
    with (world.folder / "out" / "tables" / "llm_calls.csv").open(encoding="utf-8") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["complete"] * len(world.sent)
    holding = [
        path for path in world.folder.rglob("*") if path.is_file() and b"swordfish" in path.read_bytes()
    ]
    assert holding == []


class Watch:
    """Reads the list of processes as every account can, many times a second."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            for place in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(place.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                except OSError:
                    continue  # It has ended.


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server of this module's own."""
    server = PostgresServer()
    yield server
    server.remove()


def test_the_databases_password_is_in_no_list_and_no_log(tmp_path: Path, postgres: PostgresServer) -> None:
    """Neither of our processes nor of PostgreSQL's own, when all works and when the database is gone."""
    name = postgres.make_database()
    url = postgres.url_of(name).replace("postgres@", f"postgres:{PASSWORD}@")
    study = make_study(tmp_path, words=4, delay_ms=0)
    server = verbatim(ROOT, tmp_path / "data", study, database_url=url)
    server.environment["PATH"] = f"{postgres.programs}:{os.environ['PATH']}"
    with Watch() as watch:
        said = command(server, "cli.py", "export", "nightly", "--format", "csv")
        said += command(server, "cli.py", "backup", str(tmp_path / "backup"))
    postgres.drop_database(name)
    for words in (("-m", "page.serve", "--port", "1"), ("-m", "exports", str(tmp_path / "out"))):
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=server.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode != 0
        said += done.stdout + done.stderr
    listed = "\n".join(watch.seen)
    assert "pg_dump" in listed
    assert "-m exports make" in listed
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()).decode(
        errors="replace"
    )
    for text in (listed, said, kept):
        assert "herring" not in text
        assert "Zimt" not in text
    assert url.partition("@")[0] not in listed
