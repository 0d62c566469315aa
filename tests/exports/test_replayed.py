"""A ledger that is replayed from an export alone: whatever is forged in it, its own manifest agreeing."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from data_layer.record import Record
from exports.documents.manifest import read_manifest
from exports.verify.difference import Finding
from study.loader import LoadedStudy
from tests.exports.assigned import AFTER, assigning_study, end, ended_study, somebody, whole_study
from tests.exports.conftest import export_to
from tests.exports.forging import Rows, forge, forge_file, forge_rows, rows_of
from tests.exports.proving import verify_export
from tests.programs import lacking, program

LEDGER: Final = "assignment/ledger-1"


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """An export of a study that has ended, with three more who were assigned."""

    async def three(record: Record, study: LoadedStudy) -> None:
        for name in ("Gil", "Hal", "Ida"):
            await (await somebody(record, study, name, "after", **AFTER)).walk_to("")

    return ended_study(tmp_path_factory.mktemp("ended"), migrated_sqlite, three)


@pytest.fixture
def out(ended: Path, tmp_path: Path) -> Path:
    """A copy of it, to be forged."""
    return Path(shutil.copytree(ended / "out", tmp_path / "out"))


def url_of(ended: Path) -> str:
    """Its database."""
    return f"sqlite+aiosqlite:///{ended / 'verbatim.db'}"


def replay_of(out: Path) -> list[str]:
    """What a replay says, of the export alone."""
    return [one.detail for one in verify_export(out, None) if one.finding is Finding.NOT_REPLAYED]


def other(condition: str) -> str:
    """The other condition."""
    return "stories" if condition == "facts" else "facts"


def test_what_was_not_forged_is_replayed(ended: Path) -> None:
    """Without the database, and with it."""
    assert verify_export(ended / "out", None) == []
    assert verify_export(ended / "out", url_of(ended)) == []


def test_a_forged_condition_is_found(out: Path) -> None:
    """Though it stands in each row of the place alike, and the place is somebody's who is usable."""

    def change(rows: Rows) -> Rows:
        place = rows[0]["place_id"]
        forged = other(rows[0]["condition"])
        return [row | {"condition": forged} if row["place_id"] == place else row for row in rows]

    forge_rows(out, "assignments", change)
    assert "Row 1: its condition" in " ".join(replay_of(out))


def test_a_swapped_place_is_found(out: Path) -> None:
    """Two people who change places with each other, conditions and all."""

    def change(rows: Rows) -> Rows:
        first, second = rows[0], next(row for row in rows if row["condition"] != rows[0]["condition"])
        told = {first["place_id"]: second, second["place_id"]: first}
        same = ("place_id", "condition")
        return [row | {name: told.get(row["place_id"], row)[name] for name in same} for row in rows]

    forge_rows(out, "assignments", change)
    assert "Row 1: its place" in " ".join(replay_of(out))


def test_an_added_place_is_found(out: Path) -> None:
    """One of a block that nobody had come to, given to somebody at the end."""

    def change(rows: Rows) -> Rows:
        last = rows[-1]
        added = {"event": "assigned", "place_id": "all:9:1", "inputs": '{"stratum": "all", "attempt": 1}'}
        return [*rows, last | added | {"ledger_row": last["ledger_row"] + 1}]

    forge_rows(out, "assignments", change)
    assert replay_of(out)


def test_a_changed_order_is_found(out: Path) -> None:
    """Of two who came after each other the second is put first, and the rows are numbered anew."""

    def change(rows: Rows) -> Rows:
        turned = [*rows[2:4], *rows[:2], *rows[4:]]
        return [row | {"ledger_row": number} for number, row in enumerate(turned, 1)]

    forge_rows(out, "assignments", change)
    assert replay_of(out)


def test_a_row_that_was_left_out_is_found(out: Path) -> None:
    """The rest numbered anew."""

    def change(rows: Rows) -> Rows:
        return [row | {"ledger_row": number} for number, row in enumerate([*rows[:3], *rows[4:]], 1)]

    forge_rows(out, "assignments", change)
    assert replay_of(out)


def test_another_seed_is_found(out: Path) -> None:
    """The hash that was published is another's."""
    told = json.loads((out / LEDGER / "seed.json").read_bytes()) | {"seed": "another"}
    forge_file(out, f"{LEDGER}/seed.json", json.dumps(told).encode())
    assert "the seed is not the one whose hash stands in ledgers" in replay_of(out)


def test_another_plan_is_found(out: Path) -> None:
    """The ledger is named by the plan that it was begun with."""

    def change(rows: Rows) -> Rows:
        plan = json.loads(rows[0]["plan"]) | {"target": 50}
        return [rows[0] | {"plan": json.dumps(plan)}]

    forge_rows(out, "ledgers", change)
    assert any("named by" in one for one in replay_of(out))


