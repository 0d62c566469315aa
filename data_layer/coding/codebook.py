"""The codebook: the codes that researchers give, every version of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from data_layer.coding.codebook_order import parents_first
from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.writing.coding_writes import PutCode
from data_layer.writing.store import NOT_TAKEN, Store
from study.errors import CodingError, DatabaseError, WriteRefused
from study.names import normalise_name
from study.reasons import Reason
from study.text import storable
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
        parent_id: The code that it stands under, retired or not; None for none.
        place: Among those beside it: they stand in its order.
    """

    code_id: str
    name: str
    definition: str
    colour: CodeColour
    version: int
    author: str
    created_at: datetime
    retired_at: datetime | None = None
    parent_id: str | None = None
    place: float = 0.0


_WRONG_PLACE: Final = {
    Reason.NO_PARENT: "The code above it is not there, or is retired. Choose another one, or none.",
    Reason.CIRCLE: "A code cannot stand under itself, or under one that stands under it.",
}


class Codebook:
    """Keeps the codes.

    Args:
        store: Read from, and written through.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def current(self) -> list[Code]:
        """The living codes, in the order of their places: a new one is the last, and moves no other."""
        return [code for code in await self.newest() if code.retired_at is None]

    async def newest(self) -> list[Code]:
        """Every code as it reads now, retired ones too, in the order of their places."""
        now = {code.code_id: code for code in reversed(await self.history())}
        return sorted(now.values(), key=lambda code: code.place)

    async def history(self, code_id: str | None = None) -> list[Code]:
        """Every version, the newest first; of one code when it is named."""
        table = schema.codes
        query = select(table).order_by(table.c.codebook_version.desc())
        if code_id is not None:
            query = query.where(table.c.code_id == code_id)
        rows = await self._store.rows(query)
        first = {row["code_id"]: float(row["codebook_version"]) for row in rows}
        return [_code(row, first[row["code_id"]]) for row in rows]

    async def one(self, code_id: str) -> Code | None:
        """A code as it reads now, retired or not."""
        return next(iter(await self.history(code_id)), None)

    async def add(
        self,
        name: str,
        definition: str,
        colour: CodeColour,
        researcher_id: str,
        author: str,
        *,
        parent_id: str = "",
    ) -> Code:
        """Add a code.

        Args:
            name: What it is called.
            definition: When it is to be given.
            colour: How it is drawn.
            researcher_id: Who adds it.
            author: Their name.
            parent_id: The living code that it stands under; empty for none.

        Raises:
            CodingError: The name is taken, the definition too long, or there is no such parent.
            NameRefused: The name cannot be used.
            DatabaseError: The database does not answer.
        """
        changes = _said(name, definition, colour, parent_id)
        write = PutCode(str(uuid.uuid4()), self._store.clock(), researcher_id, author, changes, creates=True)
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
        parent_id: str | None = None,
        place: float | None = None,
    ) -> Code:
        """Change what is given of a code; the rest stays as it reads when this is written.

        What changes nothing makes no version. A retired code lives again with it. A parent_id that is empty
        takes the code out from under its parent.

        Raises:
            CodingError: The name is taken, the definition too long, or the parent none that it can have.
            NameRefused: The name cannot be used.
            WriteRefused: There is no such code.
            DatabaseError: The database does not answer.
        """
        changes = _said(name, definition, colour, parent_id)
        if place is not None:
            changes["place"] = place
        return await self._put(PutCode(code_id, self._store.clock(), researcher_id, author, changes))

    async def retire(self, code_id: str, researcher_id: str, author: str) -> Code:
        """Let a code be given no more; what it was given to keeps it. `change` without a change undoes it.

        Raises:
            WriteRefused: There is no such code.
            DatabaseError: The database does not answer.
        """
        return await self._put(PutCode(code_id, self._store.clock(), researcher_id, author, retired=True))

    async def undo(self, since: int, until: int, researcher_id: str, author: str) -> None:
        """Let codes read again as they did, where nobody has changed them since.

        What stood under a code that is retired by now stands under the next above that one.

        Args:
            since: The version of the codebook that they read as in.
            until: The last of the versions that are taken back.
            researcher_id: Who takes them back.
            author: Their name.

        Raises:
            CodingError: Another code has taken a name that one of them bore.
            DatabaseError: The database does not answer.
        """
        history = await self.history()
        newest = {code.code_id: code for code in reversed(history)}
        before = {code.code_id: code for code in reversed(history) if code.version <= since}
        back = {one for one, code in newest.items() if since < code.version <= until}
        living = {one: code for one, code in before.items() if one in back and code.retired_at is None}
        for code_id in back - living.keys():
            await self.retire(code_id, researcher_id, author)
        gone = (back | {one for one, code in newest.items() if code.retired_at is not None}) - living.keys()
        # Each behind what it stood under, or two that changed places would stand in each other's way.
        for code_id in parents_first({one: code.parent_id or "" for one, code in before.items()}):
            if (was := living.get(code_id)) is not None:
                above = was.parent_id
                while above in gone:
                    above = newest[above].parent_id
                await self.change(
                    code_id,
                    researcher_id,
                    author,
                    name=was.name,
                    definition=was.definition,
                    colour=was.colour,
                    parent_id=above or "",
                    place=was.place,
                )

    async def _put(self, write: PutCode) -> Code:
        try:
            await self._store.commit(write)
        except WriteRefused as refusal:
            if refusal.reason is Reason.NAME_TAKEN:
                name = write.changes.get("name", "this one")
                raise CodingError(
                    f"There is a code “{name}” already. Choose another name, or change that code."
                ) from refusal
            if refusal.reason in _WRONG_PLACE:
                raise CodingError(_WRONG_PLACE[refusal.reason]) from refusal
            if refusal.reason is not Reason.NOTHING_NEW:
                raise
        code = await self.one(write.code_id)
        if code is None:
            raise DatabaseError(NOT_TAKEN)
        return code


def living_since(history: Sequence[Code]) -> dict[str, int]:
    """Since which version of the codebook each living code can be given, those brought back since that one.

    Args:
        history: Every version, the newest first.
    """
    since: dict[str, int] = {}
    for code in reversed(history):
        if code.retired_at is not None:
            since.pop(code.code_id, None)
        else:
            since.setdefault(code.code_id, code.version)
    return since


def _said(name: str | None, definition: str | None, colour: CodeColour | None, parent_id: str | None) -> Row:
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
    if parent_id is not None:
        said["parent_id"] = parent_id or None
    return said


def _code(row: Row, first: float) -> Code:
    return Code(
        row["code_id"],
        row["name"],
        row["definition"],
        CodeColour(row["colour"]),
        row["codebook_version"],
        row["author"],
        row["created_at"],
        row["retired_at"],
        row["parent_id"],
        first if row["place"] is None else row["place"],
    )
