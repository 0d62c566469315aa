"""An attacker's tools: browsers of somebody and of nobody, and a look at what an attack has changed."""

import base64
import hashlib
import json
import sqlite3
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import anyio
import httpx2

from bench.process import ServerProcess
from tests.journeys.raw_socket import WITHIN_S, Refused, Socket

# To read the machine's certificates for each browser would take longer than most attacks.
_NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
EVIL: Final = "https://evil.example"
# What an attack may leave behind: that it was refused, that somebody was there, and that the server has
# written that down.
TRACES: Final = {"connections": "0", "events": "type <> 'refused'", "processes": "0"}
# Ids that no page of ours names anything by.
FORGED_IDS: Final = (
    "1",
    "null",
    "..",
    "x' OR '1'='1",
    "00000000-0000-0000-0000-000000000000",
    "9" * 10_000,
    "<script>alert(1)</script>",
    "\u0000",
    "%",
)


def claims_of(token: str) -> dict[str, Any]:
    """What a token says; everybody who has it can read that."""
    body = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return read


def identifier_of(client: httpx2.Client) -> str:
    """The pseudonym of whoever is signed in there."""
    return str(claims_of(client.cookies["access_token"])["identifier"])


@dataclass
class World:
    """A running server, with a way to look into its record.

    Attributes:
        transport: By which pages connect: "websocket" or "polling".
    """

    server: ServerProcess
    database: Path
    names: Iterator[int]
    transport: str = "websocket"
    people: dict[str, httpx2.Client] = field(default_factory=dict)
    browsers: list[httpx2.Client] = field(default_factory=list)

    def somebody(self, name: str | None = None) -> httpx2.Client:
        """A browser that is signed in; the same one whenever the name is the same."""
        name = name or f"visitor {next(self.names)}"
        if name not in self.people:
            client = self.nobody()
            answer = client.post("/login", data={"username": name})
            assert answer.status_code == 303, answer.text[:500]
            self.people[name] = client
        return self.people[name]

    def nobody(self, **options: Any) -> httpx2.Client:
        """A browser that is not."""
        client = httpx2.Client(base_url=self.server.url, timeout=WITHIN_S, verify=_NO_TLS, **options)
        self.browsers.append(client)
        return client

    def close(self) -> None:
        """Let go of all browsers."""
        for client in self.browsers:
            client.close()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the record."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def digest(self) -> dict[str, str]:
        """Each table's rows as one SHA-256, without the traces that a refused attack leaves."""
        names = [name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {}
        for name in sorted(names):
            rows = sorted(map(repr, self.rows(f"SELECT * FROM {name} WHERE {TRACES.get(name, '1')}")))
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found

    def refusals(self, participant_id: str = "%") -> int:
        """How many refusals have been kept, of everybody's or of one participant's."""
        query = "SELECT count(*) FROM events WHERE type = 'refused' AND coalesce(participant_id, '') LIKE ?"
        return int(self.rows(query, participant_id)[0][0])

    async def settle(self, knocker: httpx2.Client | None = None) -> httpx2.Client:
        """Wait until everything is written that was asked for up to now.

        The writer commits in order: once a refusal that is provoked here is kept, so is all before it.

        Args:
            knocker: Who provokes it; somebody new when None.

        Returns:
            Whoever did, who may do so again.
        """
        knocker = knocker or self.somebody()
        by = identifier_of(knocker)
        before = self.refusals(by)
        try:
            async with Socket(self, knocker, transport="websocket", threadId="no id"):
                raise AssertionError("a thread id that is no UUID was taken")
        except Refused:
            pass
        with anyio.fail_after(WITHIN_S):
            while self.refusals(by) == before:  # noqa: ASYNC110  # a database sets no event
                await anyio.sleep(0.02)
        return knocker

    async def gone(self, session_id: str) -> None:
        """Wait until the server has noticed that a page is gone: Chainlit writes to its thread then."""
        left = "SELECT count(*) FROM connections WHERE session_id = ? AND closed_at IS NULL"
        with anyio.fail_after(WITHIN_S):
            while self.rows(left, session_id)[0][0]:  # noqa: ASYNC110  # a database sets no event
                await anyio.sleep(0.02)

    @asynccontextmanager
    async def nothing_changes(self, *, kept: int | None = None) -> AsyncIterator[None]:
        """Whatever is done inside, every table stays as it was.

        Args:
            kept: How many refusals must be kept at least, where the attack comes by a socket.
        """
        knocker = await self.settle()
        before, refused = self.digest(), self.refusals()
        yield
        await self.settle(knocker)
        after = self.digest()
        changed = [name for name in after if after[name] != before[name]]
        assert changed == [], f"these tables have changed: {changed}"
        if kept is not None:
            found = self.refusals() - refused - 1
            assert found >= kept, f"{found} refusals were kept, not {kept}"

    @contextmanager
    def logged(self, *words: str) -> Iterator[None]:
        """Inside, or soon after, the server's log gains a line with all these words."""
        begin = self.server.log.stat().st_size
        yield
        end = time.monotonic() + WITHIN_S
        while not any(all(word in line for word in words) for line in self._lines(begin)):
            assert time.monotonic() < end, self._lines(begin)[-20:]
            time.sleep(0.02)

    def _lines(self, begin: int) -> list[str]:
        with self.server.log.open("rb") as log:
            log.seek(begin)
            return log.read().decode(errors="replace").splitlines()
