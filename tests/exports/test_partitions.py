"""Exports cut into buckets by thread: the same rows, each bucket proved by itself."""

import itertools
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from data_layer.database import schema
from exports import load
from exports.__main__ import cli
from exports.documents.manifest import Manifest, PartitionedManifest, read_manifest
from exports.make import export
from exports.options import ExportOptions
from exports.partitions.buckets import Buckets
from exports.partitions.writing import root_of
from exports.verify.difference import Finding
from exports.verify.prove import prove
from study.errors import ExportError
from tests.exports.conftest import export_to
from tests.exports.forging import forge
from tests.exports.proving import verify_export
from tests.exports.seed import Seed, id_of
from tests.exports.test_verify import execute
from tests.exports.test_withdrawals import withdraw

ALL = ExportOptions(include_deleted=True, include_identities=True, include_vectors=True)
run = CliRunner()


def cut(url: str, out: Path, partitions: int, options: ExportOptions = ALL) -> PartitionedManifest:
    """Export in buckets."""
    manifest = export(url, out, options=options, partitions=partitions)
    assert isinstance(manifest, PartitionedManifest)
    return manifest


def bucket_of(name: str, partitions: int) -> int:
    """The bucket of a thread of the story."""
    return int(id_of(name)[:4], 16) * partitions // 16**4


