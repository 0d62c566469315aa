"""Participants and strangers who ask our own routes, without a browser."""

from collections.abc import Sequence
from typing import Any, Final

import httpx2
import jwt
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from study.definition import Study
from study.loader import load_study
from tests.browser.conftest import STUDY
from tests.page.gate import SECRET

HERE: Final = "http://study.example"
# Everything that a text, a title or a name might try.
ATTACKS: Final = (
    "<script>document.title='attacked'</script>",
    '<img src=x onerror="alert(1)">',
    "</template></pre></section><h1>Out",
    "[press](javascript:alert(1)) <javascript:alert(1)>",
    "[press](data:text/html;base64,PHNjcmlwdD4=)",
    "![seen](https://pictures.invalid/seen.png)",
    "![seen](data:image/svg+xml,<svg onload=alert(1)>)",
    "&lt;b&gt; & \" ' ` {{ 7 * 7 }} {% raw %}",
    "```html\n<script>alert(1)</script>\n```\n</code></pre><b>out",
)


def browser_of(participant_id: str | None, routes: Sequence[BaseRoute]) -> httpx2.AsyncClient:
    """A browser before these routes, signed in as somebody or as nobody."""
    cookies: dict[str, Any] = {}
    if participant_id is not None:
        cookies["access_token"] = jwt.encode({"identifier": participant_id, "exp": 2**33}, SECRET)
    transport = httpx2.ASGITransport(Starlette(routes=list(routes)))
    return httpx2.AsyncClient(transport=transport, base_url=HERE, cookies=cookies)


def study() -> Study:
    """The browser tests' study, which allows sharing for seven days."""
    return load_study(STUDY).definition
