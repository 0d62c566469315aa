"""The branches of a thread, told: what left the screen together stands together, where it parted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from data_layer.database.rows import Row
from data_layer.review.thread import WholeThread
from research.thread.entries import Entry, OrphanWork, Said
from study.numbers import whole_number


@dataclass(frozen=True)
class Parting:
    """Where a branch parted.

    Args:
        message_id: The participant's message.
        revision: The wording of it that the branch followed; None for another answer to the same.
    """

    message_id: str
    revision: int | None


def branch_of(entry: Entry) -> str | None:
    """The branch that an entry left the screen with; None for what stands, or left alone."""
    if isinstance(entry, Said):
        return entry.step["branch"] if entry.step["deleted_at"] is not None else None
    return entry.branch if isinstance(entry, OrphanWork) else None


def parting_of(name: str, runs: dict[str, Row]) -> Parting | None:
    """Where a branch parted; None for a name that leads nowhere.

    Args:
        name: As in `steps.branch`.
        runs: All of the thread, by run_id.
    """
    message_id, _, revision = name.partition("/")
    if (number := whole_number(revision)) is not None:
        return Parting(message_id, number)
    run = runs.get(name)
    return None if run is None or run["message_id"] is None else Parting(run["message_id"], None)


def branches_to_show(
    name: str, parting: Parting, rows: list[Row], whole: WholeThread
) -> list[tuple[datetime, datetime | None]]:
    """When a branch stood on the screen.

    Args:
        name: The branch.
        parting: Where it parted.
        rows: What it holds, steps or runs, in order.
        whole: The thread.

    Returns:
        From and until, in order; until is None where the record does not say it.
    """
    spans: list[tuple[datetime, datetime | None]] = []
    since: datetime | None = min(_begun(row) for row in rows)
    ways_out = sorted(_ways_out(parting, whole))
    for event in _walks(whole.events, parting.message_id):
        at, payload = event["timestamp"], event["payload"] or {}
        if payload.get("from") == name and since is not None:
            spans.append((since, at))
            since = None
        elif payload.get("to") == name:
            if since is not None:
                # An edit, or an answer anew, took it away; the rows came back without that moment.
                spans.append((since, _first_after(since, ways_out, at)))
            since = at
    if since is not None:
        spans.append((since, max(row["deleted_at"] for row in rows)))
    return spans


def _walks(events: Iterable[Row], message_id: str) -> list[Row]:
    return [one for one in events if one["type"] == "branch_shown" and one["target"] == message_id]


def _ways_out(parting: Parting, whole: WholeThread) -> Iterable[datetime]:
    """When another wording came, or another answer began."""
    for state in whole.revisions:
        if state["step_id"] == parting.message_id and state["revision"] > 1:
            yield state["created_at"]
    for run in whole.runs:
        if run["message_id"] == parting.message_id:
            yield run["started_at"]


def _first_after(since: datetime, moments: list[datetime], until: datetime) -> datetime | None:
    return next((moment for moment in moments if since < moment <= until), None)


def _begun(row: Row) -> datetime:
    begun: datetime = row["created_at"] if "created_at" in row else row["started_at"]
    return begun


def rows_of_branch(entries: Iterable[Entry]) -> list[Row]:
    """The steps and runs of a branch."""
    rows: list[Row] = []
    for entry in entries:
        if isinstance(entry, Said):
            rows.append(entry.step)
        elif isinstance(entry, OrphanWork):
            rows += [*(part.run for part in entry.behind), *entry.work]
    return rows
