"""Withdrawals leave with an export, and an export from before one says what became of its rows."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from exports import load
from exports.options import FORMATS
from exports.verify.difference import Finding
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.exports.seed import FINGERPRINT, id_of
from tests.exports.test_verify import execute, steps

# Whose rows the finding may name: all tables that hold a thread's rows, and the prompts.
ERASED_FROM = {
    "messages",
    "steps",
    "revisions",
    "runs",
    "llm_calls",
    "prompts",
    "ratings",
    "bookmarks",
    "annotations",
    "coding_tasks",
    "elements",
    "shares",
    "connections",
    "events",
    "identities",
    "participations",
    "stage_visits",
    "consents",
    "survey_answers",
    "survey_changes",
    "endings",
}


def withdraw(url: str, folder: Path, name: str) -> None:
    """Withdraw a participant of the story, in a loop of its own."""

    async def withdrawn() -> None:
        record = Record(open_database(url), folder / "kept", ThreadDefaults("example", "0.1.0", FINGERPRINT))
        await record.start()
        await record.withdrawals.withdraw(id_of(name), "participant")
        await record.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, withdrawn()).result()


def test_an_export_after_a_withdrawal_is_whole(story_url: str, out: Path, tmp_path: Path) -> None:
    """Nothing of the participant is in it but the empty rows; the manifest counts; every id joins."""
    withdraw(story_url, tmp_path, "Ada")
    manifest = export_to(story_url, out, include_deleted=True, include_identities=True, formats=FORMATS)
    assert manifest.withdrawals == 1
    assert json.loads((out / "manifest.json").read_bytes())["withdrawals"] == 1
    assert verify_export(out, story_url) == []
    (row,) = load(out)["withdrawals"].to_dict("records")
    assert (row["participant_id"], row["requested_by"]) == (id_of("Ada"), "participant")
    assert json.loads(row["counts"])["threads"] == 1
    threads = load(out)["threads"].set_index("thread_id")
    emptied = threads.loc[id_of("Ada's thread")]
    assert (emptied["state"], emptied["title"], emptied["message_count"]) == ("withdrawn", "", 0)
    for table in ERASED_FROM - {"prompts"}:
        found = load(out)[table]
        for column in {"participant_id", "thread_id"} & set(found.columns):
            assert not found[column].isin([id_of("Ada"), id_of("Ada's thread")]).any(), table


def test_an_export_before_a_withdrawal_names_it(story_url: str, out: Path, tmp_path: Path) -> None:
    """It is not called corrupt: its rows are those of who has withdrawn since, and it is to be deleted."""
    export_to(story_url, out, include_deleted=True, include_identities=True)
    withdraw(story_url, tmp_path, "Ada")
    found = verify_export(out, story_url)
    assert [one for one in found if one.wrong] == []
    named = {one.where for one in found if one.finding is Finding.WITHDRAWN}
    of_protocol = {"participations", "stage_visits", "consents", "survey_answers", "survey_changes"}
    of_threads = {"messages", "prompts", "llm_calls", "identities", "connections"}
    assert of_protocol | of_threads <= named <= ERASED_FROM
    assert "delete this export" in str(next(one for one in found if one.finding is Finding.WITHDRAWN))


def test_rows_that_nobody_withdrew_are_still_missed(story_url: str, out: Path, tmp_path: Path) -> None:
    """A withdrawal excuses its own participant's rows alone."""
    export_to(story_url, out, include_deleted=True)
    withdraw(story_url, tmp_path, "Ada")
    execute(story_url, steps.delete().where(steps.c.thread_id != id_of("Ada's thread")))
    found = verify_export(out, story_url)
    assert "messages" in {one.where for one in found if one.finding is Finding.NOT_IN_DATABASE}


@pytest.mark.parametrize("options", [{"agent": "Model"}, {"participant": id_of("Ada")}])
def test_a_filtered_export_names_it_too(
    story_url: str, out: Path, tmp_path: Path, options: dict[str, str]
) -> None:
    """Whatever was asked for."""
    export_to(story_url, out, **options)
    withdraw(story_url, tmp_path, "Ada")
    found = verify_export(out, story_url)
    assert [one for one in found if one.wrong] == []
    assert Finding.WITHDRAWN in {one.finding for one in found}
