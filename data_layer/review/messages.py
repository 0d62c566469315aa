"""Single messages of a thread, for whoever marks them."""

from collections.abc import Sequence

from sqlalchemy import select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row
from study.vocabulary import MESSAGE_TYPES


async def read_messages(database: Database, thread_id: str, step_ids: Sequence[str]) -> list[Row]:
    """Messages of a thread, deleted ones too; what is none or stands elsewhere is passed over.

    Returns:
        step_id, turn, type, name, revision and output of each, in order.
    """
    steps = schema.steps
    query = (
        select(steps.c.step_id, steps.c.turn, steps.c.type, steps.c.name, steps.c.revision, steps.c.output)
        .where(steps.c.step_id.in_([one for one in step_ids if is_uuid(one)]))
        .where(steps.c.thread_id == thread_id, steps.c.type.in_([kind.value for kind in MESSAGE_TYPES]))
        .order_by(steps.c.seq)
    )
    async with database.connect() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]
