"""What a researcher's browser does, without one."""

import re
from typing import Any

import httpx2


class Browser:
    """Keeps cookies, and fills in forms.

    Args:
        client: Speaks to the room.
    """

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.csrf = ""

    async def sign_in(self, name: str, password: str, next_page: str = "") -> httpx2.Response:
        """Come in by the form, and read the token of the forms from the first page."""
        form = {"name": name, "password": password, "next": next_page}
        answer = await self.client.post("/research/login", data=form)
        found = re.search(r'name="csrf" value="(\w+)"', (await self.get("/account")).text)
        self.csrf = found[1] if found else ""
        return answer

    async def get(self, path: str) -> httpx2.Response:
        """Ask for a page of the room."""
        return await self.client.get(f"/research{path}")

    async def post(self, path: str, **fields: Any) -> httpx2.Response:
        """Send a form of the room."""
        return await self.client.post(f"/research{path}", data={"csrf": self.csrf, **fields})
