"""What has happened since a snapshot, by the record's own account: its orders, its moments, its events.

What one row says may change because of another: whose answer it has, which message stands before it,
whether its thread is there at all. Such a row bears no moment of that; but its thread does, for nothing in a
thread changes without a write that leaves its order, its moment or an event there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, func, or_, select

from data_layer.database import schema
from exports.columns.scope import Scope, among
from exports.rows.snapshot import Snapshot

# A thread comes and leaves with all that is in it.
_WENT: Final = ("thread_deleted", "thread_restored", "thread_returned")
# Rows of a thread come back, some of which bear no moment of it.
_CAME_BACK: Final = ("branch_shown", "message_returned")

# What happens in a thread leaves one of these behind.
_ORDERS: Final[tuple[tuple[Table, str], ...]] = (
    (schema.threads, "version"),
    (schema.steps, "version"),
    (schema.runs, "seq"),
    (schema.llm_calls, "seq"),
    (schema.events, "seq"),
    (schema.intent_moves, "seq"),
)
_MOMENTS: Final[tuple[tuple[Table, str], ...]] = (
    (schema.threads, "last_activity_at"),
    (schema.threads, "deleted_at"),
    (schema.steps, "deleted_at"),
    (schema.runs, "ended_at"),
    (schema.runs, "deleted_at"),
    (schema.llm_calls, "ended_at"),
    (schema.elements, "created_at"),
    (schema.elements, "deleted_at"),
)

Ids = frozenset[str]
_Ask = Callable[[Any], Any]


@dataclass(frozen=True)
class Since:
    """What has happened since.

    Args:
        limit: Since when: an order, microseconds since 1970.
        went: Threads that came or left as a whole, by a deletion or its taking back.
        came_back: Threads in which something came back to the screen.
        stirred: Whatever something happened in, by the column that names it: threads, their participants,
            the prompts that were sent in them.
        acts: How often each kind of event happened, by the thread.
    """

    limit: int
    went: Ids = frozenset()
    came_back: Ids = frozenset()
    stirred: Mapping[str, Ids] = field(default_factory=dict)
    acts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def acts_in(self, threads: Ids) -> dict[str, int]:
        """How often each kind of event happened in some threads."""
        return {kind: sum(n for one, n in of.items() if one in threads) for kind, of in self.acts.items()}


def order_of(moment: datetime) -> int:
    """The order that a write of a moment has: microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


def happened_since(snapshot: Snapshot, moment: datetime, taken_at: datetime) -> Since:
    """What has happened since a moment, as a snapshot of the database says.

    Args:
        snapshot: The database as it stands now.
        moment: From when on a row may differ.
        taken_at: When the export's snapshot was taken: from when on acts are told of.
    """
    limit = order_of(moment)
    threads, events = schema.threads, schema.events
    gone = _ids(snapshot, threads.c.thread_id, threads.c.deleted_at > moment)
    stirred = gone.union(
        *(_ids(snapshot, table.c.thread_id, table.c[name] > limit) for table, name in _ORDERS),
        *(_ids(snapshot, table.c.thread_id, table.c[name] > moment) for table, name in _MOMENTS),
    )
    listed = tuple(sorted(stirred))
    kind_and_thread = (events.c.type, events.c.thread_id)
    happened = select(*kind_and_thread, func.count()).where(events.c.seq > order_of(taken_at))
    acts: dict[str, dict[str, int]] = {}
    for kind, thread, count in snapshot.all(happened.group_by(*kind_and_thread)):
        acts.setdefault(str(kind), {})[str(thread)] = int(count)
    calls = schema.llm_calls
    return Since(
        limit=limit,
        went=gone | _of_events(snapshot, limit, _WENT),
        came_back=_of_events(snapshot, limit, _CAME_BACK),
        stirred={
            "thread_id": stirred,
            "participant_id": _ids(snapshot, threads.c.participant_id, among(threads.c.thread_id, listed)),
            "prompt_hash": _ids(snapshot, calls.c.prompt_hash, among(calls.c.thread_id, listed)),
        },
        acts=acts,
    )


def chosen_now(snapshot: Snapshot, scope: Scope) -> Ids:
    """The threads that an export of now would hold."""
    return frozenset(row[0] for row in snapshot.all(scope.chosen()))


def replayed_since(snapshot: Snapshot, moment: datetime) -> bool:
    """Whether writes that had waited in a journal have reached the database since: they bear old moments."""
    applied = schema.journal_applied
    return bool(
        snapshot.number(select(func.count()).select_from(applied).where(applied.c.applied_at > moment))
    )


def _of_events(snapshot: Snapshot, limit: int, kinds: tuple[str, ...]) -> Ids:
    events = schema.events
    is_one = or_(*(events.c.type == kind for kind in kinds))
    return _ids(snapshot, events.c.thread_id, events.c.seq > limit, is_one)


def _ids(snapshot: Snapshot, column: ColumnElement[Any], *where: ColumnElement[bool]) -> Ids:
    found = snapshot.all(select(column).where(*where).distinct())
    return frozenset(row[0] for row in found if row[0] is not None)
