"""Addresses as a browser must ask for them: below the public path, where a proxy serves us there.

Our code names pages as if they stood at the root of a host ("/login", "/research/threads"): routes, guards
and logs know no other. What goes out is put below the public path at few places: templates and style sheets
by web/pages.py, headers in web/below.py, scripts in public/page/base/below.js, Chainlit's page by
page/chainlit/index_page.py and page/static_files/bundle.py.
"""

from typing import Final

# Of this process, as its port is: set once, before anything is drawn.
_public_path: Final[list[str]] = [""]


def live_below(path: str) -> None:
    """Say where this process is found.

    Args:
        path: Such as "/study"; "" at the root of its host.
    """
    _public_path[0] = path


def public_path() -> str:
    """Where this process is found: "" at the root of its host."""
    return _public_path[0]


def below_path(address: str) -> str:
    """An address of ours as a browser must ask for it.

    Args:
        address: "/login"; one that does not begin with a slash, or that names a host, stays as it is.
    """
    own = address.startswith("/") and not address.startswith("//")
    return public_path() + address if own else address
