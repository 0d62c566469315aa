"""Annotations and codes leave as researchers made them; on both databases."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import update

from data_layer.database import schema
from exports import load
from exports.verify.difference import Finding
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.exports.seed import id_of
from tests.exports.test_verify import execute, found, now


@pytest.fixture(scope="module")
def standing(shared_story_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """What stands."""
    out = tmp_path_factory.mktemp("standing")
    export_to(shared_story_url, out)
    return load(out)


@pytest.fixture(scope="module")
def everything(shared_story_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """That, and what was taken away."""
    out = tmp_path_factory.mktemp("everything")
    export_to(shared_story_url, out, include_deleted=True)
    return load(out)


def named(frame: pd.DataFrame, name: str) -> Any:
    """The row of an annotation."""
    return frame.set_index("annotation_id").loc[id_of(name)]


def test_only_what_stands_leaves(
    standing: dict[str, pd.DataFrame], everything: dict[str, pd.DataFrame]
) -> None:
    """Neither what was taken away, nor what is on a message or a thread that left; with the option all."""
    gone = {"first note", "slip", "on what left", "on a deleted thread"}
    all_of_it, left = everything["annotations"], standing["annotations"]
    assert set(all_of_it["annotation_id"]) - set(left["annotation_id"]) == {id_of(name) for name in gone}
    assert named(all_of_it, "second note")["replaces"] == id_of("first note")


def test_who_was_to_code_what_leaves(
    standing: dict[str, pd.DataFrame], everything: dict[str, pd.DataFrame]
) -> None:
    """Each thread with its coders: what was taken back, what is done, and by which codebook."""
    tasks = standing["coding_tasks"]
    told = {
        (
            row.coder_id,
            row.thread_id,
            pd.notna(row.ended_at),
            row.codebook_version if pd.notna(row.finished_at) else None,
        )
        for row in tasks.itertuples(index=False)
    }
    adas, bobs = id_of("Ada's thread"), id_of("Bob's thread")
    rita, rosa = id_of("Rita"), id_of("Rosa")
    assert told == {
        (rita, adas, False, 3),
        (rosa, adas, False, 3),
        (rita, bobs, False, 3),
        (rosa, bobs, True, 3),
        (rosa, bobs, False, None),
    }
    assert pd.isna(tasks["codebook_version"]).sum() == 1
    assert pd.notna(tasks["reopened_at"]).sum() == 1
    assert set(standing["annotations"]["coder_id"]) == set(tasks["coder_id"])
    assert len(everything["coding_tasks"]) == len(tasks)


def test_a_task_that_was_taken_back_since_is_no_alarm(story_url: str, out: Path) -> None:
    """Verify knows by the row's own moment that it has moved on."""
    export_to(story_url, out)
    table = schema.coding_assignments
    execute(story_url, update(table).where(table.c.ended_at.is_(None)).values(ended_at=now()))
    assert found(verify_export(out, story_url)) == {(Finding.MOVED_ON, "coding_tasks")}


def test_what_is_done_or_not_since_is_no_alarm(story_url: str, out: Path) -> None:
    """Nor that it was taken back; what an export says of it without a trace in the record is."""
    export_to(story_url, out)
    table = schema.coding_assignments
    anew, done = (table.c.assignment_id == id_of(name) for name in ("anew", "Rita is to code Ada's thread"))
    execute(story_url, update(table).where(anew).values(finished_at=now(), codebook_version=4))
    taken_back = {"finished_at": None, "codebook_version": None, "reopened_at": now()}
    execute(story_url, update(table).where(done).values(**taken_back))
    assert found(verify_export(out, story_url)) == {(Finding.MOVED_ON, "coding_tasks")}
    execute(story_url, update(table).where(done).values(reopened_at=None))
    assert (Finding.DIFFERENT, "coding_tasks") in found(verify_export(out, story_url))


def test_each_says_what_it_is_on(standing: dict[str, pd.DataFrame]) -> None:
    """A thread, the message of a turn, the words of a span."""
    rows = standing["annotations"]
    assert named(rows, "on the thread")["target_id"] == id_of("Ada's thread")
    assert named(rows, "Rita's 2")["target_id"] == id_of("second question")
    span = named(rows, "on words")
    content = standing["messages"].set_index("message_id").loc[span["target_id"], "content"]
    assert content[span["start"] : span["end"]] == span["quote"] == "first"


def test_a_code_reads_as_it_did_when_it_was_given(standing: dict[str, pd.DataFrame]) -> None:
    """It was renamed before these; in `codes` are both names, and the version that retired the other."""
    assert named(standing["annotations"], "Rita's 1")["code"] == "Reliance"
    codes = standing["codes"].sort_values("codebook_version")
    assert list(codes["name"]) == ["Trust", "Doubt", "Reliance", "Doubt"]
    assert list(codes["retired_at"].notna()) == [False, False, False, True]


def test_nobodys_name_leaves(everything: dict[str, pd.DataFrame]) -> None:
    """Researchers are pseudonyms, as participants are."""
    for name in ("annotations", "codes"):
        told = everything[name].to_csv()
        assert not any(who in told for who in ("Rita", "Rosa", "Olga"))
    assert set(everything["annotations"]["coder_id"]) == {id_of("Rita"), id_of("Rosa")}


def test_a_note_leaves_as_it_was_written(standing: dict[str, pd.DataFrame]) -> None:
    """Character by character."""
    assert named(standing["annotations"], "on the thread")["note"] == "Changes her mind twice. 👩‍🔬"


def test_what_came_back_has_moved_on(story_url: str, out: Path) -> None:
    """After the export: verify says that it is newer, and not that the export is wrong."""
    export_to(story_url, out)
    table = schema.annotations
    back = update(table).values(deleted_at=None, deleted_by=None, returned_at=now())
    execute(story_url, back.where(table.c.annotation_id == id_of("first note")))
    assert found(verify_export(out, story_url)) == {(Finding.NEWER, "annotations")}
