"""Researchers: their accounts, and the browsers that they are in with."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from argon2 import PasswordHasher
from sqlalchemy import func, select

from data_layer.database import schema
from data_layer.database.hashing import Hashing, chosen_or_made
from data_layer.database.rows import Row
from data_layer.writing.store import Store
from data_layer.writing.writes import InsertRow, PatchRow
from study.errors import AccountError
from study.names import normalise_name
from study.roles import ResearcherRole

# A working day; whoever comes back tomorrow signs in again.
SESSION_LASTS: Final = timedelta(hours=12)
SHORTEST_PASSWORD: Final = 12
_LONGEST_AGENT: Final = 300


@dataclass(frozen=True)
class Researcher:
    """Somebody with access to the researchers' room.

    Args:
        disabled_at: When they were shut out.
        codes_since: Since when a one-time code is asked for as well.
    """

    researcher_id: str
    name: str
    role: ResearcherRole
    created_at: datetime
    disabled_at: datetime | None = None
    codes_since: datetime | None = None

    @property
    def reads_all(self) -> bool:
        """Whether they read every thread. A coder reads what is assigned to them."""
        return self.role is not ResearcherRole.CODER


@dataclass(frozen=True)
class Session:
    """A browser that a researcher is in with."""

    session_id: str
    researcher: Researcher
    created_at: datetime
    expires_at: datetime
    user_agent: str | None = None


class Researchers:
    """The accounts and sessions of the room.

    Args:
        store: Read from, and written through.
        hasher: With its cost.
    """

    def __init__(self, store: Store, hasher: PasswordHasher | None = None) -> None:
        self._store = store
        self._hashing = Hashing(hasher)

    async def add(self, name: str, role: ResearcherRole, password: str | None = None) -> str:
        """Make an account.

        Args:
            name: Of the researcher.
            role: What they may do.
            password: One that is made here when None.

        Returns:
            The password: it is kept nowhere.

        Raises:
            AccountError: The name is taken, or the password short.
            NameRefused: The name cannot be used.
            DatabaseError: The database does not answer.
        """
        known = normalise_name(name)
        if await self._row(schema.researchers.c.name_key, known.key) is not None:
            raise AccountError(f"There is a researcher {known.shown!r} already. Choose another name.")
        given = chosen_or_made(password, SHORTEST_PASSWORD)
        row = {
            "researcher_id": str(uuid.uuid4()),
            "name": known.shown,
            "name_key": known.key,
            "role": role.value,
            "password_hash": await self._hashing.of(given),
            "created_at": self._store.clock(),
        }
        await self._store.commit(InsertRow("researchers", row))
        return given

    async def give_password(self, researcher_id: str, password: str | None = None) -> str:
        """Give an account another password; all browsers and programs that are in with it are out."""
        given = chosen_or_made(password, SHORTEST_PASSWORD)
        await self._store.commit(
            PatchRow(
                "researchers",
                {"researcher_id": researcher_id},
                {"password_hash": await self._hashing.of(given)},
            ),
            *self._end_all(researcher_id),
        )
        return given

    async def give_role(self, researcher_id: str, role: ResearcherRole) -> None:
        """Change what somebody may do, from their next request on.

        Raises:
            AccountError: They are the last owner.
        """
        if role is not ResearcherRole.OWNER:
            await self._check_not_last_owner(researcher_id)
        await self._store.commit(
            PatchRow("researchers", {"researcher_id": researcher_id}, {"role": role.value})
        )

    async def disable(self, researcher_id: str) -> None:
        """Let somebody in no more, and end their sessions and tokens.

        Raises:
            AccountError: They are the last owner.
        """
        await self._check_not_last_owner(researcher_id)
        await self._store.commit(
            PatchRow("researchers", {"researcher_id": researcher_id}, {"disabled_at": self._store.clock()}),
            *self._end_all(researcher_id),
        )

    async def enable(self, researcher_id: str) -> None:
        """Let somebody in again."""
        await self._store.commit(
            PatchRow("researchers", {"researcher_id": researcher_id}, {"disabled_at": None})
        )

    async def all(self) -> list[Researcher]:
        """Everybody, the first made first."""
        table = schema.researchers
        rows = await self._store.rows(select(table).order_by(table.c.created_at, table.c.name_key))
        return [researcher_of(row) for row in rows]

    async def find(self, name: str) -> Researcher | None:
        """Somebody by name, in whatever spelling."""
        row = await self._row(schema.researchers.c.name_key, normalise_name(name).key)
        return researcher_of(row) if row else None

    async def by_id(self, researcher_id: str) -> Researcher | None:
        """Somebody by id."""
        row = await self._row(schema.researchers.c.researcher_id, researcher_id)
        return researcher_of(row) if row else None

    async def with_password(self, name: str, password: str) -> Researcher | None:
        """Somebody who knows their password; None takes as long, whatever is wrong.

        Raises:
            NameRefused: Nobody can be called so.
            SQLAlchemyError: The database is away.
        """
        row = await self._row(schema.researchers.c.name_key, normalise_name(name).key)
        right = await self._hashing.matches(row["password_hash"] if row else None, password)
        if not right or row is None or row["disabled_at"] is not None:
            return None
        return researcher_of(row)

    async def begin(self, researcher: Researcher, user_agent: str | None) -> str:
        """Let a browser in.

        Returns:
            The token for its cookie; here only its hash is kept.
        """
        token = secrets.token_urlsafe(32)
        now = self._store.clock()
        row = {
            "session_id": str(uuid.uuid4()),
            "researcher_id": researcher.researcher_id,
            "token_hash": _hash(token),
            "user_agent": (user_agent or "")[:_LONGEST_AGENT] or None,
            "created_at": now,
            "expires_at": now + SESSION_LASTS,
        }
        await self._store.commit(InsertRow("researcher_sessions", row))
        return token

    async def session(self, token: str) -> Session | None:
        """The session of a token, while it goes on and its researcher may come in.

        Raises:
            SQLAlchemyError: The database is away.
        """
        sessions = schema.researcher_sessions
        found = await self._sessions(sessions.c.token_hash == _hash(token))
        return found[0] if found else None

    async def sessions_of(self, researcher_id: str) -> list[Session]:
        """The browsers that somebody is in with, the newest first."""
        return await self._sessions(schema.researcher_sessions.c.researcher_id == researcher_id)

    async def end(self, session_id: str, researcher_id: str) -> None:
        """End one session of a researcher's, for good."""
        key = {"session_id": session_id, "researcher_id": researcher_id}
        await self._store.commit(
            PatchRow("researcher_sessions", key, {"ended_at": self._store.clock()}, while_null="ended_at")
        )

    async def _sessions(self, which: Any) -> list[Session]:
        people, sessions = schema.researchers, schema.researcher_sessions
        query = (
            select(people, sessions.c.session_id, sessions.c.created_at.label("since"), sessions.c.expires_at)
            .add_columns(sessions.c.user_agent)
            .select_from(sessions.join(people, people.c.researcher_id == sessions.c.researcher_id))
            .where(which, sessions.c.ended_at.is_(None), sessions.c.expires_at > self._store.clock())
            .where(people.c.disabled_at.is_(None))
            .order_by(sessions.c.created_at.desc())
        )
        rows = await self._store.rows(query)
        return [
            Session(row["session_id"], researcher_of(row), row["since"], row["expires_at"], row["user_agent"])
            for row in rows
        ]

    def _end_all(self, researcher_id: str) -> tuple[PatchRow, ...]:
        """The browsers and the programs that somebody is in with are out, for good."""
        ended = (("researcher_sessions", "ended_at"), ("researcher_tokens", "revoked_at"))
        whose, now = {"researcher_id": researcher_id}, self._store.clock()
        return tuple(PatchRow(table, whose, {when: now}, while_null=when) for table, when in ended)

    async def _check_not_last_owner(self, researcher_id: str) -> None:
        table = schema.researchers
        others = (
            select(func.count())
            .select_from(table)
            .where(table.c.role == ResearcherRole.OWNER.value, table.c.disabled_at.is_(None))
            .where(table.c.researcher_id != researcher_id)
        )
        async with self._store.database.engine.connect() as connection:
            if not await connection.scalar(others):
                raise AccountError("This is the last owner. Make another one an owner first.")

    async def _row(self, column: Any, value: str) -> Row | None:
        return await self._store.first(select(schema.researchers).where(column == value))


def researcher_of(row: Row) -> Researcher:
    """A row of `researchers`, as it is passed on."""
    return Researcher(
        row["researcher_id"],
        row["name"],
        ResearcherRole(row["role"]),
        row["created_at"],
        row["disabled_at"],
        row["totp_since"],
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
