"""Studies with conditions in an export: the ledger, its places, scores, checks and endings."""

import asyncio
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyreadstat
import pytest

from data_layer.record import Record
from exports import load
from exports.options import ExportOptions
from exports.preview import preview
from exports.verify.difference import Finding
from study.instruments import key_hash
from tests.exports.assigned import assigning_study, somebody, whole_study
from tests.exports.conftest import export_to
from tests.exports.going_on import study_in
from tests.exports.proving import verify_export

WIDE: Final = "survey_answers_wide"
SCORE: Final = "after.s_tias.trust.score"


async def exported(record: Record, out: Path, **options: Any) -> dict[str, pd.DataFrame]:
    """Export, prove it against the database, and read it."""
    await record.writer.flush()
    await asyncio.to_thread(export_to, record.database.url, out, **options)
    assert await asyncio.to_thread(verify_export, out, record.database.url) == []
    return load(out)


def values(frame: pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    """Some columns, row by row; what is missing is None."""
    plain = frame[list(names)].astype(object).where(frame[list(names)].notna(), None)
    return [tuple(row) for row in plain.to_numpy().tolist()]


@pytest.mark.parametrize("kind", ["parquet", "csv"])
async def test_the_ledger_leaves_with_its_places(record: Record, tmp_path: Path, kind: str) -> None:
    """Who held which, what became of it and why; a withdrawal empties the name and leaves the row."""
    people = await whole_study(record, assigning_study(tmp_path / "study"))
    tables = await exported(record, tmp_path / "out", formats=(kind,))
    told = values(tables["assignments"], "ledger_row", "event", "reason", "participant_id")
    ada, bob, cyd, eve = (people[name] for name in ("Ada", "Bob", "Cyd", "Eve"))
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
    ]
    places = values(tables["places"], "standing", "attempts", "participant_id", "stratum", "place_in_block")
    assert places[:2] == [("filled", 1, ada, "all", 1), ("filled", 2, cyd, "all", 2)]
    assert [one[:4] for one in places[2:]] == [("held", 2, eve, "all")]
    (ledger,) = tables["ledgers"].to_dict("records")
    assert set(tables["assignments"]["ledger_id"]) == {ledger["ledger_id"]}
    assert ledger["is_sealed"]


async def test_scores_stand_beside_the_answers(record: Record, tmp_path: Path) -> None:
    """In a table of their own and in the row of the person; with an answer missing there is none."""
    people = await whole_study(record, assigning_study(tmp_path / "study"))
    tables = await exported(record, tmp_path / "out")
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


async def test_checks_say_who_passed(record: Record, tmp_path: Path) -> None:
    """Attention and comprehension, each time that they were answered."""
    study = assigning_study(tmp_path / "study")
    zoe = await somebody(record, study, "Zoe", "instructions")
    await zoe.send(partner=["a person"])
    await zoe.walk_to("talk")
    bob = (await whole_study(record, study))["Bob"]
    checks = (await exported(record, tmp_path / "out"))["checks"]
    hers = checks[checks["participant_id"] == zoe.participant_id]
    told = ("stage_id", "item", "check_kind", "attempt", "check_passed")
    assert values(hers, *told) == [
        ("instructions", "partner", "comprehension", 1, False),
        ("instructions", "partner", "comprehension", 2, True),
    ]
    his = checks[(checks["participant_id"] == bob) & (checks["check_kind"] == "attention")]
    assert values(his, "item", "check_passed") == [("reading", False)]


async def test_endings_say_which_code_was_shown(record: Record, tmp_path: Path) -> None:
    """By its name; who goes on has no row, and who saw no code no name of one."""
    people = await whole_study(record, assigning_study(tmp_path / "study"))
    endings = (await exported(record, tmp_path / "out"))["endings"]
    told = values(endings, "participant_id", "ending", "stage_id", "usable", "code_name")
    assert sorted(told) == sorted(
        [
            (people["Ada"], "completed", "debrief", True, "completed"),
            (people["Bob"], "failed_attention", "after", False, None),
            (people["Cyd"], "completed", "debrief", True, None),
        ]
    )


async def test_one_participant_takes_their_own_rows_along(record: Record, tmp_path: Path) -> None:
    """Of the ledger too; what it leaves out is nobody's forgery."""
    people = await whole_study(record, assigning_study(tmp_path / "study"))
    tables = await exported(record, tmp_path / "out", participant=people["Cyd"])
    for name in ("assignments", "places", "scores", "checks", "endings"):
        assert set(tables[name]["participant_id"]) == {people["Cyd"]}, name


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


async def test_rows_are_counted_before_an_export(record: Record, tmp_path: Path) -> None:
    """Of the tables that come of others, too."""
    await whole_study(record, assigning_study(tmp_path / "study"))
    tables = await exported(record, tmp_path / "out")
    looked = await asyncio.to_thread(list, preview(record.database.url, ExportOptions()))
    told = {one["name"]: one["rows"] for one in looked[1:]}
    names = ("scores", "places", "assignments", "ledgers", "checks", "endings")
    assert {name: told[name] for name in names} == {name: len(tables[name]) for name in names}


async def test_spss_and_stata_know_each_person(record: Record, tmp_path: Path) -> None:
    """A row a participant with condition, ending, answers and scores; numbers bear words."""
    people = await whole_study(record, assigning_study(tmp_path / "study"))
    out = tmp_path / "out"
    tables = await exported(record, out, formats=("sav", "dta", "parquet"))
    wide = tables[WIDE].set_index("participant_id")
    read = {
        "sav": (pyreadstat.read_sav(str(out / f"{WIDE}.sav")), "before.uses_chatbots.code", SCORE),
        "dta": (
            pyreadstat.read_dta(str(out / f"{WIDE}.dta")),
            "before_uses_chatbots_code",
            "after_s_tias_trust_score",
        ),
    }
    for (frame, meta), code, score in read.values():
        rows = frame.set_index("participant_id")
        assert list(rows.index) == list(wide.index)
        for name in ("condition", "ending"):
            assert [one or None for one in rows[name]] == [
                None if pd.isna(one) else one for one in wide[name]
            ]
        assert rows.loc[people["Ada"], score] == 4
        assert pd.isna(rows.loc[people["Cyd"], score])
        assert "Trust" in meta.column_names_to_labels[score]
        labels = meta.variable_value_labels[code]
        assert labels[rows.loc[people["Ada"], code]] == wide.loc[people["Ada"], "before.uses_chatbots"]
        assert meta.variable_value_labels["usable"] == {0: "FALSE", 1: "TRUE"}
