"""All routes of the way in and out."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from starlette.routing import BaseRoute

from data_layer.record import Record
from page.asked import OwnRoutes
from page.entry.account import account_routes
from page.entry.arrival import Arrival
from page.entry.door import ClosePages, Door
from page.entry.form import EntryPage, Running
from page.entry.login import Login
from page.entry.throttle import Throttle
from page.entry.ways import Ways

# What Chainlit's index.html and ours ask for at once.
_NEEDED: Final = re.compile(r"""(?:src|href)="(/(?:assets|public)/[^"]+\.(?:js|css))\"""")


def entry_routes(
    study: Running,
    record: Record,
    close_pages: ClosePages,
    own: OwnRoutes,
    *,
    index: Callable[[], str] = str,
    allowed_origins: Sequence[str] = (),
    attempts_per_minute: int = 600,
) -> list[BaseRoute]:
    """Make the routes.

    Args:
        study: Read at each request, so that a study loaded anew shows at once.
        record: Where participants, claims, passwords and sign-ins are kept.
        close_pages: Closes the pages that are open under a sign-in.
        own: Makes the routes below /me.
        index: Gives the chat's page: what it asks for is fetched while a name is written.
        allowed_origins: Public addresses besides the server's own.
        attempts_per_minute: Of one address.
    """
    show = EntryPage(study, lambda: _NEEDED.findall(index()))
    throttle = Throttle(attempts_per_minute)
    ways = Ways(record, throttle)
    door = Door(record.sign_ins, close_pages)
    parts = (study, show, ways, door, throttle, allowed_origins)
    return [
        *Login(*parts).routes(),
        *Arrival(*parts).routes(),
        *account_routes(own, record.claims, door, show, allowed_origins),
    ]