@pytest.mark.parametrize("name", ["assignments.csv", "places.csv", "assignment-plan.csv"])
def test_a_forged_file_of_the_replay_is_found(out: Path, name: str) -> None:
    """What R would read is what the tables say."""
    path = out / LEDGER / name
    content = path.read_bytes()
    forged = content.replace(b"facts", b"other", 1)
    assert forged != content
    forge_file(out, f"{LEDGER}/{name}", forged)
    found = verify_export(out, None)
    assert [(one.finding, one.where) for one in found] == [(Finding.FILE_CHANGED, f"{LEDGER}/{name}")]


def test_a_file_of_the_replay_that_was_taken_away_is_found(out: Path) -> None:
    """Though the manifest does not know it."""
    (out / LEDGER / "places.csv").unlink()

    def change(manifest: dict[str, Any]) -> None:
        kept = [one for one in manifest["documents"] if not one["path"].endswith("places.csv")]
        manifest["documents"] = kept

    forge(out, change)
    assert [one.finding for one in verify_export(out, None)] == [Finding.FILE_MISSING]


def test_r_replays_it(ended: Path) -> None:
    """By the command that the folder's own page writes."""
    folder = ended / "out" / "assignment"
    (line,) = [one for one in (folder / "README.md").read_text().splitlines() if one.startswith("Rscript")]
    ran = subprocess.run(
        [program("Rscript"), "--vanilla", *line.split()[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if "there is no package called" in ran.stderr:
        lacking("Rscript")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 differences" in ran.stdout


async def test_a_sealed_seed_does_not_leave(record: Record, tmp_path: Path) -> None:
    """While the study runs no file has it, whatever is asked for; its ledger is proved by the database's."""
    loaded = assigning_study(tmp_path / "study")
    await whole_study(record, loaded)
    protocol = loaded.definition.protocol
    assert protocol is not None
    assert protocol.assign is not None
    seed = await record.assignments.seed_when_ended(protocol.assign.seed, has_ended=True)
    assert seed is not None
    out, url = tmp_path / "out", record.database.url
    asked = {"include_deleted": True, "include_identities": True, "formats": ("csv", "jsonl")}
    await asyncio.to_thread(export_to, url, out, **asked)
    files = [path for path in out.rglob("*") if path.is_file()]
    assert not [path for path in files if seed.encode() in path.read_bytes()]
    assert not (out / "assignment").exists()
    assert await asyncio.to_thread(verify_export, out, url) == []


async def test_what_was_forged_in_the_database_is_found(sqlite_record: Record, tmp_path: Path) -> None:
    """The export agrees with it to the letter: the seed does not."""
    await whole_study(sqlite_record, assigning_study(tmp_path / "study"))
    async with sqlite_record.database.engine.begin() as connection:
        turned = "CASE condition WHEN 'facts' THEN 'stories' ELSE 'facts' END"
        await connection.exec_driver_sql(f"UPDATE assignments SET condition = {turned}")  # ours
    out, url = tmp_path / "out", sqlite_record.database.url
    await asyncio.to_thread(export_to, url, out)
    found = await asyncio.to_thread(verify_export, out, url)
    assert {one.finding for one in found} == {Finding.NOT_REPLAYED}


@pytest.mark.parametrize(
    "rule", [{"method": "minimise", "factors": ["before.uses_chatbots"]}, {"method": "urn"}]
)
async def test_draws_are_replayed_too(sqlite_record: Record, tmp_path: Path, rule: dict[str, Any]) -> None:
    """Of minimise and urn, which have no list; another draw is found."""
    study = assigning_study(tmp_path / "study", **rule)
    await whole_study(sqlite_record, study)
    await end(sqlite_record)
    out, url = tmp_path / "out", sqlite_record.database.url
    await asyncio.to_thread(export_to, url, out)
    assert await asyncio.to_thread(verify_export, out, url) == []
    change: Callable[[Rows], Rows] = lambda rows: [rows[0] | {"draw": "f" * 16}, *rows[1:]]  # noqa: E731
    forge_rows(out, "assignments", change)
    assert replay_of(out)


def test_a_part_of_a_ledger_is_not_replayed(ended: Path, tmp_path: Path) -> None:
    """One participant's rows come to nothing alone: no seed leaves with them, and none is called wrong."""
    who = next(row["participant_id"] for row in rows_of(ended / "out", "assignments"))
    out = tmp_path / "one"
    export_to(url_of(ended), out, participant=who)
    assert not [one for one in read_manifest(out).documents if one.path.startswith("assignment")]
    assert verify_export(out, url_of(ended)) == []
