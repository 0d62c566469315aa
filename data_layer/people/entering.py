"""Coming in: one look for who bears an identity and which browsers hold them, one write where it is new."""

import uuid
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.order import Clock
from data_layer.people.claims import BROWSER, CLAIM, digest_of
from data_layer.people.participants import USER_NAME, Participant, identity_row
from data_layer.writing.people_writes import Enter
from data_layer.writing.writer import Writer
from study.text import storable


async def enter(
    database: Database,
    writer: Writer,
    clock: Clock,
    *,
    study_id: str,
    name: str,
    key: str,
    source: str = "login",
    kind: str = USER_NAME,
    browser: str | None = None,
) -> Participant:
    """Make or find the participant with a name.

    Two tabs that arrive in the same millisecond get the same participant: the identity's unique
    key decides, and the participant is made for whichever identity is there afterwards.

    Args:
        name: As typed.
        key: Normalised: what makes two spellings one person.
        source: How they came.
        kind: What the name is: a name, an account, a link, a recruiting service's id.
        browser: Which gets whom nobody holds; None where no browser holds anybody.

    Returns:
        The participant.

    Raises:
        SQLAlchemyError: The database is away.
        OSError: Likewise.
    """
    asked = {"study_id": study_id, "kind": kind, "value_key": storable(key)}
    found, complete, holders = await database.read(lambda connection: _find(connection, asked))
    if found is not None and complete and (holders or browser is None):
        return Participant(found, name, holders)
    new, now = found or str(uuid.uuid4()), clock()
    row = {"participant_id": new, "study_id": study_id, "source": source, "created_at": now}
    digest = None if browser is None else digest_of(browser)
    claim = None if digest is None else identity_row(study_id, new, CLAIM, digest, new, now)
    outcome = await writer.submit(Enter(identity_row(study_id, new, kind, name, key, now), row, claim))
    if digest is None:
        return Participant(outcome.participant_id or new, name, holders)
    if outcome.participant_id is None:
        raise OSError("the claim waits in the journal")
    if outcome.claimed:
        return Participant(outcome.participant_id, name, frozenset({digest}))
    # Another browser was faster.
    found, _, holders = await database.read(lambda connection: _find(connection, asked))
    return Participant(found or outcome.participant_id, name, holders)


def _find(connection: Connection, asked: dict[str, str]) -> tuple[str | None, bool, frozenset[str]]:
    """Who bears an identity, whether their own row is there, and who holds them.

    A crash of an earlier version may have come between the identity and the row.
    """
    rows = connection.execute(_BEARER, asked).all()
    if not rows:
        return None, False, frozenset()
    return rows[0][0], rows[0][1] is not None, frozenset(row[2] for row in rows if row[2] is not None)


_names = schema.identities
_people = schema.participants
_held = schema.identities.alias("held")
# Built once: every sign-in asks it.
_BEARER: Final = (
    select(_names.c.participant_id, _people.c.participant_id, _held.c.value)
    .join(_people, _people.c.participant_id == _names.c.participant_id, isouter=True)
    .join(
        _held,
        (_held.c.participant_id == _names.c.participant_id)
        & (_held.c.study_id == _names.c.study_id)
        & _held.c.kind.in_((CLAIM, BROWSER)),
        isouter=True,
    )
    .where(
        _names.c.study_id == bindparam("study_id"),
        _names.c.kind == bindparam("kind"),
        _names.c.value_key == bindparam("value_key"),
    )
)
