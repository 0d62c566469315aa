"""Reading forms: the one that is being answered, and those that stand under a piece of a thread."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.ids import is_uuid
from data_layer.database.rows import Row, read_rows, rows_of
from study.forms import Form
from study.vocabulary import FormState

forms = schema.forms


async def form_row(database: Database, form_id: str) -> Row | None:
    """A form, open or closed; None for an id that cannot be one's."""
    if not is_uuid(form_id):
        return None
    query = select(forms).where(forms.c.form_id == form_id)
    found = await database.read(lambda connection: rows_of(connection, query))
    return found[0] if found else None


async def forms_under(connection: AsyncConnection, steps: Iterable[Row]) -> list[Row]:
    """The forms that stand under some steps: no question where none says that one does."""
    ids = [form_id for step in steps if (form_id := (step["metadata"] or {}).get("form_id"))]
    if not ids:
        return []
    return await read_rows(connection, select(forms).where(forms.c.form_id.in_(ids)).order_by(forms.c.seq))


def answers_of(connection: Connection, thread_id: str, said: Iterable[Row]) -> dict[str, Row]:
    """What was answered in messages that are forms that were sent: rows of `forms`, by the message."""
    if not any((row["metadata"] or {}).get("answers_form") for row in said):
        return {}
    query = select(forms).where(forms.c.thread_id == thread_id, forms.c.answered_by_message.is_not(None))
    return {row["answered_by_message"]: row for row in rows_of(connection, query)}


def form_as_of(row: Row, moment: datetime) -> Row:
    """A form as it stood at a moment: one that was closed later was still open."""
    if row["closed_at"] is None or row["closed_at"] <= moment:
        return row
    return row | {"state": FormState.OPEN.value, "answers": None, "left_because": None, "closed_at": None}


def form_of(row: Row) -> Form:
    """A form as it was shown."""
    return Form.model_validate(row["definition"])


def form_mark(row: Row) -> Row:
    """A form as its page draws it."""
    return {
        "id": row["form_id"],
        "message": row["message_id"],
        "state": row["state"],
        "definition": row["definition"],
        "answers": row["answers"],
    }
