"""What of a source is here already: by the ids that it has there."""

import hashlib
import hmac
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select

from data_layer.database import schema
from data_layer.database.engine import Database
from data_layer.database.rows import in_chunks
from data_layer.people.participants import IMPORTED
from imports.foreign import ForeignThread
from study.text import storable
from study.vocabulary import ThreadState

# A longer id is kept as its SHA-256: an index of PostgreSQL takes 2,700 bytes.
LONGEST: Final = 500


def known_key(key: str) -> str:
    """An id as it is kept."""
    key = storable(key)
    return key if len(key) <= LONGEST else hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True)
class Naming:
    """What threads and participants of a source are called here.

    Args:
        secret: Of the data folder: without it nobody reckons a thread's id from the one that it had there.
        study_id: The study's.
        source: Which of imports/sources.
    """

    secret: str
    study_id: str
    source: str

    def thread_id(self, key: str) -> str:
        """The id of a thread: the same whenever it is imported, so that a withdrawn one stays away."""
        said = "\0".join(("import", self.study_id, self.source, known_key(key)))
        digest = hmac.digest(self.secret.encode(), said.encode(), "sha256")
        return str(uuid.UUID(bytes=digest[:16], version=4))

    def person(self, user: str) -> str:
        """What makes two threads one participant's."""
        return known_key(f"{self.source}:{user}")


@dataclass(frozen=True)
class AlreadyHere:
    """What of some threads is here.

    Args:
        digests: Of those that were imported, the SHA-256 of what was read, by the id that they had there.
        withdrawn: Ids, here, of threads whose participants have withdrawn.
    """

    digests: dict[str, str]
    withdrawn: frozenset[str]


async def already_here(database: Database, naming: Naming, threads: Sequence[ForeignThread]) -> AlreadyHere:
    """Look for threads by the ids that they had there.

    Raises:
        SQLAlchemyError: The database is away.
    """
    table, here = schema.imports, schema.threads
    digests: dict[str, str] = {}
    keys = [known_key(thread.key) for thread in threads]
    query = select(table.c.source_id, table.c.content_sha256).where(table.c.source == naming.source)
    async for row in _each(database, query, table.c.source_id, keys):
        digests[row[0]] = row[1]
    gone = select(here.c.thread_id).where(here.c.state == ThreadState.WITHDRAWN.value)
    ids = [naming.thread_id(key) for key in keys]
    return AlreadyHere(
        digests, frozenset([row[0] async for row in _each(database, gone, here.c.thread_id, ids)])
    )


async def participants_of(database: Database, naming: Naming, users: Sequence[str]) -> dict[str, str]:
    """Who of these is here already, by the ids that they had there.

    Raises:
        SQLAlchemyError: The database is away.
    """
    table = schema.identities
    keys = {naming.person(user): user for user in users}
    query = select(table.c.value_key, table.c.participant_id).where(
        table.c.study_id == naming.study_id, table.c.kind == IMPORTED
    )
    return {keys[row[0]]: row[1] async for row in _each(database, query, table.c.value_key, list(keys))}


async def _each(
    database: Database, query: Select[Any], column: Any, values: Sequence[str]
) -> AsyncIterator[Any]:
    async with database.engine.connect() as connection:
        for some in in_chunks(values):
            for row in await connection.execute(query.where(column.in_(some))):
                yield row
