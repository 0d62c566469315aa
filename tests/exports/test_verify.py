import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, delete, insert, update

from data_layer.database import schema
from data_layer.database.engine import open_database
from exports import load
from exports.options import FORMATS
from exports.verify.difference import Difference, Finding
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.exports.seed import FINGERPRINT, Seed, id_of, order
from tests.exports.story import story

steps, threads, ratings, runs = schema.steps, schema.threads, schema.ratings, schema.runs


def execute(url: str, *statements: Executable) -> None:
    """Change a database behind the app's back."""

    async def executed() -> None:
        database = open_database(url)
        async with database.engine.begin() as connection:
            for statement in statements:
                await connection.execute(statement)
        await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, executed()).result()


def message(name: str) -> Any:
    """The condition for one step."""
    return steps.c.step_id == id_of(name)


def now() -> datetime:
    """This moment, as the app would take it."""
    return datetime.now(UTC)


def found(differences: list[Difference]) -> set[tuple[Finding, str]]:
    """What was found, and where."""
    return {(one.finding, one.where) for one in differences}


@pytest.fixture
def exported(story_url: str, out: Path) -> str:
    """The story's address; it was exported to `out`."""
    export_to(story_url, out)
    return story_url


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"include_deleted": True, "include_identities": True},
        {"agent": "ELIZA"},
        {"participant": id_of("Ada"), "include_deleted": True},
        {"tables": ("messages", "ratings")},
    ],
)
def test_an_export_that_nobody_touched_is_whole(
    options: dict[str, Any], shared_story_url: str, out: Path
) -> None:
    """Whatever was asked for: nothing is found, and every id joins."""
    export_to(shared_story_url, out, formats=FORMATS, **options)
    assert verify_export(out, shared_story_url) == []


def test_an_export_of_nothing_is_whole(database_url: str, out: Path) -> None:
    """An empty study verifies as well."""
    export_to(database_url, out, formats=FORMATS)
    assert verify_export(out, database_url) == []


# The manifest against the database: what nobody may do.


def test_a_word_changed_in_the_database_is_named(exported: str, out: Path) -> None:
    """A row that differs without having been written anew is not a study that has gone on."""
    execute(exported, update(steps).where(message("first reply")).values(output="worst reply"))
    differences = [one for one in verify_export(out, exported) if one.where == "messages"]
    assert [(one.finding, one.ids) for one in differences] == [(Finding.DIFFERENT, (id_of("first reply"),))]


def test_a_row_lost_from_the_database_is_named(exported: str, out: Path) -> None:
    """The record destroys nothing."""
    execute(exported, delete(steps).where(message("third question")))
    differences = {one.where: one for one in verify_export(out, exported) if one.wrong}
    assert differences["messages"].finding == Finding.NOT_IN_DATABASE
    assert differences["messages"].ids == (id_of("third question"),)


def test_an_old_row_that_was_not_exported_is_named(exported: str, out: Path) -> None:
    """A row of before the snapshot that was not in it has come by another way than the app's."""
    seed = Seed()
    seed.step("smuggled", "Ada's thread", 500, "user_message", turn=4)
    seed.write(exported)
    differences = {one.where: one for one in verify_export(out, exported)}
    assert differences["messages"].finding == Finding.NOT_EXPORTED
    assert differences["messages"].ids == (id_of("smuggled"),)


def test_at_most_ten_ids_are_named(sqlite_url: str, out: Path) -> None:
    """But all are counted."""
    seed = Seed()
    seed.thread("thread", None, 0)
    for number in range(12):
        seed.step(f"message {number}", "thread", number + 1, "user_message")
    seed.write(sqlite_url)
    export_to(sqlite_url, out, tables=("messages",))
    execute(sqlite_url, update(steps).values(output="changed"))
    (difference,) = verify_export(out, sqlite_url)
    assert (difference.count, len(difference.ids)) == (12, 10)


# The manifest against the database: a study that goes on.


def test_a_newer_message_is_newer(exported: str, out: Path) -> None:
    """It is said, and it is not wrong; nor are the counts that it moved on."""
    moment = now()
    seed = Seed()
    seed.step("later", "Ada's thread", 500, "user_message", created_at=moment, version=order(moment))
    seed.write(exported)
    execute(exported, update(threads).values(last_activity_at=moment, version=order(moment)))
    differences = verify_export(out, exported)
    assert (Finding.NEWER, "messages") in found(differences)
    assert (Finding.MOVED_ON, "threads") in found(differences)
    assert [one for one in differences if one.wrong] == []


def test_an_edit_has_moved_on(exported: str, out: Path) -> None:
    """The message says otherwise now, what stood behind it has left, and its runs too."""
    moment = now()
    gone = {"deleted_at": moment, "deleted_because": "edited"}
    edited = {"output": "otherwise", "revision": 3, "version": order(moment)}
    revision = {
        "step_id": id_of("second question"),
        "revision": 3,
        "thread_id": id_of("Ada's thread"),
        "output": "otherwise",
        "status": "complete",
        "created_at": moment,
    }
    behind = steps.c.step_id.in_([id_of(name) for name in ("new reply", "third question", "notice")])
    of_them = runs.c.run_id.in_([id_of("new run"), id_of("failed run")])
    execute(
        exported,
        update(steps).where(message("second question")).values(**edited),
        update(steps).where(behind).values(**gone),
        update(runs).where(of_them).values(**gone),
        insert(schema.step_revisions).values(revision),
    )
    differences = verify_export(out, exported)
    assert {(Finding.MOVED_ON, "messages"), (Finding.NEWER, "revisions"), (Finding.LEFT, "runs")} <= found(
        differences
    )
    assert [one for one in differences if one.wrong] == []


