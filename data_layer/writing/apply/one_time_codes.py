"""One-time codes: each is taken once, also when two browsers send it at the same moment."""

from sqlalchemy import or_, update
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.writing.people_writes import TakeCode
from study.errors import WriteRefused
from study.reasons import Reason


def take_code(connection: Connection, write: TakeCode) -> None:
    """Use up a code. At once, and not with the batch's other rows: whether it was free decides who comes in.

    Raises:
        WriteRefused: It was taken before, or the account has no codes any more.
    """
    table = schema.researchers
    free = or_(table.c.totp_last.is_(None), table.c.totp_last < write.step)
    statement = (
        update(table)
        .where(table.c.researcher_id == write.researcher_id, table.c.totp_secret.is_not(None), free)
        .values(totp_last=write.step)
    )
    if connection.execute(statement).rowcount != 1:
        raise WriteRefused(Reason.CODE_TAKEN_BEFORE)
