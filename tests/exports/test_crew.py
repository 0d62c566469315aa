"""Several processes write one export: of one moment, the same as one process writes."""

import multiprocessing
from pathlib import Path

import pytest

from exports import load
from exports.crew import workers_for
from exports.documents.manifest import PartitionedManifest
from exports.make import export
from exports.options import ExportOptions
from exports.progress import Silent
from exports.verify.prove import prove
from study.errors import ExportError
from tests.exports.seed import id_of
from tests.exports.test_snapshot import WhileItRuns

SOME = ExportOptions(tables=("messages", "threads", "revisions", "events"), include_deleted=True)


class KillsTheOther(WhileItRuns):
    """A progress that kills the other process when the writing begins, as the system does without memory."""

    def begin(self, table: str, rows: int) -> None:
        """Kill it."""
        (other,) = multiprocessing.active_children()
        other.kill()
        other.join()


class Counts(Silent):
    """A progress that keeps what it hears."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, int]] = []
        self.rows = 0

    def begin(self, table: str, rows: int) -> None:
        """Keep it."""
        self.begun.append((table, rows))

    def advance(self, rows: int) -> None:
        """Add them up."""
        self.rows += rows


def test_several_processes_have_one_line_that_ends_at_all_rows(sqlite_story: str, out: Path) -> None:
    """Tables go on beside each other: a line for each would be several half full."""
    heard = Counts()
    manifest = export(sqlite_story, out, options=SOME, progress=heard, workers=2)
    rows = sum(table.rows for table in manifest.tables)
    assert heard.begun == [("4 tables", rows)]
    assert heard.rows == rows


def test_two_processes_write_what_one_writes(shared_story_url: str, tmp_path: Path) -> None:
    """The same files, byte for byte, on both databases; only the snapshot's moment is another."""
    one = export(shared_story_url, tmp_path / "one", options=SOME)
    two = export(shared_story_url, tmp_path / "two", options=SOME, workers=2)
    assert two.tables == one.tables
    for table in one.tables:
        name = table.files["parquet"].path
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_an_export_by_two_processes_is_of_one_moment(story_url: str, out: Path) -> None:
    """Who writes while they do goes on, and is in no bucket, whoever reads it."""
    manifest = export(story_url, out, options=SOME, progress=WhileItRuns(story_url), partitions=4, workers=2)
    assert isinstance(manifest, PartitionedManifest)
    frames = load(out)
    for name in ("threads", "messages", "revisions"):
        assert not frames[name].isin([id_of("late thread"), id_of("late message")]).any().any()
    assert prove(out, None).found == []


def test_a_process_that_is_killed_ends_the_export_in_a_sentence(sqlite_story: str, out: Path) -> None:
    """Half an export is none: nothing is left behind, and no process."""
    with pytest.raises(ExportError, match="has ended, killed or out of memory"):
        export(sqlite_story, out, options=SOME, progress=KillsTheOther(sqlite_story), workers=2)
    assert list(out.parent.glob("*out*")) == []
    assert multiprocessing.active_children() == []


def test_a_small_study_is_written_by_one_process(shared_story_url: str) -> None:
    """A second would begin when the first has ended."""
    assert workers_for(shared_story_url) == 1
