"""Whose a name is: the browsers that hold it, and the code that lets another one in.

A claim is a row of `identities`, so that its unique key decides who came first: one row a participant
for the first browser (entering.py), one a browser for those that came with the code, one a participant
for the code.
Of a browser only the SHA-256 of its cookie is kept.
"""

import hashlib
import hmac
from typing import Final

from sqlalchemy import bindparam, select

from data_layer.database import schema
from data_layer.people.participants import identity_row
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow
from study.codes import make_code, read_code

CLAIM: Final = "claim"
BROWSER: Final = "browser"
RESUME_CODE: Final = "resume_code"
# What opens a participant's conversations, and no export holds.
KEYS: Final = frozenset({CLAIM, BROWSER, RESUME_CODE})


class Claims:
    """The claims of a study's participants.

    Args:
        store: Read from, and written through.
        study_id: Of the study that runs.
    """

    def __init__(self, store: Store, study_id: str) -> None:
        self._store = store
        self._study_id = study_id

    async def is_claimed(self, participant_id: str) -> bool:
        """Whether a browser holds a participant: then another one needs the code."""
        return bool(await self._values(participant_id, CLAIM))

    async def admit(self, participant_id: str, browser: str) -> None:
        """Let one more browser hold a participant."""
        digest = digest_of(browser)
        await self._add(participant_id, BROWSER, digest, f"{participant_id} {digest}")

    async def name_of(self, participant_id: str) -> str | None:
        """What a participant came in by first: a name, an account, a link; never what opens their threads."""
        asked = {"participant_id": participant_id, "study_id": self._study_id, "keys": tuple(KEYS)}
        name: str | None = await self._store.database.read(lambda connection: connection.scalar(_NAME, asked))
        return name

    async def code_of(self, participant_id: str) -> str:
        """The resume code; made when it is asked for first.

        Raises:
            SQLAlchemyError: The database is away.
        """
        found = await self._values(participant_id, RESUME_CODE)
        if not found:
            await self._add(participant_id, RESUME_CODE, make_code(), participant_id)
            found = await self._values(participant_id, RESUME_CODE)
        if not found:
            raise OSError("the resume code waits in the journal")
        return found[0]

    async def is_code(self, participant_id: str, typed: str) -> bool:
        """Whether what was typed is a participant's code; a wrong one takes as long as the right one."""
        found = await self._values(participant_id, RESUME_CODE)
        right = found[0] if found else make_code()
        return hmac.compare_digest(read_code(typed).encode(), right.encode())

    async def _values(self, participant_id: str, *kinds: str) -> list[str]:
        asked = {"participant_id": participant_id, "study_id": self._study_id, "kinds": kinds}
        return await self._store.database.read(lambda connection: list(connection.scalars(_VALUES, asked)))

    async def _add(self, participant_id: str, kind: str, value: str, key: str) -> None:
        row = identity_row(self._study_id, participant_id, kind, value, key, self._store.clock())
        await self._store.writer.submit(InsertRow("identities", row))


_VALUES: Final = select(schema.identities.c.value).where(
    schema.identities.c.participant_id == bindparam("participant_id"),
    schema.identities.c.study_id == bindparam("study_id"),
    schema.identities.c.kind.in_(bindparam("kinds", expanding=True)),
)

_NAME: Final = (
    select(schema.identities.c.value)
    .where(
        schema.identities.c.participant_id == bindparam("participant_id"),
        schema.identities.c.study_id == bindparam("study_id"),
        schema.identities.c.kind.not_in(bindparam("keys", expanding=True)),
    )
    .order_by(schema.identities.c.created_at, schema.identities.c.identity_id)
    .limit(1)
)


def digest_of(browser: str) -> str:
    """What is kept of a browser: the SHA-256 of its cookie."""
    return hashlib.sha256(browser.encode()).hexdigest()
