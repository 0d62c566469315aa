"""Fifty participants speak two hundred dialogs at once: what they said is what is exported."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from simulation.report import Report
from simulation.run import simulate
from study.dialogs import Dialog, read_dialogs
from tests.journeys.checks import (
    FORMATS,
    assert_ids_hang_together,
    assert_says_what_the_file_says,
    assert_screens_equal_record,
    export_everything,
)
from tests.journeys.server import DIALOGS, make_server
from tests.pgbouncer import PgBouncer
from tests.postgres import PostgresServer

PARTICIPANTS: Final = 50

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Journey:
    """What everybody saw, and what was exported."""

    report: Report
    out: Path


@contextmanager
def travelled(dialogs: list[Dialog], folder: Path, database_url: str | None = None) -> Iterator[Journey]:
    """Let everybody speak once, then export everything and prove it."""
    with make_server(folder, database_url=database_url) as server:
        report = asyncio.run(simulate(server.url, dialogs, PARTICIPANTS))
        report.raise_for_errors()
        export_everything(server, folder / "out")
        yield Journey(report, folder / "out")


@pytest.fixture(scope="module")
def dialogs() -> list[Dialog]:
    """The sample, in the order of its file."""
    return read_dialogs(DIALOGS)


@pytest.fixture(scope="module")
def journey(dialogs: list[Dialog], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """The journey on SQLite."""
    with travelled(dialogs, tmp_path_factory.mktemp("sqlite")) as done:
        yield done


def test_everybody_was_answered_at_the_first_attempt(journey: Journey, dialogs: list[Dialog]) -> None:
    """Nobody was cut off, and every line of the file has a turn."""
    report = journey.report
    assert len(report.turns) == sum(len(dialog.participant_lines) for dialog in dialogs)
    assert (report.reconnects, report.sent_again, report.asked_again) == (0, 0, 0)


@pytest.mark.parametrize("form", FORMATS)
def test_the_export_says_what_the_file_says(journey: Journey, dialogs: list[Dialog], form: str) -> None:
    """Every word, order and tool step, and the id of every participant's message, both ways."""
    assert_says_what_the_file_says(journey.out, form, dialogs)


@pytest.mark.parametrize("form", FORMATS)
def test_the_exported_ids_hang_together(journey: Journey, form: str) -> None:
    """Nothing stands twice; replies, runs, steps and owners belong to each other."""
    assert_ids_hang_together(journey.out, form, journey.report)


@pytest.mark.parametrize("form", FORMATS)
def test_the_record_equals_the_screens(journey: Journey, form: str) -> None:
    """Each participant saw what is kept, in the order in which it is kept."""
    assert_screens_equal_record(journey.out, form, journey.report)


def test_postgresql_keeps_the_same(dialogs: list[Dialog], tmp_path: Path, postgres_url: str) -> None:
    """The same journey on the other database."""
    with travelled(dialogs, tmp_path, postgres_url) as done:
        assert_says_what_the_file_says(done.out, "parquet", dialogs)
        assert_ids_hang_together(done.out, "parquet", done.report)
        assert_screens_equal_record(done.out, "parquet", done.report)


def test_a_pooler_before_it_changes_nothing(
    dialogs: list[Dialog], tmp_path: Path, postgres_server: PostgresServer, pgbouncer: PgBouncer
) -> None:
    """A first start behind PgBouncer, without a word in the address; some of them speak, all is exported."""
    name = postgres_server.make_database("template0")
    with travelled(dialogs[:8], tmp_path, pgbouncer.url_of(name)) as done:
        assert_says_what_the_file_says(done.out, "parquet", dialogs[:8])
        assert_ids_hang_together(done.out, "parquet", done.report)
        assert_screens_equal_record(done.out, "parquet", done.report)
    postgres_server.drop_database(name)
