"""Whose page a request comes from. Browsers say it with every request that could change something."""

from collections.abc import Sequence


def is_own(origin: str, host: str, allowed: Sequence[str]) -> bool:
    """Whether an origin is a page of ours.

    Args:
        origin: The header Origin.
        host: The header Host. The scheme is left out of the comparison: a proxy that ends TLS makes
            it differ.
        allowed: Public addresses besides the server's own.
    """
    return origin in allowed or (host != "" and origin.lower() in _addresses_of(host.lower()))


def _addresses_of(host: str) -> tuple[str, str]:
    return f"http://{host}", f"https://{host}"