def test_a_deleted_thread_has_moved_on(exported: str, out: Path) -> None:
    """All that was in it has left with it."""
    gone = {"deleted_at": now(), "deleted_by": id_of("Ada"), "version": order(now())}
    execute(exported, update(threads).where(threads.c.thread_id == id_of("Ada's thread")).values(**gone))
    assert [str(one) for one in verify_export(out, exported) if one.wrong] == []


def test_a_thread_that_a_filter_finds_later_has_come(story_url: str, out: Path) -> None:
    """It was quiet when the snapshot was taken; old messages of it are not missing from the export."""
    export_to(story_url, out, since=now())
    ada = threads.c.thread_id == id_of("Ada's thread")
    execute(story_url, update(threads).where(ada).values(last_activity_at=now()))
    differences = verify_export(out, story_url)
    assert (Finding.NEWER, "messages") in found(differences)
    assert [str(one) for one in differences if one.wrong] == []


def test_a_change_of_mind_has_moved_on(exported: str, out: Path) -> None:
    """The old rating does not say when it was superseded; the new one does."""
    old = ratings.c.rating_id == id_of("rating")
    seed = Seed()
    seed.rating("rating", "Ada's thread", "first reply", "first run", 0, revision=3, created_at=now())
    seed.write(exported)
    execute(exported, update(ratings).where(old, ratings.c.revision < 3).values(is_current=False))
    differences = verify_export(out, exported)
    assert found(differences) == {(Finding.LEFT, "ratings"), (Finding.NEWER, "ratings")}


def test_a_connection_that_closed_has_moved_on(story_url: str, out: Path) -> None:
    """It was open when the snapshot was taken."""
    table = schema.connections
    one = table.c.connection_id == id_of("Ada's page")
    execute(story_url, update(table).where(one).values(closed_at=None, close_reason=None))
    export_to(story_url, out)
    execute(story_url, update(table).where(one).values(closed_at=now(), close_reason="server stopped"))
    assert found(verify_export(out, story_url)) == {(Finding.MOVED_ON, "connections")}


# Every id joins.


@pytest.mark.parametrize(
    ("change", "where", "lost"),
    [
        (update(steps).where(message("first reply")).values(run_id=id_of("?")), "messages", "run_id"),
        (update(steps).where(message("greeting")).values(thread_id=id_of("?")), "messages", "thread_id"),
        (update(steps).where(message("first reply")).values(connection_id=id_of("?")), "messages", "connect"),
        (update(threads).values(participant_id=id_of("?")), "threads", "participant_id"),
        (update(schema.llm_calls).values(prompt_hash="?"), "llm_calls", "prompt_hash"),
        (update(ratings).values(message_id=id_of("?")), "ratings", "message_id"),
        (update(runs).values(message_id=id_of("?")), "runs", "message_id"),
    ],
)
def test_an_id_that_joins_nothing_is_named(
    change: Executable, where: str, lost: str, sqlite_story: str, out: Path
) -> None:
    """The database has no foreign keys; the export tells what they would have."""
    execute(sqlite_story, change)
    export_to(sqlite_story, out)
    orphans = [one for one in verify_export(out, None) if one.finding == Finding.ORPHANS]
    assert any(one.where == where and lost in one.detail and one.ids for one in orphans)


def test_a_row_without_its_thread_is_exported_all_the_same(sqlite_url: str, out: Path) -> None:
    """Leaving it out would hide it."""
    seed = Seed()
    seed.step("lost", "no thread", 1, "user_message")
    seed.write(sqlite_url)
    assert export_to(sqlite_url, out, tables=("messages",)).tables[0].rows == 1


def test_a_table_that_was_not_exported_is_not_missed(sqlite_story: str, out: Path) -> None:
    """Ids that join it cannot be looked up, and are not called lost."""
    export_to(sqlite_story, out, tables=("messages", "steps"))
    assert verify_export(out, None) == []


def test_the_manifest_says_what_it_is_of(story_url: str, out: Path) -> None:
    """Study, fingerprints, versions, snapshot and filters."""
    before = now()
    manifest = export_to(story_url, out, agent="Model", formats=("csv",))
    assert manifest.studies[0].model_dump() == {
        "study_id": "example",
        "fingerprints": [FINGERPRINT],
        "app_versions": ["0.1.0"],
    }
    assert manifest.filters.agent == "Model"
    assert manifest.database == story_url.partition("+")[0]
    assert abs((manifest.snapshot_at - before).total_seconds()) < 60
    assert json.loads((out / "manifest.json").read_bytes())["format_version"] == 4


def test_the_record_is_one_whichever_database_holds_it(
    sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    """The same story gives the same rows from SQLite and from PostgreSQL."""
    frames = []
    for name, url in (("one", sqlite_url), ("two", postgres_url)):
        story().write(url)
        export_to(url, tmp_path / name, include_deleted=True)
        frames.append(load(tmp_path / name))
    for name in frames[0]:
        ours, theirs = (one[name].map(_parsed).to_dict("records") for one in frames)
        assert sorted(map(repr, ours)) == sorted(map(repr, theirs)), name


def _parsed(value: Any) -> Any:
    """JSON by what it says: PostgreSQL writes it with its own blanks."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        return json.dumps(json.loads(value), sort_keys=True)
    return value
