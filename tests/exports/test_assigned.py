"""Studies with conditions in an export: the ledger, its places, scores, checks and endings."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyreadstat
import pytest

from exports import load
from exports.options import ExportOptions
from exports.preview import preview
from exports.verify.difference import Finding
from study.instruments import key_hash
from tests.exports.assigned import assigning_study, somebody, whole_study
from tests.exports.conftest import export_to
from tests.exports.going_on import study_in
from tests.exports.proving import verify_export
from tests.postgres import PostgresServer

WIDE: Final = "survey_answers_wide"
SCORE: Final = "after.s_tias.trust.score"


@dataclass(frozen=True)
class Assigned:
    """A study with conditions and its export.

    Args:
        url: Its database.
        people: Pseudonyms, by name.
        out: The export, in several formats.
        tables: As Parquet has them.
    """

    url: str
    people: dict[str, str]
    out: Path
    tables: dict[str, pd.DataFrame]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def assigned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assigned]:
    """People who went through it in several ways, one of them after a wrong answer in the quiz."""
    folder = tmp_path_factory.mktemp("assigned")
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), folder / "verbatim.db")
        yield made(f"sqlite+aiosqlite:///{folder / 'verbatim.db'}", folder)
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        name = server.lend()
        yield made(server.url_of(name), folder)
        server.take_back(name)


def made(url: str, folder: Path) -> Assigned:
    """Let them go through it, export it and prove it."""

    async def begin() -> dict[str, str]:
        async with study_in(url, folder) as study:
            loaded = assigning_study(folder / "study")
            people = await whole_study(study.record, loaded)
            zoe = await somebody(study.record, loaded, "Zoe", "instructions")
            await zoe.send(partner=["a person"])
            await zoe.walk_to("talk")
            await study.record.writer.flush()
            return people | {"Zoe": zoe.participant_id}

    people = asyncio.run(begin())
    export_to(url, folder / "out", formats=("parquet", "csv"))
    assert verify_export(folder / "out", url) == []
    return Assigned(url, people, folder / "out", load(folder / "out"))


def values(frame: pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    """Some columns, row by row; what is missing is None."""
    plain = frame[list(names)].astype(object).where(frame[list(names)].notna(), None)
    return [tuple(row) for row in plain.to_numpy().tolist()]


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_the_ledger_leaves_with_its_places(assigned: Assigned, kind: str) -> None:
    """Who held which, what became of it and why; a withdrawal empties the name and leaves the row."""
    tables = load(assigned.out, format=kind)
    told = values(tables["assignments"], "ledger_row", "event", "reason", "participant_id")
    ada, bob, cyd, eve, zoe = (assigned.people[name] for name in ("Ada", "Bob", "Cyd", "Eve", "Zoe"))
    assert told == [
        (1, "assigned", "", ada),
        (2, "filled", "", ada),
        (3, "assigned", "", bob),
        (4, "opened", "failed", bob),
        (5, "assigned", "", cyd),
        (6, "filled", "", cyd),
        (7, "assigned", "", None),
        (8, "opened", "withdrew", None),
        (9, "assigned", "", eve),
        (10, "assigned", "", zoe),
    ]
    places = values(tables["places"], "standing", "attempts", "participant_id", "stratum")
    assert places == [
        ("filled", 1, ada, "all"),
        ("filled", 2, cyd, "all"),
        ("held", 2, eve, "all"),
        ("held", 1, zoe, "all"),
    ]
    assert values(tables["places"], "block", "place_in_block")[:2] == [(1, 1), (1, 2)]
    (ledger,) = tables["ledgers"].to_dict("records")
    assert set(tables["assignments"]["ledger_id"]) == {ledger["ledger_id"]}
    assert ledger["is_sealed"]


def test_scores_stand_beside_the_answers(assigned: Assigned) -> None:
    """In a table of their own and in the row of the person; with an answer missing there is none."""
    people, tables = assigned.people, assigned.tables
    scores = {row["participant_id"]: row for row in tables["scores"].to_dict("records")}
    assert set(scores) == {people[name] for name in ("Ada", "Bob", "Cyd")}
    of = scores[people["Ada"]]
    assert (of["instrument"], of["scale"], of["score"]) == ("s-tias", "trust", 4)
    assert (of["items_answered"], of["missing_rule"], of["key_version"]) == (3, "3 of 3", "1")
    assert of["key_hash"] == key_hash("s-tias")
    wide = tables[WIDE].set_index("participant_id")
    assert wide.loc[people["Ada"], SCORE] == 4
    assert [wide.loc[people["Ada"], f"after.{one}"] for one in ("s_tias_confident", "s_tias_trust")] == [2, 7]
    assert pd.isna(wide.loc[people["Cyd"], SCORE])
    assert scores[people["Cyd"]]["items_answered"] == 2
    assert pd.isna(scores[people["Cyd"]]["score"])


def test_checks_say_who_passed(assigned: Assigned) -> None:
    """Attention and comprehension, each time that they were answered."""
    checks = assigned.tables["checks"].set_index("participant_id")
    hers, his = checks.loc[[assigned.people["Zoe"]]], checks.loc[[assigned.people["Bob"]]]
    told = ("stage_id", "item", "check_kind", "attempt", "check_passed")
    assert values(hers, *told) == [
        ("instructions", "partner", "comprehension", 1, False),
        ("instructions", "partner", "comprehension", 2, True),
    ]
    assert values(his[his["check_kind"] == "attention"], "item", "check_passed") == [("reading", False)]


def test_endings_say_which_code_was_shown(assigned: Assigned) -> None:
    """By its name; who goes on has no row, and who saw no code no name of one."""
    people = assigned.people
    told = ("participant_id", "ending", "stage_id", "usable", "code_name")
    assert sorted(values(assigned.tables["endings"], *told)) == sorted(
        [
            (people["Ada"], "completed", "debrief", True, "completed"),
            (people["Bob"], "failed_attention", "after", False, None),
            (people["Cyd"], "completed", "debrief", True, None),
        ]
    )


def test_one_participant_takes_their_own_rows_along(assigned: Assigned, tmp_path: Path) -> None:
    """Of the ledger too; what it leaves out is nobody's forgery."""
    export_to(assigned.url, tmp_path / "out", participant=assigned.people["Cyd"])
    assert verify_export(tmp_path / "out", assigned.url) == []
    tables = load(tmp_path / "out")
    for name in ("assignments", "places", "scores", "checks", "endings"):
        assert set(tables[name]["participant_id"]) == {assigned.people["Cyd"]}, name


