"""Where the rows of `identities` come from."""

from sqlalchemy import select

from data_layer import schema
from exports.identities.columns import COLUMNS
from exports.participants.extract import extract as extract_participants
from exports.scope import Scope
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """Who the exported participants are."""
    table = schema.identities
    people = extract_participants(scope)
    theirs = select(schema.participants.c.participant_id).where(*people.where)
    return Extract(
        source=table,
        values=own_columns(table, COLUMNS),
        where=(table.c.participant_id.in_(theirs),) if people.where else (),
        order=(table.c.identity_id,),
        touched=(table.c.created_at,),
        follows=True,
    )
