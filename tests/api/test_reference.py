"""The API's reference, for people: every route and shape of the schema, from this server alone."""

import re
from collections.abc import Callable

from tests.api.server import Client


async def test_every_route_and_shape_is_told(program: Callable[[], Client]) -> None:
    """What the schema has stands on the page, each link leads somewhere on it."""
    http = program().http
    schema = (await http.get("/openapi.json")).json()
    page = (await http.get("/docs")).text
    routes = {(method.upper(), path) for path, methods in schema["paths"].items() for method in methods}
    shown = set(re.findall(r'<span class="method \w+">(\w+)</span> <code>([^<]+)</code>', page))
    assert shown == routes
    links, anchors = set(re.findall(r'href="#([^"]+)"', page)), set(re.findall(r'id="([^"]+)"', page))
    assert links - anchors == set()


async def test_it_asks_nobody_else_and_runs_nothing(program: Callable[[], Client]) -> None:
    """No script, no address of another site; the policy lets in its own style alone."""
    answer = await program().http.get("/docs")
    assert "<script" not in answer.text
    assert re.findall(r'(?:src|href)="(https?:)?//[^"]*"', answer.text) == []
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
