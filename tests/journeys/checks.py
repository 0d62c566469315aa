"""What every journey's export has to stand."""

from collections import defaultdict
from pathlib import Path
from typing import Final

from bench.process import ServerProcess
from simulation.report import Report
from study.dialogs import Dialog
from tests.journeys.compare import (
    Row,
    differences,
    doubled,
    exported,
    ids_in_order,
    ids_on_screen,
    read_table,
    spoken,
)
from tests.journeys.server import export

FORMATS: Final = ("parquet", "csv", "jsonl")


def export_everything(server: ServerProcess, out: Path) -> None:
    """Export in all formats and prove it by `verify`."""
    export(server, out, *(word for form in FORMATS for word in ("--format", form)))
    export(server, "verify", out)


def assert_says_what_the_file_says(out: Path, form: str, dialogs: list[Dialog]) -> None:
    """Every word, tool step, order and id of the file is in the export, and nothing else is."""
    messages, steps = read_table(out, "messages", form), read_table(out, "steps", form)
    found = differences(spoken(dialogs), exported(messages, steps))
    assert found == [], f"{len(found)} differences, first: {found[:5]}"


def assert_ids_hang_together(out: Path, form: str, report: Report) -> None:
    """Rows are single, replies hang on what they answer, and people keep their own threads."""
    messages, steps = read_table(out, "messages", form), read_table(out, "steps", form)
    assert doubled(messages, "message_id") == []
    assert doubled(steps, "step_id") == []
    role_of = {row["message_id"]: row["role"] for row in messages}
    run_of = {row["message_id"]: row["run_id"] for row in messages}
    runs = {row["run_id"]: row for row in read_table(out, "runs", form)}
    for row in messages:
        if row["role"] == "assistant":
            assert role_of[row["parent_id"]] == "user", row
            assert runs[row["run_id"]]["message_id"] == row["parent_id"], row
    for row in steps:
        if row["message_id"]:
            assert run_of[row["message_id"]] == row["run_id"], row
    _assert_owners(read_table(out, "threads", form), report)


def _assert_owners(threads: list[Row], report: Report) -> None:
    people: defaultdict[str, set[str]] = defaultdict(set)
    for row in threads:
        people[report.owners[row["thread_id"]]].add(row["participant_id"])
    assert len(people) == report.participants
    assert {len(ids) for ids in people.values()} == {1}
    assert len(set.union(*people.values())) == report.participants


def assert_screens_equal_record(out: Path, form: str, report: Report) -> None:
    """The same ids in the same order, and the same words, on every participant's screen."""
    messages, steps = read_table(out, "messages", form), read_table(out, "steps", form)
    found = differences(ids_on_screen(report.seen), ids_in_order(messages, steps))
    assert found == [], f"{len(found)} differences, first: {found[:5]}"
    words = {row["message_id"]: row["content"] or "" for row in messages}
    words |= {row["step_id"]: row["output"] or "" for row in steps}
    shown = {step.id: step.output for screen in report.seen.values() for step in screen}
    assert {id_: (words[id_], shown[id_]) for id_ in shown if words[id_] != shown[id_]} == {}
