"""Whether a request comes from a browser on this machine itself: from whoever runs it, and no participant."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

# What proxies, tunnels and content networks put into a request on its way.
_PASSED_ON: Final = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "x-original-host",
    "x-envoy-external-address",
    "cf-connecting-ip",
    "true-client-ip",
    "fly-client-ip",
    "ngrok-skip-browser-warning",
)


def is_of_this_machine(scope: Scope) -> bool:
    """Look at where a request comes from, and by which name it asks.

    A proxy on this machine is at a loopback address too: whatever it has passed on is somebody else's,
    and so is whatever asks for another host, or has its page from another.

    Args:
        scope: Of an HTTP request.

    Returns:
        True where all of it says so; False where anything does not.
    """
    headers = Headers(scope=scope)
    client = scope.get("client")
    if client is None or not _is_loopback(client[0]) or any(name in headers for name in _PASSED_ON):
        return False
    # Browsers speak 1.1 or newer; proxies that add nothing speak 1.0 to what they stand before.
    if scope.get("http_version") == "1.0":
        return False
    if not _is_loopback(_host_of(f"//{headers.get('host', '')}")):
        return False
    pages = (headers.get("origin", ""), headers.get("referer", ""))
    return all(_is_loopback(_host_of(page)) for page in pages if page)


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
