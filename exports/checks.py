"""Whether what an export is asked for is there at all."""

from sqlalchemy import select

from data_layer import schema
from exports.options import ExportOptions
from exports.snapshot import Snapshot
from study.errors import ExportError


def check_options(snapshot: Snapshot, options: ExportOptions) -> None:
    """Refuse names that nobody bears: an empty export would look like an answer.

    Raises:
        ExportError: There is no such participant or agent.
    """
    if options.participant is not None:
        table = schema.participants
        asked = select(table.c.participant_id).where(table.c.participant_id == options.participant)
        if not snapshot.all(asked):
            raise ExportError(
                f"--participant: there is no participant {options.participant!r}. Take a pseudonym from the "
                "column participant_id of an exported participants table; names are not known here."
            )
    if options.agent is not None:
        known = sorted(row[0] for row in snapshot.all(select(schema.threads.c.agent).distinct()) if row[0])
        if options.agent not in known:
            there = ", ".join(repr(name) for name in known) or "none, for there are no threads yet"
            raise ExportError(
                f"--agent: no thread has the agent {options.agent!r}. There are: {there}. "
                f"Write it like: --agent {repr(known[0]) if known else 'ELIZA'}"
            )
