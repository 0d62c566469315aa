"""Prints the method and the path of each route of the app, as JSON. Run in the server's environment."""

import json
from collections.abc import Iterator
from typing import Any

from chainlit.server import app

from page.serve import _load


def walk(routes: list[Any]) -> Iterator[tuple[str, str]]:
    """Every route, also those that were included from a router; a mounted app counts as one."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from walk(inner.routes)
        elif getattr(route, "path", "") == "" and getattr(route, "routes", None):
            yield from walk(route.routes)
        else:
            for method in getattr(route, "methods", None) or {"MOUNT"}:
                yield method, route.path


if __name__ == "__main__":
    # What Chainlit has before it is made ours: what is closed then is tried as well.
    before = set(walk(app.router.routes))
    _load("127.0.0.1", 1)
    print(json.dumps(sorted(before | set(walk(app.state.served.routes)))))
