"""A researcher's program, as the tests write one."""

from collections.abc import Collection
from datetime import timedelta

import httpx2

from data_layer.record import Record
from study.roles import ResearcherRole, TokenScope

LASTS = timedelta(days=30)


class Program:
    """Asks with a token.

    Args:
        http: Speaks to the API.
        record: Where researchers and their tokens are made.
    """

    def __init__(self, http: httpx2.AsyncClient, record: Record) -> None:
        self.http = http
        self.record = record

    async def researcher(self, name: str, role: ResearcherRole) -> str:
        """Make a researcher; their id."""
        await self.record.researchers.add(name, role, "correct horse battery")
        found = await self.record.researchers.find(name)
        assert found is not None
        return found.researcher_id

    async def token(
        self, whose: str, scopes: Collection[TokenScope], name: str = "R", lasts: timedelta = LASTS
    ) -> str:
        """Make a token of a researcher's."""
        found = await self.record.researchers.find(whose)
        assert found is not None
        return await self.record.researcher_tokens.make(found.researcher_id, name, scopes, lasts)

    async def come_in(self, whose: str, scopes: Collection[TokenScope], name: str = "R") -> None:
        """Make a token, and ask with it from now on."""
        self.use(await self.token(whose, scopes, name))

    def use(self, token: str | None) -> None:
        """Ask with a token, or without one."""
        self.http.headers.pop("Authorization", None)
        if token is not None:
            self.http.headers["Authorization"] = f"Bearer {token}"

    async def get(self, path: str, **query: object) -> httpx2.Response:
        """Read something below /research."""
        asked = {name: str(value) for name, value in query.items()}
        return await self.http.get(f"/research{path}", params=asked)