def test_rows_are_counted_before_an_export(assigned: Assigned) -> None:
    """Of the tables that come of others, too."""
    told = {one["name"]: one["rows"] for one in list(preview(assigned.url, ExportOptions()))[1:]}
    names = ("scores", "places", "assignments", "ledgers", "checks", "endings")
    assert {name: told[name] for name in names} == {name: len(assigned.tables[name]) for name in names}


def test_spss_and_stata_know_each_person(assigned: Assigned, tmp_path: Path) -> None:
    """A row a participant with condition, ending, answers and scores; numbers bear words."""
    out, people = tmp_path / "out", assigned.people
    export_to(assigned.url, out, formats=("sav", "dta"), tables=(WIDE,))
    wide = assigned.tables[WIDE].set_index("participant_id")
    sav, dta = pyreadstat.read_sav(str(out / f"{WIDE}.sav")), pyreadstat.read_dta(str(out / f"{WIDE}.dta"))
    for (frame, meta), code, score in (
        (sav, "before.uses_chatbots.code", SCORE),
        (dta, "before_uses_chatbots_code", SCORE.replace(".", "_")),
    ):
        rows = frame.set_index("participant_id")
        assert list(rows.index) == list(wide.index)
        for name in ("condition", "ending"):
            kept = [None if pd.isna(one) else one for one in wide[name]]
            assert [one or None for one in rows[name]] == kept
        assert rows.loc[people["Ada"], score] == 4
        assert pd.isna(rows.loc[people["Cyd"], score])
        assert "Trust" in meta.column_names_to_labels[score]
        labels = meta.variable_value_labels[code]
        assert labels[rows.loc[people["Ada"], code]] == wide.loc[people["Ada"], "before.uses_chatbots"]
        assert meta.variable_value_labels["usable"] == {0: "FALSE", 1: "TRUE"}


async def test_a_withdrawal_since_is_no_forgery(database_url: str, tmp_path: Path) -> None:
    """The ledger of an earlier export names who has withdrawn; that the database does not is told so."""
    async with study_in(database_url, tmp_path) as study:
        loaded = assigning_study(tmp_path / "study")
        people = await whole_study(study.record, loaded)
        out = await study.exported()
        study.go_on()
        await study.record.withdrawals.withdraw(people["Cyd"], "participant")
        await somebody(study.record, loaded, "Gil", "talk")
        await study.record.writer.flush()
        found = await asyncio.to_thread(verify_export, out, study.url)
        assert [one for one in found if one.wrong] == []
        told = {(one.where, one.finding) for one in found}
        assert {("assignments", Finding.MOVED_ON), ("assignments", Finding.NEWER)} <= told
