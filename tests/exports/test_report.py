"""The report of an export: every number in it is that of the tables, and each adds up."""

import asyncio
import csv
import io
import re
import shutil
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest

from data_layer.record import Record
from exports import load
from exports.report.checklists import consort_md, guide_llm_md
from exports.report.counted import CountedStudy, ServedModel
from exports.report.methods import TO_WRITE, methods_md
from exports.report.svg import flow_svg
from exports.verify.difference import Finding
from study.assignment import dropout_by_condition
from study.flow.counts import Flow, StageFlow
from study.flow.drawing import draw_flow
from study.loader import LoadedStudy
from tests.exports.assigned import AFTER, ended_study, somebody
from tests.exports.conftest import export_to
from tests.exports.forging import forge_file, forge_rows
from tests.exports.proving import verify_export

FILES: Final = ("consort.md", "flow.csv", "flow.svg", "guide-llm.md", "methods.md", "models.csv")
Numbers = dict[tuple[str, str, str, str], int]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """An export of a study of nine, which has ended."""

    async def three(record: Record, study: LoadedStudy) -> None:
        await (await somebody(record, study, "Gil", "after", **AFTER)).walk_to("")
        await record.enter("Hal", "hal")
        refuses = await somebody(record, study, "Ida", "consent")
        await refuses.send(decision=["refuse"])

    return ended_study(tmp_path_factory.mktemp("reported"), migrated_sqlite, three)


@pytest.fixture
def out(ended: Path, tmp_path: Path) -> Path:
    """A copy of it, to be forged."""
    return Path(shutil.copytree(ended / "out", tmp_path / "out"))


def numbers_of(out: Path) -> Numbers:
    """flow.csv: what, stage, condition and detail, with the number of participants."""
    rows = csv.DictReader(io.StringIO((out / "report" / "flow.csv").read_text(encoding="utf-8")))
    named = ("what", "stage", "condition", "detail")
    told = ((tuple(row[name] for name in named), int(row["participants"])) for row in rows)
    return {(what, stage, arm, detail): count for (what, stage, arm, detail), count in told}


def summed(numbers: Numbers, what: str, stage: str | None = None, condition: str | None = None) -> int:
    """The numbers of one kind together."""
    return sum(
        count
        for (kind, of, arm, _), count in numbers.items()
        if kind == what and stage in (None, of) and condition in (None, arm)
    )


def test_the_flow_is_that_of_the_tables(ended: Path) -> None:
    """Counted anew from the exported rows, by other means."""
    tables, numbers = load(ended / "out"), numbers_of(ended / "out")
    standing, visits = tables["participations"], tables["stage_visits"]
    assert numbers["assessed", "", "", ""] == len(tables["participants"]) == 9
    assert numbers["withdrew", "", "", ""] == len(tables["withdrawals"]) == 1
    assert numbers["opened nothing", "", "", ""] == 9 - 1 - len(standing) == 1
    entered = visits.groupby("stage_id")["participant_id"].nunique().to_dict()
    assert {stage: count for (what, stage, *_), count in numbers.items() if what == "entered"} == entered
    endings = tables["endings"].groupby(["stage_id", "ending"]).size().to_dict()
    ended_at = {key[1::2]: count for key, count in numbers.items() if key[0] == "ended" and key[1]}
    assert ended_at == endings
    assert numbers["analysed", "", "", ""] == int(standing["usable"].sum()) == 3


