"""Which threads and rows an export holds, as conditions on its selects."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    func,
    select,
    true,
)

from data_layer.database import schema
from exports.columns.sql import is_listed
from exports.options import ExportOptions


@dataclass(frozen=True)
class Scope:
    """What of the database an export holds.

    Rows follow their thread. A row whose thread is not there at all stays in the export unless threads are
    chosen by a filter: leaving it out would hide it, and verify names it.

    Args:
        options: What was asked for.
        listed: The ids of the threads that were looked for; None when none were.
    """

    options: ExportOptions = field(default_factory=ExportOptions)
    listed: tuple[str, ...] | None = field(default=None, repr=False)

    @property
    def everything(self) -> "Scope":
        """The same database without any choice: all that was ever kept."""
        return Scope(ExportOptions(include_deleted=True, include_identities=True))

    @property
    def filtered(self) -> bool:
        """Whether some threads are left out by choice."""
        return self.options.filtered or self.listed is not None

    def threads(self, threads: Any = schema.threads) -> tuple[ColumnElement[bool], ...]:
        """Conditions on a row of `threads`.

        Args:
            threads: The table, or the alias or outer join's side that stands for it.
        """
        asked, columns = self.options, threads.c
        conditions: list[ColumnElement[bool]] = []
        if not asked.include_deleted:
            conditions.append(columns.deleted_at.is_(None))
        if asked.since is not None:
            conditions.append(columns.last_activity_at >= asked.since)
        if asked.until is not None:
            conditions.append(columns.created_at < asked.until)
        if asked.agent is not None:
            conditions.append(columns.agent == asked.agent)
        if asked.participant is not None:
            conditions.append(columns.participant_id == asked.participant)
        if self.listed is not None:
            conditions.append(among(columns.thread_id, self.listed))
        return tuple(conditions)

    def living(self, *tables: Any) -> tuple[ColumnElement[bool], ...]:
        """Conditions that rows, or what they were joined to, have not left the screen."""
        if self.options.include_deleted:
            return ()
        return tuple(table.c.deleted_at.is_(None) for table in tables)

    @cached_property
    def threads_of_each(self) -> Subquery:
        """How many of the chosen threads each participant has, as `chosen` beside `participant_id`.

        One and the same in a column and in what it is joined to.
        """
        threads = schema.threads
        # All threads once: a look at them for each participant took a minute at 20,000.
        return (
            select(
                threads.c.participant_id,
                func.sum(case((and_(true(), *self.threads()), 1), else_=0)).label("chosen"),
            )
            .group_by(threads.c.participant_id)
            .subquery("theirs")
        )

    def chosen(self) -> Select[Any]:
        """The ids of the chosen threads."""
        return select(schema.threads.c.thread_id).where(*self.threads())


def among(column: ColumnElement[Any], ids: Sequence[str]) -> ColumnElement[bool]:
    """That a column's value is among these; of any number of them."""
    return is_listed(column, bindparam("listed", json.dumps(ids), Text(), unique=True))


def with_thread(table: FromClause) -> FromClause:
    """A table, each row with its thread where there is one."""
    return table.outerjoin(schema.threads, schema.threads.c.thread_id == table.c.thread_id)
