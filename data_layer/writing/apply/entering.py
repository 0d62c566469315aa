"""Coming in: who bears an identity, and who holds them, is decided in the transaction that writes it."""

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Connection

from data_layer.database import schema
from data_layer.writing import statements
from data_layer.writing.outcome import Outcome
from data_layer.writing.people_writes import Enter

_identities = schema.identities.c
_BEARER = select(_identities.participant_id).where(
    _identities.study_id == bindparam("study_id"),
    _identities.kind == bindparam("kind"),
    _identities.value_key == bindparam("value_key"),
)


def enter(connection: Connection, write: Enter, outcome: Outcome) -> None:
    """Add what lacks of an identity, its participant and their claim.

    At once, and not with the batch's other rows: the identity's unique key decides whose the others are.

    Args:
        connection: In the batch's transaction.
        write: What lacks, perhaps.
        outcome: Is told who bears the identity, and whether the claim is the first.
    """
    sql = statements.of_dialect(connection.dialect)
    identity = write.identity
    if connection.execute(sql.insert("identities", frozenset(identity)), identity).rowcount == 1:
        person: str = identity["participant_id"]
    else:
        # Of two tabs that arrive in the same millisecond the second one is whom the first one made.
        person = connection.execute(_BEARER, identity).scalar_one()
    row = {**write.participant, "participant_id": person}
    connection.execute(sql.insert("participants", frozenset(row)), row)
    if write.claim is not None:
        claim = {**write.claim, "participant_id": person, "value_key": person}
        insert = sql.insert("identities", frozenset(claim))
        outcome.claimed = connection.execute(insert, claim).rowcount == 1
    outcome.participant_id = person
