"""Which exports made in the room may have held a participant: by what they were asked for, and when."""

from collections.abc import Sequence
from datetime import UTC, datetime

from data_layer.database.rows import Row


def may_have_held(export: Row, participant: Row, threads: Sequence[Row]) -> bool:
    """Whether an export may have held a participant. In doubt it may: a filter that is not known here,
    a thread that had another agent or another last message when it was made.

    Args:
        export: A row of `exports`, also one whose files have been deleted: somebody may have a copy; and one
            that has failed: something of it may lie on the disk.
        participant: Their row of `participants`.
        threads: Their rows of `threads`: thread_id, agent, created_at, last_activity_at.
    """
    options = export["options"]
    asked = options.get("participant")
    if asked is not None and asked != participant["participant_id"]:
        return False
    taken_by = export["ended_at"]
    if asked is None and not any(options.get(name) for name in ("since", "until", "agent", "threads")):
        # All participants are in it, those without a thread too.
        return taken_by is None or bool(participant["created_at"] <= taken_by)
    return any(_chosen(thread, options, taken_by) for thread in threads) or asked is not None


def _chosen(thread: Row, options: Row, taken_by: datetime | None) -> bool:
    since, until = _moment(options.get("since")), _moment(options.get("until"))
    listed = options.get("threads")
    return not (
        (listed is not None and thread["thread_id"] not in listed)
        or (taken_by is not None and thread["created_at"] > taken_by)
        or (options.get("agent") and thread["agent"] not in (None, options["agent"]))
        or (since is not None and thread["last_activity_at"] < since)
        or (until is not None and thread["created_at"] >= until)
    )


def _moment(given: str | None) -> datetime | None:
    """A moment as the export's options hold it; one that cannot be read leaves nobody out."""
    try:
        moment = datetime.fromisoformat(given) if given else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
