"""The load bench counts what is lost and tells when a target is missed."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.load_record import OURS, Losses, compare
from bench.load_report import LoadFigures, figures_of, target_misses

SEEN = {"t": [{"id": "1", "output": "hello"}, {"id": "2", "output": "word01"}]}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A record that holds what was seen."""
    path = tmp_path / "verbatim.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE steps (step_id, output)")
        connection.execute("CREATE TABLE threads (participant_id)")
        connection.executemany("INSERT INTO steps VALUES (?, ?)", [("1", "hello"), ("2", "word01")])
        connection.execute("INSERT INTO threads VALUES ('p')")
    return path


def change(database: Path, statement: str) -> None:
    """Damage the record."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def test_a_whole_record_has_no_losses(database: Path) -> None:
    """Everything shown is kept, word for word."""
    assert compare(database, OURS, SEEN) == Losses(shown=2, lost=0, altered=0, ownerless=0)


def test_a_missing_row_is_lost(database: Path) -> None:
    """It stood on a screen and is not in the database."""
    change(database, "DELETE FROM steps WHERE step_id = '2'")
    assert compare(database, OURS, SEEN).lost == 1


def test_a_row_with_other_words_is_altered(database: Path) -> None:
    """A reply that was cut short counts."""
    change(database, "UPDATE steps SET output = 'word' WHERE step_id = '2'")
    assert compare(database, OURS, SEEN).altered == 1


def test_a_thread_without_an_owner_is_counted(database: Path) -> None:
    """Nobody finds it in a sidebar."""
    change(database, "UPDATE threads SET participant_id = NULL")
    assert compare(database, OURS, SEEN).ownerless == 1


class Quiet:
    """A machine with nothing else to do."""

    cpu_share = 0.5
    machine_cores = 0.7
    peak_rss_mb = 200.0


def figures(losses: Losses, **changes: Any) -> LoadFigures:
    """Make the figures of one turn."""
    report: dict[str, Any] = {
        "participants": 1,
        "turns": [{"first_token_s": 0.03, "reply_s": 0.9}],
        "logins_s": [0.1],
        "reads_s": [0.01],
        "opens_s": [0.01],
        "errors": [],
        "faults": [],
        "cpu_s": 1.0,
        "duration_s": 10.0,
        "longest_pause_s": 0.0,
    }
    return figures_of("Verbatim", report | changes, losses, Quiet())


NOTHING_LOST = Losses(shown=2, lost=0, altered=0, ownerless=0)


def test_the_agents_own_pause_is_not_the_apps() -> None:
    """Of 30 ms, 20 are the script's."""
    assert figures(NOTHING_LOST).added["p95"] == pytest.approx(0.01)


def test_what_the_machine_did_besides_is_told() -> None:
    """Of 0.7 cores, 0.5 were the server's and 0.1 the generator's."""
    assert figures(NOTHING_LOST).other_cpu == pytest.approx(0.1)


def test_a_good_run_misses_nothing() -> None:
    """No miss is named."""
    assert target_misses(figures(NOTHING_LOST)) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"turns": [{"first_token_s": 0.03, "reply_s": 1.4}]}, "reply p95 is 1.400 s"),
        ({"turns": [{"first_token_s": 0.30, "reply_s": 0.9}]}, "added p95 is 0.280 s"),
        ({"logins_s": [1.5]}, "log_in p95 is 1.500 s"),
        ({"errors": ["somebody gave up"]}, "somebody gave up"),
        ({"turns": []}, "reply p95 is nothing"),
    ],
)
def test_each_target_is_watched(changes: dict[str, Any], word: str) -> None:
    """The miss is named with its figure."""
    assert any(word in miss for miss in target_misses(figures(NOTHING_LOST, **changes)))


def test_a_lost_row_misses_the_target() -> None:
    """Even one."""
    losses = Losses(shown=2, lost=1, altered=0, ownerless=0)
    assert target_misses(figures(losses)) == ["1 participants: 1 lost"]
