"""replay.R: the same draws, places and ledgers in R, and R's own tests beside ours."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

import pytest

from study.assignment import LedgerRow, block_of, replay_script, seal
from study.assignment.draws import shuffled, uniform_below, words_of
from study.assignment.dropout import chi_square_above, chi_square_p, exact_p
from tests.programs import lacking, program
from tests.study.assignment.ledgers import PLANS, SEED, play, write_tables

PLACED: Final = ("simple", "blocks", "endless", "strata", "ratio", "orders")
CHANGED: Final = ("simple", "strata")
_ENVIRONMENT: Final = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script as it is shipped."""
    path = tmp_path_factory.mktemp("r") / "replay.R"
    path.write_bytes(replay_script())
    return path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run R."""
    told = subprocess.run(
        [program("Rscript"), "--vanilla", *map(str, arguments)],
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if "there is no package called" in told.stderr:
        lacking("Rscript")
    return told


def said(script: Path, *lines: str) -> list[str]:
    """What R says to lines, after it has read the script."""
    told = run(
        "-e",
        f"source({str(script)!r}); options(digits = 15)",
        *(part for one in lines for part in ("-e", one)),
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.splitlines()


def test_r_draws_the_same(script: Path) -> None:
    """Words, numbers below any n, orders, and what is passed over: digit for digit."""
    lines, expected = [], []
    for key in (("seed",), ("seed", "x", 7), ("grün", "ä:,", 100000), ("", "", 0)):
        written = ", ".join(f"{one!r}" if isinstance(one, str) else str(one) for one in key)
        lines.append(f"w <- words_of({written}); for (i in 1:9) cat(sprintf('%.0f', w()), '\\n')")
        for word in islice(words_of(*key), 9):
            expected.append(" ".join(str(word >> shift & 0xFFFF) for shift in (48, 32, 16, 0)) + " ")
        for n in (1, 2, 3, 10, 1000003, 2**31, 2**32 - 5, 2**32):
            lines.append(f"cat(sprintf('%.0f', below({n}, words_of({written}))), '\\n')")
            expected.append(f"{uniform_below(n, *key)} ")
        lines.append(f"cat(shuffled(1:30, words_of({written})), '\\n')")
        expected.append(" ".join(map(str, shuffled(range(1, 31), *key))) + " ")
    for n in (3, 10, 2**32 - 5):
        unfair = 2**64 - 2**64 % n
        limbs = [
            [one >> shift & 0xFFFF for shift in (48, 32, 16, 0)] for one in (unfair, 2**64 - 1, unfair - 1)
        ]
        given = "; ".join(f"c({', '.join(map(str, one))})" for one in limbs).replace("; ", ", ")
        lines.append(
            f"at <- 0; cat(sprintf('%.0f', below({n}, function() list({given})[[at <<- at + 1]])), at, '\\n')"
        )
        expected.append(f"{n - 1} 3 ")
    assert said(script, *lines) == expected


def test_r_tests_the_same(script: Path) -> None:
    """Fisher's test, chi-square and its distribution against R's own: fisher.test, chisq.test, pchisq."""
    chance = Random(12)
    tables: list[list[tuple[int, int]]] = []
    while len(tables) < 25:
        sizes = [chance.randint(2, 25) for _ in range(chance.randint(2, 4))]
        table = [(chance.randint(0, of), of) for of in sizes]
        if 0 < sum(gone for gone, _ in table) < sum(sizes):
            tables.append(table)
    lines, ours = [], []
    for table in tables:
        columns = (
            f"cbind(c({', '.join(str(g) for g, _ in table)}), c({', '.join(str(of - g) for g, of in table)}))"
        )
        lines.append(f"cat(fisher.test({columns}, workspace = 2e7)$p.value, '\\n')")
        lines.append(f"cat(suppressWarnings(chisq.test({columns}, correct = FALSE))$p.value, '\\n')")
        ours += [float(exact_p(table)), chi_square_p(table)]
    for degrees in range(1, 25):
        for statistic in (0.01, 1.5, 20, 90):
            lines.append(f"cat(pchisq({statistic}, {degrees}, lower.tail = FALSE), '\\n')")
            ours.append(chi_square_above(statistic, degrees))
    assert [float(one) for one in said(script, *lines)] == pytest.approx(ours, rel=1e-6, abs=1e-14)


@pytest.fixture(scope="module")
def played(script: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, list[str]]]:
    """What the script says of a ledger of each plan, and of some with one field changed; R starts once."""
    folder = tmp_path_factory.mktemp("ledgers")
    for name in PLACED:
        rows = play(PLANS[name], SEED, Random(9), 60)
        write_tables(folder / name, PLANS[name], rows)
        if name in CHANGED:
            for what, changed in tampered(rows).items():
                write_tables(folder / f"{name} {what}", PLANS[name], changed)
    loop = (
        f"for (one in list.dirs({str(folder)!r}, recursive = FALSE)) {{ plan <- read_plan(one); "
        f"found <- c(check_places(plan, {SEED!r}, read_table(one, 'places.csv')), "
        f"replay(plan, {SEED!r}, read_table(one, 'assignments.csv'))); "
        "cat('>', basename(one), '\\n'); writeLines(as.character(found)) }"
    )
    told: dict[str, list[str]] = {}
    for line in said(script, loop):
        if line.startswith("> "):
            told[line[2:-1]] = mine = []
        else:
            mine.append(line)
    return {name: (len(found), found) for name, found in told.items()}


def tampered(rows: Sequence[LedgerRow]) -> dict[str, list[LedgerRow]]:
    """A ledger, changed in one row in each way."""
    first = {
        event: next(row for row in rows if row.event == event) for event in ("assigned", "filled", "opened")
    }
    other = next(row.condition for row in rows if row.condition != rows[6].condition)
    taken = next(row for row in rows[8:] if row.event == "assigned")
    changed = {
        "seq": replace(rows[5], seq=900),
        "event": replace(first["filled"], event="opened", reason="silent"),
        "condition": replace(rows[6], condition=other),
        "place": replace(taken, place_id=f"{taken.place_id}7"),
        "draw": replace(first["assigned"], draw="0/3"),
        "inputs": replace(taken, inputs={**taken.inputs, "attempt": 9}),
        "reason": replace(first["opened"], reason="bored"),
        "participant": replace(first["opened"], participant="stranger"),
    }
    places = {"seq": 5, "condition": 6}
    found = {}
    for what, row in changed.items():
        at = places.get(what, row.seq - 1)
        found[what] = [*rows[:at], row, *rows[at + 1 :]]
    return found


@pytest.mark.parametrize("name", PLACED)
def test_r_replays_what_python_played(name: str, played: dict[str, tuple[int, list[str]]]) -> None:
    """No row and no place differs, with strata, ratios, orders, and people who leave and come back."""
    assert played[name] == (0, [])


@pytest.mark.parametrize(
    "what", ["seq", "event", "condition", "place", "draw", "inputs", "reason", "participant"]
)
@pytest.mark.parametrize("name", CHANGED)
def test_r_finds_what_was_changed(name: str, what: str, played: dict[str, tuple[int, list[str]]]) -> None:
    """One field of one row."""
    number, found = played[f"{name} {what}"]
    assert number > 0, found


def test_the_script_is_run_by_its_name(script: Path, tmp_path: Path) -> None:
    """It counts what it replayed and ends with 0; with another seed it says so for each, and ends with 1."""
    rows = play(PLANS["blocks"], SEED, Random(9), 40)
    write_tables(tmp_path / "out", PLANS["blocks"], rows)
    places = len({row.place_id for row in rows})
    right = run(script, tmp_path / "out", SEED, seal(SEED))
    assert (right.returncode, right.stdout) == (
        0,
        f"{places} places and {len(rows)} rows replayed, 0 differences.\n",
    )
    wrong = run(script, tmp_path / "out", "another", seal(SEED))
    assert wrong.returncode == 1
    assert wrong.stdout.startswith("The seed is not the one whose hash was published.\nPlace ")
    drawn = block_of(PLANS["blocks"], "another", "all", 1)
    assert f"the seed gives {drawn[0].condition}" in wrong.stdout or drawn[0].condition == rows[0].condition
