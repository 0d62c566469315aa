"""Accounts: names with a password, made by whoever runs the study (`cli.py accounts`)."""

import shlex
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from data_layer.database import schema
from data_layer.database.engine import open_database
from data_layer.database.hashing import chosen_or_made
from data_layer.people.participants import ACCOUNT, participant_of
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from study.errors import AccountError, DatabaseError
from study.names import normalise_name

SHORTEST_PASSWORD: Final = 8


@dataclass(frozen=True)
class Account:
    """One account.

    Args:
        name: As it was given.
        participant_id: Whom it names.
        created_at: When it was made.
    """

    name: str
    participant_id: str
    created_at: datetime


class Accounts:
    """The accounts of a study."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def add(self, name: str, password: str | None = None) -> str:
        """Make an account.

        Args:
            name: Of the participant.
            password: One that is made here when None.

        Returns:
            The password: it is kept nowhere.

        Raises:
            AccountError: The name is taken, or the password short.
            NameRefused: The name cannot be used.
            DatabaseError: The database does not answer.
        """
        given = chosen_or_made(password, SHORTEST_PASSWORD)
        if await self._find(name) is not None:
            raise AccountError(
                f"There is an account {name!r} already. To give it another password: "
                f"python cli.py accounts reset {shlex.quote(name)}"
            )
        known = normalise_name(name)
        made = await self._record.enter(known.shown, known.key, ACCOUNT, ACCOUNT)
        await self._give(made.participant_id, given)
        return given

    async def reset(self, name: str, password: str | None = None) -> str:
        """Give an account another password; whoever is in with the old one is out.

        Args:
            name: Of the participant.
            password: One that is made here when None.

        Returns:
            The password.

        Raises:
            AccountError: There is no such account, or the password is short.
            DatabaseError: The database does not answer.
        """
        given = chosen_or_made(password, SHORTEST_PASSWORD)
        found = await self._find(name)
        if found is None:
            raise AccountError(
                f"There is no account {name!r}. To make it: python cli.py accounts add {shlex.quote(name)}"
            )
        await self._give(found, given)
        return given

    async def all(self) -> list[Account]:
        """All accounts, the first made first."""
        table = schema.identities
        query = (
            select(table.c.value, table.c.participant_id, table.c.created_at)
            .where(table.c.study_id == self._record.defaults.study_id, table.c.kind == ACCOUNT)
            .order_by(table.c.created_at)
        )
        async with self._record.database.engine.connect() as connection:
            return [Account(*row) for row in await connection.execute(query)]

    async def _find(self, name: str) -> str | None:
        record = self._record
        return await participant_of(
            record.database, record.defaults.study_id, ACCOUNT, normalise_name(name).key
        )

    async def _give(self, participant_id: str, password: str) -> None:
        await self._record.passwords.give(participant_id, password)
        if self._record.writer.health.journaled:
            raise DatabaseError(_AWAY)


@asynccontextmanager
async def record_beside(database_url: str, study_id: str = "", version: str = "") -> AsyncIterator[Record]:
    """Open the record for a command, beside a server that may be running.

    Args:
        database_url: At head.
        study_id: Whose, where the command asks for it.
        version: That threads bear which the command begins.

    Raises:
        DatabaseError: The database does not answer.
    """
    # Not the server's own data folder: its journal has one writer.
    with tempfile.TemporaryDirectory() as folder:
        record = Record(open_database(database_url), Path(folder), ThreadDefaults(study_id, version, ""))
        try:
            yield record
        except SQLAlchemyError as error:
            raise DatabaseError(_AWAY) from error
        except DatabaseError as error:
            # What waits in this journal goes with its folder: nobody may be told that it is kept.
            if record.journal:
                raise DatabaseError(_AWAY) from error
            raise
        finally:
            await record.close()


_AWAY: Final = (
    "The database does not answer. See that it runs and that VERBATIM_DATABASE_URL names it, then try again."
)
