"""Every route of the app, and what it answers to nobody, to a stranger who is signed in, and to the owner.

A route without a line here fails test_border_http.py: whoever adds one says who may pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from tests.journeys.border_world import PNG, Belongings


@dataclass(frozen=True, eq=False)
class Line:
    """A route.

    Args:
        method: Of the request.
        path: As the route has it.
        nobody: The status for who is not signed in.
        stranger: The status for who is, and asks for what is the owner's.
        owner: The status for the owner.
        body: What is sent as JSON; {names} in it and in the path are the owner's ids.
        query: What follows the path.
        files: Whether a file is sent instead.
        of_oneself: Whether a stranger may change something by it, of their own alone.
    """

    method: str
    path: str
    nobody: int
    stranger: int
    owner: int
    body: Mapping[str, Any] | None = None
    query: str = ""
    files: bool = False
    of_oneself: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def changes(self) -> bool:
        """Whether it is a request that could change something."""
        return self.method not in ("GET", "HEAD")

    @property
    def is_closed(self) -> bool:
        """Whether it is there for nobody."""
        return (self.nobody, self.stranger, self.owner) == (404, 404, 404)

    def request(self, client: httpx2.Client, ids: Mapping[str, str], **options: Any) -> httpx2.Response:
        """Send it."""
        address = self.path
        for name, value in ids.items():
            for written in (f"{{{name}}}", f"{{{name}:path}}", f"{{{name}:str}}"):
                address = address.replace(written, value)
        query = self.query.format(**ids)
        if self.files and "content" not in options:
            options["files"] = {"file": ("cat.png", PNG, "image/png")}
        elif self.changes and not {"json", "content"} & set(options):
            options["json"] = _filled(self.body or {}, ids)
        return client.request(self.method, address + query, **options)


def ids_of(owners: Belongings) -> dict[str, str]:
    """What the owner has, by the names in the paths."""
    return owners.ids() | {
        "id": owners.thread_id,
        "name": "assistant",
        "ending": "md",
        "rest": "x",
        "filename": "x",
        "avatar_id": "x",
        "file_id": owners.element_id,
        "provider_id": "x",
        "full_path": "no/such/page",
        "session_id": owners.session_id,
    }


def _filled(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(inner, ids) for key, inner in value.items()}
    return ids[value[1:-1]] if isinstance(value, str) and value[:1] == "{" else value


@dataclass(frozen=True)
class _Lines:
    lines: list[Line] = field(default_factory=list)

    def add(self, routes: str, nobody: int, stranger: int, owner: int, **how: Any) -> None:
        for route in routes.split("\n"):
            if route.strip():
                method, path = route.split()
                self.lines.append(Line(method, path, nobody, stranger, owner, **how))


_all: Final = _Lines()
# The page itself: who is not in is led to the entry.
_all.add(
    """
    GET /
    GET /thread
    GET /thread/{id}
    GET /element/{id}
    GET /share/{id}
    GET /env""",
    303, 200, 200,
)  # fmt: skip
# For everybody, and the same for everybody.
_all.add(
    """
    GET /login
    GET /avatars/{name}
    GET /avatars/{avatar_id:str}
    GET /favicon
    GET /logo
    GET /health
    GET /auth/config
    GET /project/translations
    GET /shared/{token}
    GET /shared/{token}/files/{element_id}""",
    200, 200, 200,
)  # fmt: skip
_all.add("GET /login/{rest:path}\nGET /enter\nGET /enter/{token:path}\nPOST /enter", 303, 303, 303)
_all.add("GET /research", 308, 308, 308)  # To the room, whose own doors follow.
_all.add("GET /api/v1", 308, 308, 308)  # To the API, whose own doors follow.
_all.add("POST /login", 415, 415, 415)  # A form is taken, and here JSON is sent.
# Names of files that are not there; those that are: test_border_http.py.
_all.add("GET /assets/{name:path}\nGET /assets/{filename:path}", 404, 404, 404)
_all.add("GET /public/{name:path}\nGET /public/{filename:path}\nGET /{full_path:path}", 404, 404, 404)
# One's own, whoever one is.
_all.add(
    """
    GET /user
    GET /project/settings
    GET /me/bookmarks
    GET /me/tags
    GET /me/threads
    GET /me/threads/archived
    GET /me/threads/deleted
    GET /me/search""",
    401, 200, 200,
)  # fmt: skip
_all.add("POST /project/threads", 401, 200, 200, body={"pagination": {"first": 20}, "filter": {}})
_all.add("POST /set-session-cookie", 401, 200, 200, body={"session_id": "{session_id}"})
# The owner's.
_all.add(
    """
    GET /project/thread/{thread_id}
    GET /project/thread/{thread_id}/element/{element_id}
    GET /me/threads/{thread_id}/save.{ending}
    GET /me/threads/{thread_id}/print""",
    401, 404, 200,
)  # fmt: skip
_all.add("GET /files/{element_id}", 404, 404, 200)
_all.add("GET /me/threads/{thread_id}/earlier", 401, 404, 200, query="?before=9999999999999999")
_all.add("GET /me/threads/{thread_id}/shares", 401, 404, 200)
_all.add("POST /me/threads/{thread_id}/shares", 401, 404, 201)
_all.add("DELETE /me/threads/{thread_id}/shares/{share_id}", 401, 404, 200)
_all.add("PUT /me/ratings/{message_id}", 401, 404, 200, body={"value": 0, "reasons": ["Wrong"]})
_all.add("DELETE /me/ratings/{message_id}\nDELETE /me/bookmarks/{message_id}", 401, 404, 200)
_all.add("PUT /me/bookmarks/{message_id}", 401, 404, 200)
_all.add("PUT /me/threads/{thread_id}", 401, 404, 200, body={"title": "Cats"})
_all.add("PUT /me/threads/{thread_id}/tags", 401, 404, 200, body={"tags": ["pets"]})
_all.add("PUT /project/thread", 401, 404, 200, body={"threadId": "{thread_id}", "name": "Cats"})
_all.add("POST /project/file", 401, 403, 200, query="?session_id={session_id}", files=True)
_all.add(
    "POST /project/action", 401, 404, 200,
    body={
        "sessionId": "{session_id}",
        "action": {"name": "retry", "payload": {"message_id": "{message_id}"}},
    },
)  # fmt: skip
_all.add("DELETE /me/threads/{thread_id}", 401, 404, 200)
_all.add("POST /me/threads/{thread_id}/restore", 401, 404, 200)
_all.add("POST /me/threads/{thread_id}/unarchive", 401, 404, 200)
_all.add("DELETE /project/thread", 401, 404, 200, body={"threadId": "{thread_id}"})
# Nobody's: page/patches.py keeps none of them, or page/routes.py stands before them.
_all.add(
    """
    GET /docs
    GET /docs/oauth2-redirect
    GET /redoc
    GET /openapi.json
    GET /copilot/{filename:path}
    POST /mcp
    DELETE /mcp
    POST /auth/jwt
    POST /auth/header
    GET /auth/oauth/{provider_id}
    GET /auth/oauth/{provider_id}/callback
    POST /auth/oauth/azure-ad-hybrid/callback
    PUT /feedback
    DELETE /feedback
    PUT /project/element
    DELETE /project/element
    PUT /project/thread/share
    GET /project/share/{thread_id}
    GET /project/file/{file_id}
    GET /project/thread/share
    POST /project/thread/share
    PATCH /project/thread/share
    DELETE /project/thread/share
    OPTIONS /project/thread/share
    GET /ws/{rest:path}
    POST /ws/{rest:path}
    PUT /ws/{rest:path}
    PATCH /ws/{rest:path}
    DELETE /ws/{rest:path}
    OPTIONS /ws/{rest:path}""",
    404, 404, 404,
)  # fmt: skip
# A connection by requests is asked for as a page asks; of what is sent by none there is nothing to hear.
_all.add("GET /ws/socket.io/", 401, 200, 200, query="?EIO=4&transport=polling", of_oneself=True)
_all.add("POST /ws/socket.io/", 401, 404, 404, query="?EIO=4&transport=polling")
_all.add(
    """
    PUT /ws/socket.io/
    PATCH /ws/socket.io/
    DELETE /ws/socket.io/
    OPTIONS /ws/socket.io/""",
    404, 404, 404,
)  # fmt: skip
# Each sees and withdraws only themself; a request that does not say so in words withdraws nobody.
_all.add("GET /me/withdrawal", 401, 200, 200, of_oneself=True)
_all.add("POST /me/withdrawal", 401, 400, 400)
# A receipt's id is nobody's secret here: there is no such withdrawal.
_all.add("GET /withdrawn/{withdrawal_id}", 404, 404, 404)
_all.add("GET /withdrawn/{withdrawal_id}/receipt.txt", 404, 404, 404)
# Makes the resume code where there is none yet.
_all.add("GET /me/identity", 401, 200, 200, of_oneself=True)
# The last, for it ends what one came by.
_all.add("POST /logout", 200, 200, 200, of_oneself=True)

MATRIX: Final = tuple(_all.lines)
CHANGING: Final = tuple(line for line in MATRIX if line.changes and not line.is_closed)
# These answer with their form: a 415, a 403 or a 413 of their own.
FORMS: Final = ("/login", "/enter")
