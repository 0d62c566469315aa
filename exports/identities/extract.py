"""Where the rows of `identities` come from."""

from sqlalchemy import select

from data_layer import schema
from data_layer.claims import KEYS
from exports.identities.columns import COLUMNS
from exports.participants.extract import extract as extract_participants
from exports.scope import Scope
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """Who the exported participants are, without what opens their conversations: no code, no browser."""
    table = schema.identities
    people = extract_participants(scope)
    theirs = select(schema.participants.c.participant_id).where(*people.where)
    keyless = (table.c.kind != kind for kind in sorted(KEYS))
    return Extract(
        source=table,
        values=own_columns(table, COLUMNS),
        where=(*keyless, *((table.c.participant_id.in_(theirs),) if people.where else ())),
        order=(table.c.identity_id,),
        touched=(table.c.created_at,),
        follows=True,
    )
