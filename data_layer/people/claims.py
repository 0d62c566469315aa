"""Whose a name is: the browsers that hold it, and the code that lets another one in.

A claim is a row of `identities`, so that its unique key decides who came first: one row a participant
for the first browser, one a browser for those that came with the code, one a participant for the code.
Of a browser only the SHA-256 of its cookie is kept.
"""

import hashlib
import hmac
from typing import Final

from sqlalchemy import select

from data_layer import schema
from data_layer.engine import Database
from data_layer.order import Clock
from data_layer.participants import identity_row
from data_layer.writer import Writer
from data_layer.writes import InsertRow
from study.codes import make_code, read_code

CLAIM: Final = "claim"
BROWSER: Final = "browser"
RESUME_CODE: Final = "resume_code"
# What opens a participant's conversations, and no export holds.
KEYS: Final = frozenset({CLAIM, BROWSER, RESUME_CODE})


class Claims:
    """The claims of a study's participants.

    Args:
        database: Asked who holds what.
        writer: Told of new claims.
        clock: The time.
        study_id: Of the study that runs.
    """

    def __init__(self, database: Database, writer: Writer, clock: Clock, study_id: str) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._study_id = study_id

    async def holds(self, participant_id: str, browser: str) -> bool:
        """Whether a participant is this browser's. The first that asks for an unclaimed one gets it.

        Raises:
            SQLAlchemyError: The database is away.
            OSError: It went away in the middle.
        """
        holders = await self._values(participant_id, CLAIM, BROWSER)
        if not holders:
            await self._add(participant_id, CLAIM, _digest(browser), participant_id)
            holders = await self._values(participant_id, CLAIM, BROWSER)
            if not holders:
                raise OSError("the claim waits in the journal")
        return _digest(browser) in holders

    async def is_claimed(self, participant_id: str) -> bool:
        """Whether a browser holds a participant: then another one needs the code."""
        return bool(await self._values(participant_id, CLAIM))

    async def admit(self, participant_id: str, browser: str) -> None:
        """Let one more browser hold a participant."""
        digest = _digest(browser)
        await self._add(participant_id, BROWSER, digest, f"{participant_id} {digest}")

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
        table = schema.identities
        query = select(table.c.value).where(
            table.c.participant_id == participant_id,
            table.c.study_id == self._study_id,
            table.c.kind.in_(kinds),
        )
        async with self._database.engine.connect() as connection:
            return list(await connection.scalars(query))

    async def _add(self, participant_id: str, kind: str, value: str, key: str) -> None:
        row = identity_row(self._study_id, participant_id, kind, value, key, self._clock())
        await self._writer.submit(InsertRow("identities", row))


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()
