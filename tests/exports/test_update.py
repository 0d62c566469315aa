"""Bringing an export in buckets up to date: what has not changed stays, byte for byte."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from exports import load
from exports.__main__ import cli
from exports.documents.manifest import PartitionedManifest
from exports.make import export, update
from exports.options import ExportOptions
from exports.verify.prove import prove
from study.errors import ExportError
from tests.exports.conftest import export_to
from tests.exports.seed import Seed, id_of
from tests.exports.test_partitions import bucket_of, cut
from tests.exports.test_withdrawals import withdraw

SOME = ExportOptions(tables=("messages", "revisions", "events"), include_deleted=True)
run = CliRunner()


def files_of(out: Path) -> dict[str, tuple[int, bytes]]:
    """Each bucket's file: which it is on the disk, and what it holds."""
    found = {path.relative_to(out).as_posix(): path for path in out.glob("*/bucket=*/*")}
    return {name: (path.stat().st_ino, path.read_bytes()) for name, path in found.items()}


def rewritten(before: dict[str, tuple[int, bytes]], out: Path) -> set[str]:
    """The files that are others now; what one holds is kept with it."""
    after = files_of(out)
    assert after.keys() == before.keys()
    return {name for name in after if after[name] != before[name]}


def test_a_withdrawal_rewrites_its_buckets_alone(sqlite_story: str, out: Path, tmp_path: Path) -> None:
    """Nothing of the participant is left in the folder; the other buckets are the same files."""
    cut(sqlite_story, out, 8)
    before = files_of(out)
    withdraw(sqlite_story, tmp_path, "Ada")
    manifest = update(sqlite_story, out)
    bucket = bucket_of("Ada's thread", 8)
    assert {name.split("/")[1] for name in rewritten(before, out) - {"events/bucket=00/part-0.parquet"}} == {
        f"bucket=0{bucket}"
    }
    assert manifest.withdrawals == 1
    assert prove(out, sqlite_story).found == []
    assert not load(out)["messages"]["participant_id"].isin([id_of("Ada")]).any()
    assert [path.name for path in out.parent.iterdir() if "before-update" in path.name] == []


def test_new_words_rewrite_their_bucket_alone(sqlite_story: str, out: Path) -> None:
    """Only tables and buckets with new rows are written; several updates follow each other."""
    cut(sqlite_story, out, 16, SOME)
    for number in range(2):
        before = files_of(out)
        seed = Seed()
        seed.step(f"another {number}", "Ada's thread", 900 + number, "user_message")
        seed.write(sqlite_story)
        update(sqlite_story, out)
        bucket = bucket_of("Ada's thread", 16)
        assert rewritten(before, out) == {
            f"{table}/bucket={bucket:02d}/part-0.parquet" for table in ("messages", "revisions")
        }
        assert prove(out, sqlite_story).found == []


def test_a_broken_bucket_is_not_kept(sqlite_story: str, out: Path) -> None:
    """What is not the file that the manifest says is written anew."""
    cut(sqlite_story, out, 4, SOME)
    bucket = bucket_of("Ada's thread", 4)
    broken = out / "messages" / f"bucket=0{bucket}" / "part-0.parquet"
    broken.write_bytes(broken.read_bytes()[:-1] + b"x")
    update(sqlite_story, out)
    assert prove(out, sqlite_story).found == []


def test_a_choice_of_threads_stays(sqlite_story: str, out: Path, tmp_path: Path) -> None:
    """A list is taken as it stands, also when one of its threads was withdrawn."""
    listed = (id_of("Ada's thread"), id_of("Bob's thread"))
    export(
        sqlite_story, out, options=ExportOptions(threads=listed, tables=("messages", "runs")), partitions=4
    )
    withdraw(sqlite_story, tmp_path, "Ada")
    manifest = update(sqlite_story, out)
    assert manifest.chosen is not None
    assert set(load(out)["messages"]["thread_id"]) == {id_of("Bob's thread")}
    assert not prove(out, sqlite_story).wrong


def test_an_update_that_fails_leaves_the_export_as_it_was(sqlite_story: str, out: Path) -> None:
    """It stands until another is whole."""
    cut(sqlite_story, out, 4, SOME)
    before = files_of(out)
    done = run.invoke(cli, [str(out), "--update", "--database", "sqlite+aiosqlite:///nowhere.db"])
    assert done.exit_code == 16
    assert rewritten(before, out) == set()
    assert list(out.parent.glob(".out*")) == []
    assert prove(out, sqlite_story).found == []


def test_one_that_was_killed_between_the_renames_is_brought_back(sqlite_story: str, out: Path) -> None:
    """It is found under its hidden name."""
    cut(sqlite_story, out, 4, SOME)
    out.rename(out.with_name(".out.before-update"))
    assert isinstance(update(sqlite_story, out), PartitionedManifest)
    assert prove(out, sqlite_story).found == []


def test_an_update_changes_no_choice(sqlite_story: str, out: Path) -> None:
    """Other options are refused in a sentence, and so is an export whose tables are whole, or none."""
    cut(sqlite_story, out, 4, SOME)
    done = run.invoke(cli, [str(out), "--update", "--agent", "Model", "--database", sqlite_story])
    assert done.exit_code == ExportError.exit_code
    assert "Leave the other options out" in done.output
    assert run.invoke(cli, [str(out), "--update", "--database", sqlite_story]).exit_code == 0
    export_to(sqlite_story, out.with_name("whole"))
    with pytest.raises(ExportError, match="are whole"):
        update(sqlite_story, out.with_name("whole"))
    with pytest.raises(ExportError, match="not an export"):
        update(sqlite_story, out.with_name("none"))
    assert not out.with_name("none").exists()
