"""Studies with a protocol in an export: who stood where, agreed to what, and answered what."""

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_layer.record import Record
from exports import load
from exports.documents.datapackage import columns_in
from exports.rows.digest import Digest
from exports.verify.difference import Finding
from study.loader import LoadedStudy, load_study
from tests.exports.conftest import export_to
from tests.exports.forging import FORGERIES, TABLE, forge_file, forge_rows, rows_of, say_rows
from tests.exports.going_on import study_in
from tests.exports.proving import verify_export
from tests.exports.seed import id_of
from tests.stages.protocol.walking import Walker

READ: Final = (
    "participations",
    "stage_visits",
    "consents",
    "consent_texts",
    "survey_answers",
    "survey_changes",
    "endings",
    "ledgers",
    "assignments",
)
WIDE: Final = "survey_answers_wide"


@pytest.fixture(scope="module")
def small() -> LoadedStudy:
    """Consent, survey, instructions with a quiz, chat, survey, debrief."""
    return load_study(Path("tests/data/protocol"))


async def walker(record: Record, study: LoadedStudy, name: str) -> Walker:
    """Somebody who has just come in."""
    return Walker(record, study, await record.enter(name, name.casefold()))


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a frame."""
    return {name: None if pd.isna(value) else value for name, value in row.items()}


@pytest.mark.parametrize("kind", ["parquet", "csv"])
async def test_a_whole_way_is_exported(record: Record, small: LoadedStudy, out: Path, kind: str) -> None:
    """One row a person with what was answered in each stage; proved against the database."""
    ada = await walker(record, small, "Ada")
    await ada.walk_to("")
    bob = await walker(record, small, "Bob")
    await bob.walk_to("before")
    await record.writer.flush()
    await asyncio.to_thread(export_to, record.database.url, out, formats=(kind,))
    assert await asyncio.to_thread(verify_export, out, record.database.url) == []
    tables = load(out)
    rows = {row["participant_id"]: plain(row) for row in tables[WIDE].to_dict("records")}
    found = rows[ada.participant_id]
    assert (found["ending"], found["usable"]) == ("completed", True)
    assert (found["before.uses_chatbots"], found["before.uses_chatbots.code"]) == ("daily", 1)
    assert (found["before.support"], found["after.support"], found["before.because"]) == (60, 80, None)
    assert found["instructions.partner"] == "a computer program"
    gone = rows[bob.participant_id]
    assert {gone[name] for name in tables[WIDE].columns if "." in name} == {None}
    (row,) = tables["participations"].set_index("participant_id").loc[[bob.participant_id]].to_dict("records")
    assert (row["stage_id"], plain(row)["ending"]) == ("before", None)


async def test_the_consent_is_exported_in_its_very_words(
    record: Record, small: LoadedStudy, out: Path
) -> None:
    """Its hash is that of the text that leaves with it."""
    await (await walker(record, small, "Ada")).walk_to("before")
    await record.writer.flush()
    await asyncio.to_thread(export_to, record.database.url, out)
    tables = load(out)
    (decided,), (text,) = (tables[one].to_dict("records") for one in ("consents", "consent_texts"))
    assert decided["text_hash"] == text["text_hash"]
    assert decided["decision"] == "agreed"
    assert json.loads(decided["boxes"])["take_part"] is True
    assert json.loads(text["text"])["boxes"]["take_part"]


async def test_no_code_leaves(record: Record, small: LoadedStudy, out: Path) -> None:
    """When it was shown is told; the code itself is in no file, whoever asks for whatever there is."""
    ada = await walker(record, small, "Ada")
    await ada.walk_to("")
    ada.record.participations.code_shown(ada.participant_id)
    await record.writer.flush()
    asked = {"include_deleted": True, "include_identities": True, "formats": ("csv", "jsonl")}
    await asyncio.to_thread(export_to, record.database.url, out, **asked)
    assert load(out)["participations"]["code_shown_at"].notna().all()
    assert small.definition.protocol is not None
    codes = [one.code for one in small.definition.protocol.endings.values() if getattr(one, "code", None)]
    assert codes
    files = [path.read_bytes() for path in out.rglob("*") if path.is_file()]  # noqa: ASYNC240
    assert not [code for code in codes if any(str(code).encode() in one for one in files)]


@pytest.mark.parametrize("table", READ)
def test_a_forged_row_is_found(sqlite_story: str, out: Path, table: str) -> None:
    """Left out, made up, doubled, exchanged, reworded or redated, though the manifest agrees."""
    export_to(sqlite_story, out)
    whole = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    tried = 0
    for name, forgery in FORGERIES.items():
        if name == "swap" and len(rows_of(out, table)) < 2:
            continue
        forge_rows(out, table, partial(forgery, TABLE[table], place=0))
        found = verify_export(out, sqlite_story)
        assert [one for one in found if one.wrong and one.where == table], name
        tried += 1
        for file, content in whole.items():
            (out / file).write_bytes(content)
    assert tried >= len(FORGERIES) - 1


def test_a_forged_row_of_a_person_is_found(sqlite_story: str, out: Path) -> None:
    """Another answer in the wide table is not what the long one comes to, without the database too."""
    export_to(sqlite_story, out)
    path = out / f"{WIDE}.parquet"
    rows = pq.read_table(path)
    place = rows.column_names.index("after.support")
    values = [71.0 if one == 70.0 else one for one in rows.column(place).to_pylist()]
    changed = rows.set_column(place, rows.field(place), pa.array(values, pa.float64()))
    pq.write_table(changed, path)
    digest = Digest(columns_in(out)[WIDE])
    for batch in changed.to_batches():
        digest.add(batch)
    say_rows(out, WIDE, rows=digest.rows, digest=digest.hexdigest())
    forge_file(out, path.name, path.read_bytes())
    assert [(one.finding, one.where) for one in verify_export(out, None)] == [(Finding.ROWS_CHANGED, WIDE)]


def test_they_are_chosen_as_their_participants_are(sqlite_story: str, out: Path) -> None:
    """By one participant, or by the agent of a thread; who has no such thread is not there."""
    export_to(sqlite_story, out / "one", participant=id_of("Ada"))
    export_to(sqlite_story, out / "some", agent="ELIZA")
    for folder, name in (("one", "Ada"), ("some", "Bob")):
        tables = load(out / folder)
        for table in {*READ, WIDE} - {"consent_texts", "ledgers"}:
            assert set(tables[table]["participant_id"]) == {id_of(name)}, table
        assert verify_export(out / folder, sqlite_story) == []


async def test_who_goes_on_is_no_forgery(database_url: str, tmp_path: Path, small: LoadedStudy) -> None:
    """An export in the middle of a way is proved after its end: moved on and newer, nothing wrong."""
    async with study_in(database_url, tmp_path) as study:
        ada = await walker(study.record, small, "Ada")
        await ada.walk_to("talk")
        await study.record.writer.flush()
        whole = await study.exported()
        hers = await study.exported(participant=ada.participant_id)
        study.go_on()
        await ada.walk_to("")
        await (await walker(study.record, small, "Bob")).walk_to("")
        await study.record.writer.flush()
        for out in (whole, hers):
            found = await asyncio.to_thread(verify_export, out, study.url)
            assert [one for one in found if one.wrong] == []
            assert ("participations", Finding.MOVED_ON) in {(one.where, one.finding) for one in found}
        newer = {
            one.where
            for one in await asyncio.to_thread(verify_export, whole, study.url)
            if one.finding is Finding.NEWER
        }
        assert newer >= {"participations", "stage_visits", "consents", "survey_answers"}


async def test_who_refuses_later_is_no_forgery(database_url: str, tmp_path: Path, small: LoadedStudy) -> None:
    """Who they are is in an export of before, and in the database no more: told as of a withdrawal."""
    async with study_in(database_url, tmp_path) as study:
        ada = await walker(study.record, small, "Ada")
        await study.record.writer.flush()
        out = await study.exported(include_identities=True)
        study.go_on()
        await ada.look()
        await ada.send(decision=["refuse"])
        await study.record.writer.flush()
        found = await asyncio.to_thread(verify_export, out, study.url)
        assert [one for one in found if one.wrong] == []
        assert ("identities", Finding.WITHDRAWN) in {(one.where, one.finding) for one in found}


def test_a_study_without_a_protocol_has_them_empty(sqlite_url: str, out: Path) -> None:
    """As it has forms that nobody was asked."""
    export_to(sqlite_url, out)
    tables = load(out)
    assert {name: len(tables[name]) for name in (*READ, WIDE)} == dict.fromkeys((*READ, WIDE), 0)
    assert verify_export(out, sqlite_url) == []