@pytest.fixture(scope="module")
def many(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A study of forty threads, and events that are in none."""
    path = tmp_path_factory.mktemp("many") / "verbatim.db"
    shutil.copyfile(migrated_sqlite, path)
    seed = Seed()
    seed.participant("Ada")
    for number in range(40):
        seed.thread(f"thread {number}", "Ada", number)
        for place in range(3):
            seed.step(f"message {number} {place}", f"thread {number}", 10 * place + number, "user_message")
        seed.event(f"renamed {number}", "thread_renamed", number, thread_id=id_of(f"thread {number}"))
        seed.event(f"refused {number}", "refused", number, participant_id=id_of("Ada"))
    seed.write(f"sqlite+aiosqlite:///{path}")
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(scope="module")
def uncut(many: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same study as one file a table."""
    out = tmp_path_factory.mktemp("uncut") / "out"
    export_to(many, out)
    return out


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(partitions=st.integers(1, 256))
def test_any_number_of_buckets_holds_the_same_rows_in_the_same_order(
    partitions: int, many: str, uncut: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However a study is cut, each table has the rows that it has uncut, a thread's in the same order."""
    out = tmp_path_factory.mktemp("cut") / "out"
    names = ("threads", "messages", "events")
    cut(many, out, partitions, ExportOptions(tables=names))
    ours, theirs = load(out), load(uncut, tables=names)
    for name in names:
        by_thread = theirs[name].sort_values("thread_id", kind="stable", na_position="first")
        assert ours[name].equals(by_thread.reset_index(drop=True))
    shutil.rmtree(out)


def test_a_bucket_holds_its_threads_and_no_others(many: str, out: Path) -> None:
    """The bucket of a row is the first 16 bits of its thread's id, scaled; in no thread the first."""
    manifest = cut(many, out, 7)
    for table in manifest.partitioned:
        for one in table.buckets:
            ids = pq.read_table(out / one.path, columns=["thread_id"], partitioning=None)[0].to_pylist()
            assert len(ids) == one.rows
            assert {int((thread or "0000")[:4], 16) * 7 >> 16 for thread in ids} <= {one.bucket}


def test_all_of_an_export_in_buckets_is_proved(shared_story_url: str, out: Path) -> None:
    """Every table with all that a study can hold, on both databases, against the database too."""
    manifest = cut(shared_story_url, out, 3)
    assert manifest.format_version == 5
    assert {table.name for table in manifest.tables} >= {"participants", "prompts", "connections"}
    assert verify_export(out, shared_story_url) == []


def test_an_export_without_buckets_says_nothing_of_them(sqlite_story: str, out: Path) -> None:
    """Its format is the one before, its manifest has no word more."""
    manifest = export_to(sqlite_story, out)
    assert type(read_manifest(out)) is Manifest
    assert manifest.format_version == 4
    assert "partition" not in (out / "manifest.json").read_text()


def test_one_bucket_is_proved_anywhere(sqlite_story: str, out: Path, tmp_path: Path) -> None:
    """Whoever got the folders of one bucket, with manifest and data package, proves these alone."""
    run.invoke(cli, [str(out), "--partitions", "4", "--database", sqlite_story])
    bucket = bucket_of("Ada's thread", 4)
    elsewhere = tmp_path / "elsewhere"
    for path in out.glob(f"*/bucket=0{bucket}/*"):
        target = elsewhere / path.relative_to(out)
        target.parent.mkdir(parents=True)
        shutil.copyfile(path, target)
    for name in ("manifest.json", "datapackage.json"):
        shutil.copyfile(out / name, elsewhere / name)
    alone = ["verify", str(elsewhere), "--bucket", str(bucket)]
    assert run.invoke(cli, [*alone, "--files-only"]).exit_code == 0
    assert run.invoke(cli, [*alone, "--database", sqlite_story]).exit_code == 0
    assert run.invoke(cli, ["verify", str(elsewhere), "--files-only"]).exit_code == 14


def test_a_changed_bucket_is_named(sqlite_story: str, out: Path) -> None:
    """By its file; its neighbour alone is whole as before."""
    cut(sqlite_story, out, 2)
    bucket = bucket_of("Ada's thread", 2)
    changed = out / "messages" / f"bucket=0{bucket}" / "part-0.parquet"
    changed.write_bytes(changed.read_bytes()[:-1] + b"x")
    assert [one.where for one in verify_export(out, None)] == [f"messages/bucket=0{bucket}/part-0.parquet"]
    assert prove(out, None, bucket=1 - bucket).found == []


def test_rows_that_the_database_does_not_have_are_named_with_their_bucket(
    story_url: str, out: Path, tmp_path: Path
) -> None:
    """What somebody changed behind the record's back differs, and verify says in which bucket."""
    cut(story_url, out, 16)
    steps = schema.steps
    first = steps.c.step_id == id_of("first question")
    execute(story_url, steps.update().where(first).values(output="forged"))
    bucket = bucket_of("Ada's thread", 16)
    (wrong,) = (one for one in verify_export(out, story_url) if one.where == "messages")
    assert wrong.finding is Finding.DIFFERENT
    assert f"(bucket={bucket:02d})" in wrong.detail
    assert wrong.ids == (id_of("first question"),)
    assert prove(out, story_url, bucket=bucket).wrong
    assert not prove(out, story_url, bucket=(bucket + 1) % 16).wrong


def test_a_withdrawal_changes_its_buckets_alone(story_url: str, out: Path, tmp_path: Path) -> None:
    """Between two exports, in every table; the earlier one says whose rows it still holds."""
    earlier = cut(story_url, out, 8)
    withdraw(story_url, tmp_path, "Ada")
    later = cut(story_url, tmp_path / "later", 8)
    changed = {
        new.bucket
        for table, again in zip(earlier.partitioned, later.partitioned, strict=True)
        for old, new in zip(table.buckets, again.buckets, strict=True)
        # Events of no thread are in the first bucket: that she withdrew is one.
        if old.digest != new.digest and (table.name, new.bucket) != ("events", 0)
    }
    assert changed == {bucket_of("Ada's thread", 8)}
    proof = prove(out, story_url)
    assert not proof.wrong
    assert Finding.WITHDRAWN in {one.finding for one in proof.found}


def test_a_bucket_that_the_manifest_leaves_out_is_missed(sqlite_story: str, out: Path) -> None:
    """Nobody takes a bucket away by taking it out of the manifest too: the table's digest is over all."""
    cut(sqlite_story, out, 4)
    shutil.rmtree(out / "messages" / "bucket=03")

    def less(manifest: dict[str, Any]) -> None:
        table = next(one for one in manifest["partitioned"] if one["name"] == "messages")
        table["buckets"].pop()

    forge(out, less)
    assert "messages" in {one.where for one in verify_export(out, None)}


def test_the_digest_of_a_table_is_that_of_its_buckets(sqlite_story: str, out: Path) -> None:
    """SHA-256 over theirs, a line each: anybody can work it out."""
    for table in cut(sqlite_story, out, 5).partitioned:
        assert table.digest == root_of(one.digest for one in table.buckets)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--partitions", "257"], "--partitions 16"),
        (["--partitions", "0"], "--partitions 16"),
        (["--partitions", "4", "--format", "csv,parquet"], "Leave --format out"),
        (["--partitions", "4", "--format", "jsonl"], "Leave --format out"),
    ],
)
def test_what_cannot_be_cut_is_refused_in_a_sentence(
    wrong: list[str], said: str, sqlite_story: str, out: Path
) -> None:
    """With what to do instead; nothing is left behind."""
    done = run.invoke(cli, [str(out), *wrong, "--database", sqlite_story])
    assert done.exit_code == ExportError.exit_code
    assert said in done.output
    assert not out.exists()


def test_a_bucket_that_there_is_not_is_refused(sqlite_story: str, out: Path) -> None:
    """So is one of an export whose tables are whole."""
    cut(sqlite_story, out, 4)
    with pytest.raises(ExportError, match="no bucket 4"):
        prove(out, None, bucket=4)
    export_to(sqlite_story, out.with_name("whole"))
    with pytest.raises(ExportError, match="are whole"):
        prove(out.with_name("whole"), None, bucket=0)


def test_buckets_are_as_even_as_they_can_be() -> None:
    """Of all beginnings of an id each bucket has as many as any other, but for one."""
    for count in (1, 3, 100, 255, 256):
        begins = [int(Buckets(count).first_id(bucket), 16) for bucket in range(count)] + [16**4]
        sizes = {end - begin for begin, end in itertools.pairwise(begins)}
        assert max(sizes) - min(sizes) <= 1
