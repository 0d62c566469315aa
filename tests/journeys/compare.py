"""An export held against the file of dialogs that was spoken, and against the screens."""

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet

from simulation.screen import ShownMessage
from study.dialogs import Dialog, simulated_message_id, simulated_thread_id
from study.vocabulary import MessageRole

Row = dict[str, Any]

CLOSING: Final = "The script is over."  # study/agent_definitions.py's own


@dataclass(frozen=True)
class Said:
    """One message or tool step, as file, screen and export can all tell it.

    Args:
        what: "user", "assistant" or "tool".
        words: What was said, or what came out of the tool.
        name: The tool's name; empty for messages.
        input: What went into the tool.
        id: Only where the file decides it: a participant's message.
    """

    what: str
    words: str
    name: str = ""
    input: str = ""
    id: str = ""


def spoken(dialogs: Sequence[Dialog], rounds: int = 1) -> dict[str, list[Said]]:
    """Return what each thread must hold, in order, by the file alone."""
    return {
        simulated_thread_id(dialog, number, round_): _lines(dialog, number, round_)
        for round_ in range(rounds)
        for number, dialog in enumerate(dialogs)
    }


def _lines(dialog: Dialog, number: int, round_: int) -> list[Said]:
    thread_id = simulated_thread_id(dialog, number, round_)
    lines: list[Said] = []
    for place, (text, answer) in enumerate(zip(dialog.participant_lines, dialog.answers, strict=True)):
        lines.append(Said("user", text, id=simulated_message_id(thread_id, place)))
        lines += [
            Said("tool", call.response, name=call.name, input=call.request or "") for call in answer.calls
        ]
        # Where the file ends with the participant, the agent says its closing line.
        lines.append(Said("assistant", answer.text or CLOSING))
    return lines


def read_table(folder: Path, name: str, form: str) -> list[Row]:
    """Read a table of an export by other means than ours."""
    file = folder / f"{name}.{form}"
    if form == "parquet":
        rows: list[Row] = pyarrow.parquet.read_table(file).to_pylist()
        return rows
    if form == "jsonl":
        return [json.loads(line) for line in file.read_bytes().decode("utf-8").split("\n") if line]
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def exported(messages: Sequence[Row], steps: Sequence[Row]) -> dict[str, list[Said]]:
    """Return what an export holds of each thread, messages and tool steps in their common order."""
    threads: dict[str, list[tuple[int, Said]]] = {}
    for row in messages:
        is_user = row["role"] == MessageRole.USER
        said = Said(row["role"], row["content"] or "", id=row["message_id"] if is_user else "")
        threads.setdefault(row["thread_id"], []).append((int(row["seq"]), said))
    for row in steps:
        said = Said(row["type"], row["output"] or "", name=row["name"], input=row["input"] or "")
        threads.setdefault(row["thread_id"], []).append((int(row["seq"]), said))
    return {
        thread_id: [said for _, said in sorted(lines, key=lambda line: line[0])]
        for thread_id, lines in threads.items()
    }


def differences(wanted: Mapping[str, Sequence[Any]], found: Mapping[str, Sequence[Any]]) -> list[str]:
    """Name what one side has and the other has not, in both directions, place by place."""
    named = [f"thread {thread_id} is missing" for thread_id in wanted if thread_id not in found]
    named += [f"thread {thread_id} was never spoken" for thread_id in found if thread_id not in wanted]
    for thread_id in wanted.keys() & found.keys():
        here, there = list(wanted[thread_id]), list(found[thread_id])
        if here != there:
            places = range(max(len(here), len(there)))
            first = next(p for p in places if here[p : p + 1] != there[p : p + 1])
            named.append(
                f"thread {thread_id}, place {first} of {len(here)} and {len(there)}: "
                f"{here[first : first + 1]} became {there[first : first + 1]}"
            )
    return named


def ids_in_order(messages: Sequence[Row], steps: Sequence[Row]) -> dict[str, list[str]]:
    """Return each thread's ids in the export's order."""
    threads: dict[str, list[tuple[int, str]]] = {}
    for row in messages:
        threads.setdefault(row["thread_id"], []).append((int(row["seq"]), row["message_id"]))
    for row in steps:
        threads.setdefault(row["thread_id"], []).append((int(row["seq"]), row["step_id"]))
    return {thread_id: [id_ for _, id_ in sorted(rows)] for thread_id, rows in threads.items()}


def ids_on_screen(seen: Mapping[str, Sequence[ShownMessage]]) -> dict[str, list[str]]:
    """Return each thread's ids in the order in which they came onto the screen."""
    return {thread_id: [shown.id for shown in screen] for thread_id, screen in seen.items()}


def doubled(rows: Sequence[Row], key: str) -> list[str]:
    """Return the ids that stand in more than one row."""
    times = Counter(row[key] for row in rows)
    return [id_ for id_, count in times.items() if count > 1]
