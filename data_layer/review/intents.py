"""The intents of several threads at once, as the researchers' room shows them."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import Row, read_rows
from study.intents import IntentState

_INTENTS: Final = schema.intents
_SHOWN: Final = (_INTENTS.c.thread_id, _INTENTS.c.title, _INTENTS.c.state)


async def last_intents(database: Database, thread_ids: Sequence[str]) -> dict[str, Row]:
    """The last intent that stands of each of some threads: title and state.

    Raises:
        SQLAlchemyError: The database is away.
    """
    if not thread_ids:
        return {}
    query = select(*_SHOWN).where(_INTENTS.c.thread_id.in_(thread_ids), _INTENTS.c.deleted_at.is_(None))
    async with database.connect() as connection:
        found = await read_rows(connection, query.order_by(_INTENTS.c.seq))
    return {row["thread_id"]: row for row in found}


def under_way(threads: Any) -> Select[Any]:
    """The intents that are under way in some threads, given by a select of their ids."""
    active = _INTENTS.c.state == IntentState.ACTIVE.value
    return select(*_SHOWN).where(active, _INTENTS.c.deleted_at.is_(None), _INTENTS.c.thread_id.in_(threads))
