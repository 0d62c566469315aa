"""verify, of an export against a database that has gone on: from when on something may have changed."""

import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from data_layer.database import schema
from exports.verify.difference import Finding
from exports.verify.prove import prove
from tests.exports.conftest import export_to
from tests.exports.forging import forge, forge_list, say_rows
from tests.exports.seed import Seed, at, id_of, order
from tests.exports.test_verify import execute
from tests.exports.test_verify_files import Heard

TABLES = ("threads", "messages", "connections", "events")
steps = schema.steps


@pytest.fixture(scope="module")
def whole(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two threads of a message each, and an export of before anything else; nobody touches them."""
    folder = tmp_path_factory.mktemp("gone on")
    shutil.copyfile(migrated_sqlite, folder / "verbatim.db")
    url = f"sqlite+aiosqlite:///{folder / 'verbatim.db'}"
    seed = Seed()
    for name, seconds in (("Ada", 100), ("Bob", 200)):
        seed.participant(f"who began {name}")
        seed.thread(name, f"who began {name}", seconds - 10)
        seed.step(f"{name} said", name, seconds, "user_message")
    seed.connection("page", "who began Ada", 50, thread_id=id_of("only a page"))
    seed.write(url)
    export_to(url, folder / "out", tables=TABLES)
    export_to(url, folder / "listed", tables=TABLES, threads=(id_of("Ada"),))
    for out in ("out", "listed"):
        forge(folder / out, lambda manifest: manifest.update(snapshot_at=at(1000).isoformat()))
    return folder


@pytest.fixture
def study(whole: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(whole, tmp_path / "study")
    return tmp_path / "study"


def url_of(study: Path) -> str:
    """Its database."""
    return f"sqlite+aiosqlite:///{study / 'verbatim.db'}"


def found(study: Path, out: str = "out") -> list[tuple[Finding, str]]:
    """What was found, and where."""
    return [(one.finding, one.where) for one in prove(study / out, url_of(study)).found]


def reword(study: Path, name: str, seconds: float) -> None:
    """Write a message anew, at a moment."""
    values = {"output": "new", "version": order(at(seconds))}
    execute(url_of(study), update(steps).where(steps.c.step_id == id_of(name)).values(values))


def test_as_many_rows_are_heard_of_as_were_told_before(study: Path) -> None:
    """Those of the files, and those of the database."""
    heard = Heard()
    proof = prove(study / "out", url_of(study), heard)
    assert heard.begun.keys() == {name for table in TABLES for name in (table, f"{table}.parquet")}
    assert heard.planned == heard.came == 2 * (2 + 2 + 1)
    assert (proof.found, proof.with_database, dict(proof.acts)) == ([], True, {})


def test_what_is_wrong_with_files_is_told_beside_a_database_too(study: Path) -> None:
    """The rows agree with it; somebody's notes do not belong there all the same."""
    (study / "out" / "notes.txt").write_text("mine")
    assert found(study) == [(Finding.FILE_EXTRA, "notes.txt")]


def test_rows_are_heard_of_once_where_they_differ(study: Path) -> None:
    """A table is read again then, of which nobody is told."""
    reword(study, "Ada said", 100)
    heard = Heard()
    prove(study / "out", url_of(study), heard)
    assert heard.planned == heard.came


@pytest.mark.parametrize(("seconds", "finding"), [(940.001, Finding.MOVED_ON), (940, Finding.DIFFERENT)])
def test_a_write_may_have_been_under_way_for_a_minute(study: Path, seconds: float, finding: Finding) -> None:
    """What was called for before that had reached the database."""
    reword(study, "Ada said", seconds)
    assert found(study) == [(finding, "messages")]


@pytest.mark.parametrize(
    ("seconds", "waited", "finding"),
    [
        (200.000_001, at(940.001), Finding.MOVED_ON),
        (200.000_001, at(940), Finding.DIFFERENT),
        (200, at(940.001), Finding.DIFFERENT),
    ],
)
def test_what_waited_in_a_journal_bears_an_old_moment(
    study: Path, seconds: float, waited: Any, finding: Finding
) -> None:
    """It came after the newest row that the export holds, and reached the database since."""
    reword(study, "Ada said", seconds)
    entry = {"entry_id": str(uuid.uuid4()), "applied_at": waited}
    execute(url_of(study), insert(schema.journal_applied).values(entry))
    assert found(study) == [(finding, "messages")]


def test_a_journal_does_not_make_late_what_was_late(study: Path) -> None:
    """The export's newest row may be younger than the minute before the snapshot; the minute counts then."""
    forge(study / "out", lambda manifest: manifest.update(snapshot_at=at(250).isoformat()))
    entry = {"entry_id": str(uuid.uuid4()), "applied_at": at(2000)}
    execute(url_of(study), insert(schema.journal_applied).values(entry))
    reword(study, "Ada said", 195)
    assert found(study) == [(Finding.MOVED_ON, "messages")]


@pytest.mark.parametrize(("seconds", "finding"), [(940, Finding.WITHDRAWN), (939, Finding.NOT_IN_DATABASE)])
def test_who_has_withdrawn_since_is_told_of(study: Path, seconds: float, finding: Finding) -> None:
    """From the same minute on; of whoever withdrew before, the export should hold nothing."""
    row = {
        "withdrawal_id": str(uuid.uuid4()),
        "participant_id": id_of("who began Ada"),
        "study_id": "example",
        "requested_by": "participant",
        "withdrawn_at": at(seconds),
        "counts": {},
        "export_ids": [],
    }
    execute(
        url_of(study),
        insert(schema.withdrawals).values(row),
        update(schema.threads).where(schema.threads.c.thread_id == id_of("Ada")).values(state="withdrawn"),
        delete(steps).where(steps.c.thread_id == id_of("Ada")),
    )
    assert (finding, "messages") in found(study)


def deleted(study: Path, name: str) -> None:
    """Let a thread be deleted and restored since: nothing of it came or left."""
    seed = Seed()
    seed.event(f"{name} restored", "thread_restored", 1500, thread_id=id_of(name))
    seed.write(url_of(study))


@pytest.mark.parametrize(("out", "counted"), [("out", 2), ("listed", 1)])
def test_acts_are_told_of_in_the_threads_that_it_is_about(study: Path, out: str, counted: int) -> None:
    """Not in those that were not asked for, nor in one that only a page was opened in."""
    for name in ("Ada", "Bob", "only a page"):
        deleted(study, name)
    proof = prove(study / out, url_of(study))
    assert proof.wrong == []
    assert dict(proof.acts) == {"thread_restored": counted}


def test_a_thread_that_is_held_came_before(study: Path) -> None:
    """It was restored since; a message of it that the export lacks did not come with it."""
    seed = Seed()
    seed.step("smuggled", "Ada", 150, "user_message")
    seed.write(url_of(study))
    deleted(study, "Ada")
    assert (Finding.NOT_EXPORTED, "messages") in found(study)


def test_a_page_alone_does_not_hold_a_thread(study: Path) -> None:
    """A connection names the last thread that it was in: one that came back since came whole."""
    seed = Seed()
    seed.thread("only a page", "who began Ada", 140)
    seed.step("said there", "only a page", 150, "user_message")
    seed.write(url_of(study))
    deleted(study, "only a page")
    assert (Finding.NEWER, "messages") in found(study)


def test_nothing_is_said_of_rows_where_the_list_of_threads_is_another(study: Path) -> None:
    """Which threads were asked for is not known then."""
    (list_,) = (path for path in (study / "listed").iterdir() if path.suffix == ".txt")
    list_.write_text(f"{id_of('Bob')}\n")
    say_rows(study / "listed", "messages", rows=3)
    proof = prove(study / "listed", url_of(study))
    assert [(one.finding, one.where) for one in proof.found] == [(Finding.FILE_CHANGED, list_.name)]
    assert not proof.with_database


def test_a_listed_thread_that_never_was_is_named(study: Path) -> None:
    """Beside what else there is to say."""
    forge_list(study / "listed", lambda ids: [*ids, id_of("nobody")])
    assert [finding for finding, _ in found(study, "listed")] == [Finding.NOT_IN_DATABASE]
