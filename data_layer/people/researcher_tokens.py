"""Tokens that researchers make for their programs: shown once, kept as a digest, revoked at once."""

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, select

from data_layer.database import schema
from data_layer.database.rows import Row
from data_layer.people.researchers import Researcher, researcher_of
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow, PatchRow
from study.errors import AccountError
from study.roles import SCOPE_NEEDS, Right, TokenScope, may
from study.text import is_blank, storable

# By it people, and those who look for secrets in files, see what it is.
PREFIX: Final = "vbt_"
LONGEST_NAME: Final = 60
MOST: Final = 20
_FORM: Final = re.compile(rf"{PREFIX}[\w-]{{43}}", re.ASCII)
# A program that asks each second writes when it did each minute.
_USED_AGAIN: Final = timedelta(minutes=1)
_table: Final = schema.researcher_tokens
_READ: Final = ("token_id", "scopes", "token_hash", "expires_at", "last_used_at")
_people: Final = schema.researchers
_LIVING: Final = (
    select(_people, _table.c.name.label("token_name"), _table.c.created_at.label("made_at"))
    .add_columns(*(_table.c[name] for name in _READ))
    .select_from(_table.join(_people, _people.c.researcher_id == _table.c.researcher_id))
    .where(_table.c.revoked_at.is_(None))
    .order_by(_table.c.created_at.desc(), _table.c.token_id)
)
_FIND: Final = _LIVING.where(_table.c.token_hash == bindparam("digest"))


@dataclass(frozen=True)
class ResearcherToken:
    """What a program of a researcher's comes in with.

    Args:
        token_id: Its id; no secret.
        researcher: Whose it is, as they are now.
        name: What they call it.
        scopes: What it is for.
        created_at: When it was made.
        expires_at: From when on it is worth nothing.
        last_used_at: When it was used last, to the minute.
    """

    token_id: str
    researcher: Researcher
    name: str
    scopes: frozenset[TokenScope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None

    def may(self, right: Right, scope: TokenScope) -> bool:
        """Whether it lets through now what needs a scope and a right."""
        role = self.researcher.role
        return scope in self.scopes and may(role, SCOPE_NEEDS[scope]) and may(role, right)


class ResearcherTokens:
    """Makes tokens, finds them, and ends them.

    Args:
        store: Read from, and written through.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def make(
        self, researcher_id: str, name: str, scopes: Collection[TokenScope], lasts: timedelta
    ) -> str:
        """Make a token.

        Args:
            researcher_id: Whose it is to be.
            name: What they call it.
            scopes: What it is for.
            lasts: For how long it is good.

        Returns:
            The token: it is kept nowhere.

        Raises:
            AccountError: It has no name or no scope, another one has the name, or there are too many.
            DatabaseError: The database does not answer.
        """
        named = " ".join(storable(name).split())
        if is_blank(named) or len(named) > LONGEST_NAME:
            raise AccountError(
                f"Give the token a name of at most {LONGEST_NAME} characters, such as: R on my laptop"
            )
        if not scopes:
            raise AccountError("Tick at least one thing that the token may do.")
        there = await self.of(researcher_id)
        if any(one.name.casefold() == named.casefold() for one in there):
            raise AccountError(
                f"You have a token “{named}” already. Choose another name, or revoke that one."
            )
        if len(there) >= MOST:
            raise AccountError(f"You have {MOST} tokens, and so many is the most. Revoke one first.")
        token, now = PREFIX + secrets.token_urlsafe(32), self._store.clock()
        row = {
            "token_id": str(uuid.uuid4()),
            "researcher_id": researcher_id,
            "name": named,
            "scopes": [scope.value for scope in TokenScope if scope in scopes],
            "token_hash": _digest(token),
            "created_at": now,
            "expires_at": now + lasts,
        }
        await self._store.commit(InsertRow("researcher_tokens", row))
        return token

    async def of(self, researcher_id: str) -> list[ResearcherToken]:
        """The tokens of a researcher that are not revoked, the newest first; those that have expired too."""
        theirs = _LIVING.where(_table.c.researcher_id == researcher_id)
        return [_token(row) for row in await self._store.rows(theirs)]

    async def find(self, token: str) -> ResearcherToken | None:
        """Find what a program has shown; None unless it is good now, and its researcher may come in.

        Raises:
            SQLAlchemyError: The database is away.
        """
        if _FORM.fullmatch(token) is None:
            return None
        digest, now = _digest(token), self._store.clock()
        # Each request asks.
        rows = await self._store.database.read(
            lambda connection: [dict(row) for row in connection.execute(_FIND, {"digest": digest}).mappings()]
        )
        for found, kept in map(_token_and_digest, rows):
            shut_out = found.researcher.disabled_at is not None
            if hmac.compare_digest(kept, digest) and found.expires_at > now and not shut_out:
                return found
        return None

    async def used(self, token: ResearcherToken) -> None:
        """Say that a token was used."""
        now = self._store.clock()
        if token.last_used_at is None or now - token.last_used_at >= _USED_AGAIN:
            key = {"token_id": token.token_id}
            await self._store.writer.submit(PatchRow("researcher_tokens", key, {"last_used_at": now}))

    async def revoke(self, token_id: str, researcher_id: str) -> str | None:
        """End one token of a researcher's, for good.

        Returns:
            Its name; None when there is no such token of theirs.
        """
        found = next((one for one in await self.of(researcher_id) if one.token_id == token_id), None)
        if found is None:
            return None
        key = {"token_id": token_id, "researcher_id": researcher_id}
        await self._store.commit(
            PatchRow("researcher_tokens", key, {"revoked_at": self._store.clock()}, while_null="revoked_at")
        )
        return found.name


def _token(row: Row) -> ResearcherToken:
    known = {scope.value for scope in TokenScope}
    return ResearcherToken(
        row["token_id"],
        researcher_of(row),
        row["token_name"],
        frozenset(TokenScope(scope) for scope in row["scopes"] if scope in known),
        row["made_at"],
        row["expires_at"],
        row["last_used_at"],
    )


def _token_and_digest(row: Row) -> tuple[ResearcherToken, str]:
    return _token(row), row["token_hash"]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
