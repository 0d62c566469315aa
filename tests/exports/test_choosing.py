import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from data_layer.database import schema
from data_layer.database.engine import open_database
from data_layer.database.text import search_words
from data_layer.writing.statements import Statements
from exports import load
from exports.choosing import CHOSEN_NAME
from exports.documents.manifest import read_manifest
from exports.options import ExportOptions, parse_where
from exports.preview import preview
from exports.verify.difference import Finding
from study.errors import ExportError
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.exports.seed import at, id_of

ADA, BOB, GONE = "Ada's thread", "Bob's thread", "Bob's deleted thread"
HOPE, OLGA = id_of("Hope"), id_of("Olga")


def run(work: Any) -> None:
    """Do something in a loop of its own: these tests are not asynchronous."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _coded(url: str) -> None:
    """Ada's thread bears the code Hope; a view is named after it; all that was said can be searched."""
    database = open_database(url)
    code = {"code_id": HOPE, "codebook_version": 9, "name": "Hope", "name_key": "hope", "colour": "blue"}
    by = {"researcher_id": OLGA, "author": "Olga", "created_at": at(20_000)}
    given = {"annotation_id": id_of("given"), "thread_id": id_of(ADA), "target": "thread", "code_id": HOPE}
    view = {"view_id": id_of("view"), "name": "Of hope", "query": {"code": HOPE}, "is_shared": True}
    index = Statements(database.engine.dialect).put_search
    async with database.engine.begin() as connection:
        await connection.execute(insert(schema.codes), [code | by])
        await connection.execute(insert(schema.annotations), [given | {"codebook_version": 9} | by])
        await connection.execute(insert(schema.saved_views), [view | by])
        for step in (await connection.execute(select(schema.steps))).mappings().all():
            if step["type"].endswith("message"):
                row = {"number": step["seq"], "words": " ".join(search_words(step["output"])), "owner": "x"}
                ids = {"kind": "message", "target_id": step["step_id"], "thread_id": step["thread_id"]}
                await connection.run_sync(index.execute, [row | ids])
    await database.close()


@pytest.fixture(scope="module")
def coded(shared_story_url: str) -> str:
    """The story, coded and searched; on SQLite and on PostgreSQL. Nothing is changed in it."""
    run(_coded(shared_story_url))
    return shared_story_url


def titles(url: str, out: Path, **options: Any) -> set[str]:
    """Which threads an export holds; verify repeats it, on the same database and without a word.

    The table of threads alone: what is chosen, each table asks by the same threads (test_scope.py).
    """
    export_to(url, out, **{"tables": ("threads",), **options})
    assert verify_export(out, url) == []
    return set(load(out, tables=["threads"])["threads"]["title"])


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"q": "third"}, {ADA}),
        ({"q": "question NOT third"}, {ADA}),
        ({"q": '"first question"'}, {ADA}),
        ({"q": '"question first"'}, set()),
        ({"q": "reply role:participant"}, set()),
        ({"q": "rep*"}, {ADA, BOB}),
        ({"q": "said OR notice"}, {ADA, BOB}),
        ({"title": "no such title"}, set()),
        ({"since": "2026-03-02", "until": "2026-03-02"}, {ADA, BOB}),
        ({"until": "2026-03-01"}, set()),
        ({"agent": "ELIZA"}, {BOB}),
        ({"state": "active"}, {ADA, BOB}),
        ({"participant": id_of("Ada")[:8]}, {ADA}),
        ({"least": "2"}, {ADA}),
        ({"most": "1"}, {BOB}),
        ({"rating": "down"}, {ADA}),
        ({"rating": "up"}, {ADA}),  # of a reply that was answered anew
        ({"error": "yes"}, {ADA}),
        ({"error": "no"}, {BOB}),
        ({"edited": "yes"}, {ADA}),
        ({"tag": "first"}, {ADA}),
        ({"model": "no-such-model"}, set()),
        ({"code": HOPE}, {ADA}),
        ({"code": "hope"}, {ADA}),
        ({"annotated": "no"}, {BOB}),
        ({"by": OLGA}, {ADA}),
        ({"assigned": "nobody"}, set()),
        ({"assigned": "anybody"}, {ADA, BOB}),
        ({"assigned": id_of("Rosa")}, {ADA, BOB}),
        ({"assigned": id_of("Rosa"), "coded": "done"}, {ADA}),  # Bob's, once done, was taken back
        ({"assigned": id_of("Rosa"), "coded": "open"}, {BOB}),
        ({"coded": "open"}, {BOB}),
        ({"q": "said", "agent": "Model"}, set()),
    ],
    ids=lambda value: "&".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_what_the_page_of_threads_knows_chooses_what_is_exported(
    where: dict[str, str], expected: set[str], coded: str, out: Path
) -> None:
    """Every field, by its name there; and verify finds the same threads again."""
    assert titles(coded, out, where=where) == expected


def test_deleted_threads_leave_when_they_are_asked_for(coded: str, out: Path) -> None:
    """With what has left the screen; without it the contradiction is told."""
    with pytest.raises(ExportError, match="--include-deleted"):
        export_to(coded, out, where={"deleted": "yes"})
    assert titles(coded, out, where={"deleted": "yes"}, include_deleted=True) == {GONE}


