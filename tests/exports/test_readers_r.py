"""Our own lines for R, run by R over an export of words that break readers."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from exports.options import ExportOptions
from exports.registry import tables_for
from research.exports.snippets import r_snippet
from tests.examples import examples
from tests.exports.r import Left, run_r
from tests.exports.readers import Known, as_base_r, as_guessed, as_it_was, differences, empty_is_missing, kept

PAGE: Final = "docs/how-to/read-an-export.md"
README: Final = "README.md"
TABLES: Final = tuple(table.name for table in tables_for(ExportOptions()))
# What each keeps; the page says beside it what it does not.
READERS: Final[dict[str, Known]] = {
    "read_csv(": empty_is_missing,
    "read.csv(": as_base_r,
    "stream_in(": as_it_was,
}


def blocks(page: str) -> list[str]:
    """The R of a page."""
    return [one.code for one in examples(page, "r")]


@pytest.fixture(scope="module")
def left(hard_out: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Left]]:
    """What all of them leave behind, by page, and of the room by format."""
    folder = hard_out.parent
    jobs: dict[str, tuple[Path, Sequence[str]]] = {page: (folder, blocks(page)) for page in (PAGE, README)}
    jobs["room"] = (folder, [r_snippet("out", TABLES)])
    guessed = ["by_r <- read.csv('guessed.csv')", "by_readr <- readr::read_csv('guessed.csv')"]
    jobs["guessed"] = (folder, guessed)
    return run_r(jobs, tmp_path_factory.mktemp("r") / "plan")


@pytest.mark.parametrize("reader", READERS)
def test_each_block_reads_what_was_kept(reader: str, left: dict[str, list[Left]], hard_out: Path) -> None:
    """Every value of every column of the messages, but what the page says."""
    (number,) = (n for n, code in enumerate(blocks(PAGE)) if "messages <- " in code and reader in code)
    read = left[PAGE][number].frames["messages"]
    assert differences(hard_out, "messages", read, known=READERS[reader]) == {}


def test_readr_can_tell_an_empty_text_from_a_missing_one(left: dict[str, list[Left]], hard_out: Path) -> None:
    """By the lines for the comments of ratings."""
    (number,) = (n for n, code in enumerate(blocks(PAGE)) if "quoted_na" in code)
    assert differences(hard_out, "ratings", left[PAGE][number].frames["ratings"]) == {}


def test_replies_stand_beside_their_threads(left: dict[str, list[Left]], hard_out: Path) -> None:
    """The page's first block by readr ends with the agent's messages, each with its thread's columns."""
    replies = left[PAGE][1].frames["replies"]
    assert set(replies["role"]) == {"assistant"}
    assert len(replies["role"]) == kept(hard_out, "messages")["role"].count("assistant")
    assert set(replies["title"]) == {"007"}


def test_two_surveys_are_compared_by_condition(left: dict[str, list[Left]]) -> None:
    """The mean of after.support - before.support, of who completed."""
    (number,) = (n for n, code in enumerate(blocks(PAGE)) if "after.support" in code)
    changes = left[PAGE][number].frames["changes"]
    found = dict(zip(changes["condition"], changes["change"], strict=True))
    assert found == {"007": 30.0, "NA": -5.0}


@pytest.mark.parametrize("place", ["room", PAGE])
def test_the_rooms_lines_read_what_was_kept(place: str, left: dict[str, list[Left]], hard_out: Path) -> None:
    """Every value of every table, by the lines that the room shows, and by the first of the page."""
    frames = left[place][0].frames
    wrong = {name: differences(hard_out, name, frames[name]) for name in TABLES}
    assert {name: columns for name, columns in wrong.items() if columns} == {}


def test_the_readme_counts_messages_of_both_roles(left: dict[str, list[Left]], hard_out: Path) -> None:
    """Its lines keep every word, time and number, and its table shows each message."""
    (block,) = left[README]
    assert differences(hard_out, "messages", block.frames["messages"]) == {}
    counted = re.search(r"^ *Model +(\d+) +(\d+)", block.printed, re.MULTILINE)
    assert counted
    roles = kept(hard_out, "messages")["role"]
    assert [int(one) for one in counted.groups()] == [roles.count("assistant"), roles.count("user")]
    assert block.printed.split()[:2] == ["assistant", "user"]


def test_parquet_is_taken_from_the_file_that_is_there(left: dict[str, list[Left]], hard_out: Path) -> None:
    """Debian has no package of R that reads it; the lines around that are run (run_examples.R)."""
    (number,) = (n for n, code in enumerate(blocks(PAGE)) if "read_parquet(" in code)
    rows = len(kept(hard_out, "messages")["role"])
    assert len(left[PAGE][number].frames["messages"]["role"]) == rows


@pytest.mark.parametrize(("number", "name"), [(0, "by_r"), (1, "by_readr")])
def test_numbers_and_booleans_are_known_by_themselves(
    number: int, name: str, left: dict[str, list[Left]]
) -> None:
    """Nobody is told anything: R takes TRUE for a logical value, and numbers for numbers."""
    assert left["guessed"][number].frames[name] == as_guessed()
