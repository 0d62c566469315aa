"""What others said of a failure: every column that keeps it, and secrets thrown at each."""

import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import String, Text

from data_layer.database import schema
from data_layer.record import Record
from data_layer.writing.batch import Unit
from data_layer.writing.foreign import COLUMNS
from data_layer.writing.journal import Journal
from data_layer.writing.writes import InsertRow, PatchRow
from study.masking import MASK, hold
from tests.data_layer.rows import rows
from tests.study.test_masking import FORMS, SECRETS

KEY = "sk-" + "proj-Ab3dEfGh1jKlMnOpQrStUvWxYz0123456789"
# What a provider, a client or a child process says stands in columns of these names.
SAID_BY_OTHERS = ("error", "problem", "response", "fingerprint", "finish_reason", "details")
# `details` of the audit log are what a researcher did; a study's fingerprint is its file's; why a tool
# failed is one of our own words, or the name of an exception's class.
OURS = {
    "audit_log.details",
    "threads.study_fingerprint",
    "runs.study_fingerprint",
    "participations.study_fingerprint",
    "freezes.study_fingerprint",
    "tool_decisions.error_type",
}


def test_every_column_of_others_words_is_one() -> None:
    """A new column whose name speaks of an error or of an answer cannot be forgotten."""
    named = {
        f"{table.name}.{column.name}"
        for table in schema.metadata.tables.values()
        for column in table.columns
        if any(word in column.name for word in SAID_BY_OTHERS)
        if isinstance(column.type, String | Text) or column.name == "details"
    }
    assert named - OURS == {f"{table}.{name}" for table, names in COLUMNS.items() for name in names}


@settings(max_examples=40, deadline=None)
@given(secret=SECRETS, form=st.sampled_from(sorted(FORMS)))
def test_no_text_that_is_kept_from_outside_holds_a_secret(secret: str, form: str) -> None:
    """Thrown at every such column, in every form, as text and deep in JSON, when it is new and changed."""
    hold(secret)
    said = f"it failed: {FORMS[form](secret)}"
    for table, names in COLUMNS.items():
        for value in (said, {"said": [said]}):
            row = dict.fromkeys(names, value)
            inserted, patched = Unit([InsertRow(table, row), PatchRow(table, {"id": 1}, row)], [1, 2]).writes
            assert isinstance(inserted, InsertRow)
            assert isinstance(patched, PatchRow)
            kept = json.dumps([inserted.row, patched.changes], ensure_ascii=False)
            assert kept.count(MASK) >= 2 * len(names)
            assert FORMS[form](secret).strip("=\n\r'\"") not in kept


async def test_what_participants_say_is_never_masked(record: Record) -> None:
    """A key that a participant writes is what they wrote."""
    hold(KEY)
    step = {"step_id": "x", "output": KEY, "name": KEY}
    (write,) = Unit([InsertRow("steps", step)], [1]).writes
    assert write == InsertRow("steps", step)


async def test_an_entry_of_an_earlier_version_is_masked_when_it_is_applied(record: Record) -> None:
    """What waited in the journal when Verbatim was updated was written without a mask."""
    hold(KEY)
    told = f"Illegal header value b'Bearer {KEY}\\r'"
    record.journal.append([Unit([InsertRow("runs", run(told))], [1])])
    line = record.journal.path.read_text()
    record.journal.path.write_text(line.replace(MASK, KEY))
    await record.writer.start()
    (kept,) = await rows(record, "runs")
    assert kept["error_message"] == f"Illegal header value b'{MASK}'"


async def test_entries_that_failed_are_masked_at_the_start(tmp_path: Path) -> None:
    """Their reason and their rows; whatever else stands in them stays, line by line."""
    hold(KEY)
    journal = Journal(tmp_path)
    journal.append_failed(Unit([InsertRow("runs", run(KEY))], [1]), f"could not: {KEY}")
    assert KEY not in journal.failed_path.read_text()
    clean = journal.failed_path.read_text()
    torn = f'{{"id": "torn {KEY}'
    journal.failed_path.write_text(clean.replace(MASK, KEY) + torn + "\n")
    journal.mask_failed()
    assert journal.failed_path.read_text() == clean + torn + "\n"


def run(said: str) -> dict[str, object]:
    """A row of `runs` that failed."""
    return {
        "run_id": "00000000-0000-4000-8000-000000000001",
        "thread_id": "00000000-0000-4000-8000-000000000002",
        "seq": 1,
        "name": "on_message",
        "status": "failed",
        "started_at": datetime(2026, 11, 21, tzinfo=UTC),
        "error_type": "APIConnectionError",
        "error_message": said,
    }
