"""Who gets an answer compressed: one reading of Accept-Encoding for whatever answers, keeps or compresses.

Two readings would keep a compressed answer for who cannot read it, or compress one under the tag of another.
"""

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding offers gzip."""
    offers: dict[str, bool] = {}
    for offer in header.lower().split(","):
        coding, _, quality = offer.replace(" ", "").replace("\t", "").partition(";q=")
        offers[coding] = quality.strip("0.") != "" or not quality
    return offers.get("gzip", offers.get("*", False))


class Compression(GZipMiddleware):
    """Starlette's, which compresses wherever the header has the word: `gzip;q=0` as well."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http":
            offer = "gzip" if accepts_gzip(Headers(scope=scope).get("accept-encoding", "")) else "identity"
            others = [one for one in scope["headers"] if one[0] != b"accept-encoding"]
            scope = {**scope, "headers": [*others, (b"accept-encoding", offer.encode())]}
        await super().__call__(scope, receive, send)
