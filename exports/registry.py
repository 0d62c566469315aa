"""All tables, in the order in which they are written and described."""

from typing import Final

from exports.annotations.table import TABLE as annotations
from exports.bookmarks.table import TABLE as bookmarks
from exports.codes.table import TABLE as codes
from exports.connections.table import TABLE as connections
from exports.elements.table import TABLE as elements
from exports.events.table import TABLE as events
from exports.identities.table import TABLE as identities
from exports.llm_calls.table import TABLE as llm_calls
from exports.messages.table import TABLE as messages
from exports.options import ExportOptions
from exports.participants.table import TABLE as participants
from exports.prompts.table import TABLE as prompts
from exports.ratings.table import TABLE as ratings
from exports.revisions.table import TABLE as revisions
from exports.runs.table import TABLE as runs
from exports.shares.table import TABLE as shares
from exports.steps.table import TABLE as steps
from exports.study_controls.table import TABLE as study_controls
from exports.table import Table
from exports.threads.table import TABLE as threads
from exports.withdrawals.table import TABLE as withdrawals
from study.errors import ExportError

TABLES: Final[tuple[Table, ...]] = (
    participants,
    threads,
    messages,
    steps,
    revisions,
    runs,
    llm_calls,
    prompts,
    ratings,
    bookmarks,
    elements,
    shares,
    connections,
    events,
    codes,
    annotations,
    study_controls,
    withdrawals,
    identities,
)


def tables_for(options: ExportOptions) -> tuple[Table, ...]:
    """The tables that were asked for.

    Args:
        options: What was asked for.

    Returns:
        In the order of TABLES.

    Raises:
        ExportError: There is no such table, or it may not leave like that.
    """
    known = {table.name: table for table in TABLES}
    for name in options.tables:
        if name not in known:
            raise ExportError(
                f"--tables: there is no table {name!r}. Choose among: {', '.join(known)}. "
                "Write it like: --tables messages,threads"
            )
        if known[name].personal and not options.include_identities:
            raise ExportError(
                f"--tables: {name} says who participants are. "
                f"If that is meant to leave, write it like: --tables {name} --include-identities"
            )
    wanted = set(options.tables) or {table.name for table in TABLES if not table.personal}
    if options.include_identities:
        wanted |= {table.name for table in TABLES if table.personal}
    return tuple(table for table in TABLES if table.name in wanted)
