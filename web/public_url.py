"""The address at which people reach the page, from outside: VERBATIM_PUBLIC_URL."""

import re
from typing import Final
from urllib.parse import urlsplit

_URL: Final = re.compile(r"https?://[A-Za-z0-9._~-]+(?::\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")
_ORIGIN: Final = re.compile(r"https?://[^/*?#\s]+")
_SEGMENT: Final = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]+")
_PORT: Final = re.compile(r":(\d+)$")
_USUAL_PORTS: Final = {"http": ":80", "https": ":443"}
# Where our own addresses begin. Of a path that begins so as well nobody could say whether a proxy has taken
# it off already. A test compares these with the routes of the app.
OWN: Final = frozenset(
    {
        "api", "assets", "auth", "avatars", "copilot", "docs", "element",
        "enter", "env", "favicon", "feedback", "files", "health", "login", "logo",
        "logout", "mcp", "me", "openapi.json", "project", "public", "redoc",
        "research", "set-session-cookie", "share", "shared", "thread", "user", "withdrawn",
        "ws",
    }
)  # fmt: skip


def checked(value: str) -> str:
    """Read the setting.

    Args:
        value: As it was given.

    Returns:
        It, as browsers write it, without a slash at its end.

    Raises:
        ValueError: It is no such address; says what is wrong.
    """
    url = value.strip().rstrip("/")
    origin = origin_of(url)
    if not _URL.fullmatch(origin):
        raise ValueError("it is not an address that begins with https:// or http:// and names a host")
    if (port := _PORT.search(origin)) and not 0 < int(port[1]) < 65536:
        raise ValueError("its port is no number from 1 to 65535")
    segments = url.partition("://")[2].split("/")[1:]
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise ValueError("its path is not made of letters, digits, '-', '_', '.' and '~' between slashes")
    if segments and segments[0] in OWN:
        raise ValueError(f"its path cannot begin with /{segments[0]}, which is an address of Verbatim's own")
    return "/".join([origin, *segments])


def checked_origin(value: str) -> str:
    """Read one of the further addresses that browsers may come from: scheme, host and port alone.

    Returns:
        It, as browsers write it.

    Raises:
        ValueError: It says more, or less.
    """
    if not _ORIGIN.fullmatch(value):
        raise ValueError(f"{value!r} is not scheme, host and port alone")
    return origin_of(value)


def origin_of(url: str) -> str:
    """Its scheme, host and port, as a browser names them: the port that goes without saying is not said."""
    scheme, _, rest = url.lower().partition("://")
    host = rest.partition("/")[0]
    return f"{scheme}://{host.removesuffix(_USUAL_PORTS.get(scheme, ''))}"


def path_of(url: str | None) -> str:
    """Its path: "" at the root of its host, and where there is no such address."""
    return urlsplit(url).path.rstrip("/") if url else ""