def test_a_view_chooses(coded: str, out: Path) -> None:
    """By its name, in whatever letters; what is named beside it narrows it."""
    assert titles(coded, out, view="of HOPE") == {ADA}
    assert read_manifest(out).filters.view == "of HOPE"


def test_a_view_is_narrowed(coded: str, out: Path) -> None:
    """Fields that are named stand over the view's."""
    assert titles(coded, out, view="Of hope", where={"error": "no"}) == set()


def test_a_list_chooses(coded: str, out: Path) -> None:
    """Those threads, in whatever order; the export holds the list."""
    assert titles(coded, out, threads=(id_of(BOB), id_of(ADA))) == {ADA, BOB}
    assert set((out / CHOSEN_NAME).read_text().split()) == {id_of(ADA), id_of(BOB)}
    assert read_manifest(out).chosen is not None


def test_a_list_and_a_filter_both_hold(coded: str, out: Path) -> None:
    """A thread must be on the list, and the filter must let it through."""
    assert titles(coded, out, threads=(id_of(BOB), id_of(ADA)), agent="ELIZA") == {BOB}
    assert (out / CHOSEN_NAME).read_text() == f"{id_of(BOB)}\n"


def test_everything_follows_a_listed_thread(coded: str, out: Path) -> None:
    """No table has a row of another thread, and no participant without one is there."""
    export_to(coded, out, threads=(id_of(BOB),))
    frames = load(out)
    for name, frame in frames.items():
        if "thread_id" in frame and name != "connections":
            assert set(frame["thread_id"]) <= {id_of(BOB)}, name
    assert frames["participants"]["participant_id"].tolist() == [id_of("Bob")]
    assert frames["connections"]["connection_id"].tolist() == [id_of("Bob's page")]


@pytest.mark.parametrize(
    ("options", "repair"),
    [
        ({"threads": (id_of("nobody's"),)}, "column thread_id"),
        ({"threads": ("1; DROP",)}, "no thread_id"),
        ({"view": "Of fear"}, "'Of hope'"),
        ({"where": {"code": "Fear"}}, "'Hope'"),
        ({"where": {"colour": "blue"}}, "Choose among: q, since"),
        ({"where": {"since": "yesterday"}}, "2026-03-02"),
        ({"where": {"q": "NOT hope"}}, "Write a word beside them"),
    ],
)
def test_what_is_not_there_is_refused(options: dict[str, Any], repair: str, coded: str, out: Path) -> None:
    """With what there is instead; nothing is left behind."""
    with pytest.raises(Exception, match=repair):
        export_to(coded, out, **options)
    assert not out.exists()


def test_a_code_that_is_given_later_changes_no_proof(story_url: str, out: Path) -> None:
    """The threads of an export are those that were found when it was made."""
    run(_coded(story_url))
    export_to(story_url, out, where={"annotated": "no"})

    async def coded_later() -> None:
        database = open_database(story_url)
        later = {"annotation_id": id_of("later"), "thread_id": id_of(BOB), "target": "thread"}
        by = {"researcher_id": OLGA, "author": "Olga", "created_at": datetime.now(UTC)}
        async with database.engine.begin() as connection:
            code = {"code_id": HOPE, "codebook_version": 9}
            await connection.execute(insert(schema.annotations), [later | code | by])
        await database.close()

    run(coded_later())
    assert {one.finding for one in verify_export(out, story_url)} == {Finding.NEWER}


def test_a_changed_list_is_found(coded: str, out: Path) -> None:
    """The manifest has its SHA-256, as of every file."""
    export_to(coded, out, threads=(id_of(BOB),))
    (out / CHOSEN_NAME).write_text(f"{id_of(ADA)}\n")
    assert {one.finding for one in verify_export(out, coded)} == {Finding.FILE_CHANGED}


def test_a_preview_counts_as_the_export_does(coded: str, out: Path) -> None:
    """Of each table as many rows, and the first rows of one as they will read."""
    options = ExportOptions(where={"code": "Hope"}, tables=("threads", "messages", "runs"))
    seen, *counted = preview(coded, options, show="messages", rows=3)
    manifest = export_to(coded, out, where={"code": "Hope"}, tables=("threads", "messages", "runs"))
    assert seen["threads"] == 1
    assert seen["tables"] == [table.name for table in manifest.tables]
    assert counted == [{"name": table.name, "rows": table.rows} for table in manifest.tables]
    written = load(out)["messages"]
    assert seen["shown"]["columns"] == list(written.columns)
    place = seen["shown"]["columns"].index("content")
    assert [row[place] for row in seen["shown"]["rows"]] == written["content"].tolist()[:3]
    assert seen["shown"]["rows"][0][seen["shown"]["columns"].index("is_current")] is True
    assert json.loads(json.dumps(seen)) == seen


def test_fields_are_written_as_in_the_address() -> None:
    """NAME=VALUE; a value may hold any sign, an empty one does not narrow."""
    assert parse_where(["q=a=b", "stopped=yes", "agent="]) == {"q": "a=b", "stopped": "yes"}
    with pytest.raises(ExportError, match="--where stopped=yes"):
        parse_where(["stopped"])