def test_the_flow_adds_up(ended: Path) -> None:
    """Whoever entered a stage went on, is there, or ended there; whoever came is somewhere."""
    numbers = numbers_of(ended / "out")
    stages = list(dict.fromkeys(stage for what, stage, *_ in numbers if what == "entered"))
    assert stages == ["consent", "before", "instructions", "talk", "after", "debrief"]
    for stage, following in zip(stages, [*stages[1:], None], strict=True):
        went_on = numbers["entered", following, "", ""] if following else 0
        stayed = numbers["still there", stage, "", ""] + summed(numbers, "ended", stage, "")
        assert numbers["entered", stage, "", ""] == went_on + stayed, stage
    left = numbers["opened nothing", "", "", ""] + numbers["withdrew", "", "", ""]
    assert numbers["assessed", "", "", ""] == left + numbers["entered", "consent", "", ""]
    for arm in ("facts", "stories"):
        parts = ("withdrew", "still there", "ended")
        assert numbers["assigned", "", arm, ""] == sum(summed(numbers, one, "", arm) for one in parts)
    assert summed(numbers, "assigned") == 6
    not_usable = summed(numbers, "not analysed", "", "")
    assert numbers["analysed", "", "", ""] + not_usable == len(load(ended / "out")["endings"])


def test_the_drawing_has_the_numbers(ended: Path) -> None:
    """Each box's; the picture is well-formed and asks nobody for anything."""
    numbers = numbers_of(ended / "out")
    text = (ended / "out" / "report" / "flow.svg").read_text(encoding="utf-8")
    told = [one.text or "" for one in ET.fromstring(text).iter("{http://www.w3.org/2000/svg}title")]
    for said, key in (
        ("Assessed: 9 for eligibility", ("assessed", "", "", "")),
        ("talk: 5 entered", ("entered", "talk", "", "")),
        ("Analysed: 3 usable", ("analysed", "", "", "")),
        ("failed_attention: 1 ended", ("ended", "after", "", "failed_attention")),
    ):
        assert said in told
        assert str(numbers[key]) in said
    # Of the one who has withdrawn nothing but the place is left.
    assert "Randomised: 5 to conditions" in told
    for arm in ("facts", "stories"):
        assigned, usable = (numbers[what, "", arm, ""] for what in ("assigned", "analysed"))
        lost = assigned - usable - numbers["still there", "", arm, ""]
        row = told[told.index(f"{arm}: {assigned} assigned") :][:3]
        assert [re.findall(r": (\d+)", one) for one in row] == [[str(assigned)], [str(lost)], [str(usable)]]
    assert re.findall(r"(?:href|src|url\()[^#)]*https?:", text) == []


def test_the_words_have_the_numbers(ended: Path) -> None:
    """Of the paragraph and of CONSORT's list."""
    folder, ledgers = ended / "out" / "report", load(ended / "out")["ledgers"]
    methods = (folder / "methods.md").read_text(encoding="utf-8")
    for said in (
        "9 participants came",
        "1 withdrew, and their data were erased",
        "completed 3, failed_attention 1, no_consent 1",
        "3 participants count for the analysis; 2 who ended do not",
        "on coming to the stage talk to one of 2 conditions (facts, stories) in blocks of 2 or 4",
        ledgers["seed_hash"].item(),
    ):
        assert said in methods
    consort = (folder / "consort.md").read_text(encoding="utf-8")
    assert "Usable: 3 of 9." in consort
    assert ledgers["seed_hash"].item() in consort
    assert consort.count(TO_WRITE) > 10


def test_a_forged_number_is_found(out: Path) -> None:
    """Verify writes the report again from the tables."""
    for name in FILES:
        path = out / "report" / name
        content = path.read_bytes()
        forged = re.sub(rb"\d", b"7", content, count=5) + b" "
        forge_file(out, f"report/{name}", forged)
        found = verify_export(out, None)
        assert [(one.finding, one.where) for one in found] == [(Finding.FILE_CHANGED, f"report/{name}")]
        forge_file(out, f"report/{name}", content)


def test_a_forged_row_is_another_report(out: Path) -> None:
    """A person made usable in the tables is one more than the report says."""

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"usable": True} for row in rows]

    forge_rows(out, "participations", change)
    assert "report/flow.csv" in {one.where for one in verify_export(out, None)}


