import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exports.documents.manifest import Manifest
from exports.make import export
from exports.options import FORMATS, ExportOptions
from tests.exports.hard import guessed, hard
from tests.exports.story import story
from tests.postgres import PostgresServer


@pytest.fixture
def story_url(database_url: str) -> str:
    """A database with the story in it; on SQLite and on PostgreSQL."""
    story().write(database_url)
    return database_url


@pytest.fixture
def sqlite_story(sqlite_url: str) -> str:
    """The story on SQLite, for what cannot differ between the two."""
    story().write(sqlite_url)
    return sqlite_url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_story_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The story for all tests of a file that change nothing in it; on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("story") / "verbatim.db"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        url = f"sqlite+aiosqlite:///{path}"
        story().write(url)
        yield url
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        name = server.lend()
        story().write(server.url_of(name))
        yield server.url_of(name)
        server.take_back(name)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where an export goes to."""
    return tmp_path / "out"


def export_to(url: str, out: Path, **options: Any) -> Manifest:
    """Export with options by name."""
    return export(url, out, options=ExportOptions(**options))


@pytest.fixture(scope="module")
def hard_out(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An export of the words that break readers, and guessed.csv; the tests run where they lie."""
    folder = tmp_path_factory.mktemp("hard")
    shutil.copyfile(migrated_sqlite, folder / "verbatim.db")
    url = f"sqlite+aiosqlite:///{folder / 'verbatim.db'}"
    hard().write(url)
    export_to(url, folder / "out", formats=FORMATS)
    guessed(folder / "guessed.csv")
    with contextlib.chdir(folder):
        yield folder / "out"
