from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from exports import load
from exports.options import ExportOptions, parse_moment, parse_names
from study.errors import ExportError
from tests.exports.conftest import export_to
from tests.exports.seed import at, id_of


def titles(url: str, out: Path, **options: Any) -> set[str]:
    """Which threads an export holds."""
    export_to(url, out, **options)
    return set(load(out, tables=["threads"])["threads"]["title"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"Ada's thread", "Bob's thread"}),
        ({"agent": "ELIZA"}, {"Bob's thread"}),
        ({"participant": id_of("Ada")}, {"Ada's thread"}),
        ({"participant": id_of("Eve")}, set()),
        # Ada's thread begins at 60 and ends at 400; Bob's begins at 5000 and ends at 5001.
        ({"since": at(400)}, {"Ada's thread", "Bob's thread"}),
        ({"since": at(400.001)}, {"Bob's thread"}),
        ({"until": at(5000)}, {"Ada's thread"}),
        ({"until": at(5000.001)}, {"Ada's thread", "Bob's thread"}),
        ({"since": at(200), "until": at(300)}, {"Ada's thread"}),
        ({"since": at(401), "until": at(5000)}, set()),
        (
            {"agent": "ELIZA", "include_deleted": True},
            {"Bob's thread", "Bob's deleted thread"},
        ),
    ],
)
def test_filters_choose_whole_threads(
    options: dict[str, Any], expected: set[str], shared_story_url: str, out: Path
) -> None:
    """By agent, by participant, by when they were under way."""
    assert titles(shared_story_url, out, **options) == expected


def test_everything_follows_its_thread(shared_story_url: str, out: Path) -> None:
    """A filter leaves no row of another thread in any table, and no participant without a thread."""
    export_to(shared_story_url, out, agent="ELIZA")
    frames = load(out)
    for name, frame in frames.items():
        if "thread_id" in frame and name != "connections":
            assert set(frame["thread_id"]) <= {id_of("Bob's thread")}, name
    assert frames["participants"]["participant_id"].tolist() == [id_of("Bob")]
    assert len(frames["prompts"]) == 0


def test_a_connection_goes_with_the_messages_that_name_it(shared_story_url: str, out: Path) -> None:
    """Its own row names the last thread only, but a page went from one to the next over it."""
    export_to(shared_story_url, out, agent="ELIZA")
    connections = load(out)["connections"]
    assert connections["connection_id"].tolist() == [id_of("Bob's page")]


def test_a_participant_who_never_wrote_can_be_asked_for(shared_story_url: str, out: Path) -> None:
    """The participant is there; there is nothing else."""
    export_to(shared_story_url, out, participant=id_of("Eve"))
    frames = load(out)
    assert frames["participants"]["participant_id"].tolist() == [id_of("Eve")]
    assert len(frames["messages"]) == 0


def test_only_the_tables_that_were_asked_for(sqlite_story: str, out: Path) -> None:
    """Others are neither written nor described."""
    manifest = export_to(sqlite_story, out, tables=("messages", "threads"))
    assert [table.name for table in manifest.tables] == ["threads", "messages"]
    assert {path.name for path in out.iterdir()} == {
        "codebook.csv",
        "codebook.md",
        "datapackage.json",
        "load.R",
        "load.py",
        "manifest.json",
        "messages.parquet",
        "threads.parquet",
    }


@pytest.mark.parametrize(
    ("options", "repair"),
    [
        ({"participant": "Ada"}, "column participant_id"),
        ({"agent": "Elisa"}, "--agent 'ELIZA'"),
        ({"tables": ("message",)}, "--tables messages,threads"),
    ],
)
def test_a_name_that_nobody_bears_is_refused(
    options: dict[str, Any], repair: str, sqlite_story: str, out: Path
) -> None:
    """An empty export would look like an answer; the message says what there is."""
    with pytest.raises(ExportError, match=repair):
        export_to(sqlite_story, out, **options)
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02", at(0) - timedelta(hours=8)),
        ("2026-03-02T08:00", at(0)),
        ("2026-03-02 08:00:00Z", at(0)),
        ("2026-03-02T10:00+02:00", at(0)),
    ],
)
def test_times_are_utc_unless_they_say_otherwise(text: str, moment: datetime) -> None:
    """A date is its midnight."""
    assert parse_moment("--since", text) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "31.3.2026", "2026-03-02T25:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """The message shows how to write one."""
    with pytest.raises(ExportError, match=r"--since 2026-03-31T14:30:00Z"):
        parse_moment("--since", text)


def test_names_come_one_by_one_or_with_commas() -> None:
    """Each counts once, in the order given."""
    assert parse_names("format", ["csv,parquet", "csv"], ["parquet", "csv"]) == ("csv", "parquet")


@pytest.mark.parametrize(
    ("options", "repair"),
    [
        ({"formats": ("ods",)}, "parquet, csv, jsonl, xlsx, sav"),
        ({"formats": ()}, "--format parquet"),
        ({"since": at(1), "until": at(1)}, "Exchange the two"),
        ({"since": datetime(2026, 3, 2)}, "no time zone"),  # noqa: DTZ001 (that it is naive is the point)
    ],
)
def test_options_that_cannot_be_met_are_refused(options: dict[str, Any], repair: str) -> None:
    """Each with its repair."""
    with pytest.raises(ExportError, match=repair):
        ExportOptions(**options)