def test_models_are_those_of_the_calls(sqlite_story: str, tmp_path: Path) -> None:
    """Each day, model asked for and model served has its row, with the calls of the exported table."""
    export_to(sqlite_story, tmp_path / "out")
    rows = pd.read_csv(tmp_path / "out" / "report" / "models.csv", keep_default_na=False)
    calls = load(tmp_path / "out")["llm_calls"]
    names = ["gen_ai_provider_name", "gen_ai_request_model", "gen_ai_response_model"]
    given = calls[names].astype(object).where(calls[names].notna(), "")
    keys = zip(calls["started_at"].dt.strftime("%Y-%m-%d"), *(given[name] for name in names), strict=True)
    wanted = Counter(keys)
    assert len(wanted) > 1
    told = rows[["day", "provider", "asked", "served"]].itertuples(index=False, name=None)
    assert dict(zip(told, rows["calls"], strict=True)) == wanted
    assert rows["failed"].sum() == (calls["status"] == "failed").sum()


async def test_models_are_said_in_words(ended: Path) -> None:
    """As served, with what failed; and said in the paragraph and the list."""
    day = ServedModel("2026-03-02", "openai", "gpt-x", "gpt-x-2026-01", 12, 1)
    study = counted(models=(day,), parameters=Counter({'{"temperature": 0.7}': 12}), prompts=4)
    methods = methods_md(study, ()).decode()
    assert "gpt-x (openai, served as gpt-x-2026-01; 2026-03-02, 12 calls)" in methods
    assert "12 calls were sent with temperature 0.7" in methods
    guide = guide_llm_md(study).decode()
    assert "2026-03-02: gpt-x (openai), served gpt-x-2026-01, 12 calls, 1 failed" in guide
    assert [f"| {one} |" in guide for one in ("A.1", "B.5", "C.2", "G.1")] == [True] * 4


def counted(**told: Any) -> CountedStudy:
    """A study of one who came to the end, without conditions."""
    stage = StageFlow("<talk>", "chat", 1, 0, 0, {"completed": 1})
    flow = Flow(1, 0, 0, 0, (stage,), {"completed": 1}, 1, 0, 0)
    given = {"models": (), "parameters": {}, "prompts": 0} | told
    nothing = dropout_by_condition({})
    return CountedStudy(flow, "2026-03-02", "2026-03-02", {}, {}, {}, nothing, (), **given)


def test_a_study_without_conditions_has_a_report_too() -> None:
    """Nothing is said of an assignment, and names of stages are texts and no mark-up."""
    study = counted()
    assert b"assigned" not in methods_md(study, ())
    assert f"| 9 | How the sequence was concealed | {TO_WRITE} |" in consort_md(study, ()).decode()
    svg = flow_svg(study.flow, {}).decode()
    assert "&lt;talk&gt;" in svg
    assert "andomised" not in svg


def test_the_room_draws_the_same() -> None:
    """The same boxes in the same places, in other words."""
    flow = counted().flow
    here = draw_flow(flow, lambda **_asked: "")
    shown = re.findall(r'<g class="\w+">.*?<rect x="(\d+)" y="(\d+)"', flow_svg(flow, {}).decode())
    assert [(str(box.x), str(box.y)) for box in here.boxes] == shown


def test_a_part_of_a_study_has_no_report(ended: Path, tmp_path: Path) -> None:
    """Its numbers are of the whole: chosen threads, or a table alone, come to none."""
    url = f"sqlite+aiosqlite:///{ended / 'verbatim.db'}"
    export_to(url, tmp_path / "one", tables=("messages",))
    assert not (tmp_path / "one" / "report").exists()
    assert verify_export(tmp_path / "one", url) == []


async def test_a_study_without_a_protocol_has_none(sqlite_record: Record, tmp_path: Path) -> None:
    """It has no flow."""
    await sqlite_record.enter("Ada", "ada")
    await sqlite_record.writer.flush()
    url = sqlite_record.database.url
    await asyncio.to_thread(export_to, url, tmp_path / "out")
    assert not (tmp_path / "out" / "report").exists()
    assert isinstance(load(tmp_path / "out")["participants"], pd.DataFrame)
