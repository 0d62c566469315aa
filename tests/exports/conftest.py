from pathlib import Path
from typing import Any

import pytest

from exports.make import export
from exports.manifest import Manifest
from exports.options import ExportOptions
from tests.exports.story import story


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


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where an export goes to."""
    return tmp_path / "out"


def export_to(url: str, out: Path, **options: Any) -> Manifest:
    """Export with options by name."""
    return export(url, out, options=ExportOptions(**options))
