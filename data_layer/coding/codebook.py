"""The codebook: the codes that researchers give, every version of them."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from data_layer import schema
from data_layer.engine import Database
from data_layer.fold_coding import NAME_TAKEN, NOTHING_NEW
from data_layer.order import Clock
from data_layer.text import storable
from data_layer.writer import Writer
from data_layer.writes import PutCode, Row
from study.errors import CodingError, DatabaseError, WriteRefused
from study.names import normalise_name
from study.vocabulary import CodeColour

LONGEST_DEFINITION: Final = 4_000


@dataclass(frozen=True)
class Code:
    """A code, as it stands in one version of the codebook.

    Args:
        code_id: The same through every version.
        name: What it is called.
        definition: When it is to be given, and when not.
        colour: How it is drawn.
        version: Of the codebook, since which it reads so.
        author: Who made that version.
        created_at: When.
        retired_at: When it was retired; None while it lives.
    """

    code_id: str
    name: str
    definition: str
    colour: CodeColour
    version: int
    author: str
    created_at: datetime
    retired_at: datetime | None = None


class Codebook:
    """Keeps the codes.

    Args:
        database: Where they are.
        writer: Told of changes; it gives each its version.
        clock: The time.
    """

    def __init__(self, database: Database, writer: Writer, clock: Clock) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock

    async def current(self) -> list[Code]:
        """The living codes, in the order in which they were first added: a new one moves no other."""
        return [code for code in await self.newest() if code.retired_at is None]

    async def newest(self) -> list[Code]:
        """Every code as it reads now, retired ones too, in the order in which they were first added."""
        # A dict keeps the place of a key that is set again.
        return list({code.code_id: code for code in reversed(await self.history())}.values())

    async def history(self) -> list[Code]:
        """Every version, the newest first."""
        table = schema.codes
        query = select(table).order_by(table.c.codebook_version.desc())
        async with self._database.engine.connect() as connection:
            return [_code(dict(row)) for row in (await connection.execute(query)).mappings()]

    async def one(self, code_id: str) -> Code | None:
        """A code as it reads now, retired or not."""
        return next((code for code in await self.newest() if code.code_id == code_id), None)

    async def add(
        self, name: str, definition: str, colour: CodeColour, researcher_id: str, author: str
    ) -> Code:
        """Add a code.

        Args:
            name: What it is called.
            definition: When it is to be given.
            colour: How it is drawn.
            researcher_id: Who adds it.
            author: Their name.

        Raises:
            CodingError: The name is taken, or the definition too long.
            NameRefused: The name cannot be used.
            DatabaseError: The database does not answer.
        """
        changes = _said(name, definition, colour)
        write = PutCode(str(uuid.uuid4()), self._clock(), researcher_id, author, changes, creates=True)
        return await self._put(write)

    async def change(
        self,
        code_id: str,
        researcher_id: str,
        author: str,
        *,
        name: str | None = None,
        definition: str | None = None,
        colour: CodeColour | None = None,
    ) -> Code:
        """Change what is given of a code; the rest stays as it reads when this is written.

        What changes nothing makes no version. A retired code lives again with it.

        Raises:
            CodingError: The name is taken, or the definition too long.
            NameRefused: The name cannot be used.
            WriteRefused: There is no such code.
            DatabaseError: The database does not answer.
        """
        changes = _said(name, definition, colour)
        return await self._put(PutCode(code_id, self._clock(), researcher_id, author, changes))

    async def retire(self, code_id: str, researcher_id: str, author: str) -> Code:
        """Let a code be given no more; what it was given to keeps it. `change` without a change undoes it.

        Raises:
            WriteRefused: There is no such code.
            DatabaseError: The database does not answer.
        """
        return await self._put(PutCode(code_id, self._clock(), researcher_id, author, retired=True))

    async def _put(self, write: PutCode) -> Code:
        outcome = await self._writer.submit(write)
        if outcome.journaled:
            raise DatabaseError("The database does not answer. The change is kept, and comes when it does.")
        if outcome.refused == NAME_TAKEN:
            name = write.changes.get("name", "this one")
            raise CodingError(f"There is a code “{name}” already. Choose another name, or change that code.")
        if outcome.refused not in (None, NOTHING_NEW):
            raise WriteRefused(outcome.refused)
        code = await self.one(write.code_id)
        if code is None:
            raise DatabaseError("The database does not take this. See the server's log for the cause.")
        return code


def _said(name: str | None, definition: str | None, colour: CodeColour | None) -> Row:
    said: Row = {}
    if name is not None:
        known = normalise_name(name)
        said |= {"name": known.shown, "name_key": known.key}
    if definition is not None:
        said["definition"] = storable(definition.replace("\r\n", "\n")).strip()
        if len(said["definition"]) > LONGEST_DEFINITION:
            raise CodingError(f"A definition has at most {LONGEST_DEFINITION:,} characters. Shorten it.")
    if colour is not None:
        said["colour"] = CodeColour(colour).value
    return said


def _code(row: Row) -> Code:
    return Code(
        row["code_id"],
        row["name"],
        row["definition"],
        CodeColour(row["colour"]),
        row["codebook_version"],
        row["author"],
        row["created_at"],
        row["retired_at"],
    )
