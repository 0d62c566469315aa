"""All routes of the way in and out."""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from starlette.routing import BaseRoute

from data_layer.record import Record
from page.entry.account import account_routes
from page.entry.arrival import Arrival
from page.entry.door import ClosePages, SignInSession
from page.entry.form import EntryPage, RunningStudy
from page.entry.login import LoginRoutes
from page.me.participant_request import ParticipantRoutes
from stages.entry.throttle import EntryThrottle
from stages.entry.ways import Ways
from web.addresses import public_path

# What Chainlit's index.html and ours ask for at once.
_NEEDED: Final = r"""(?:src|href)="({}/(?:assets|public)/[^"]+\.(?:js|css))\""""


class EntryRoutes(NamedTuple):
    """The way in is everybody's; the account is that of who is in."""

    way_in: list[BaseRoute]
    account: list[BaseRoute]


def entry_routes(
    study: RunningStudy,
    record: Record,
    close_pages: ClosePages,
    own: ParticipantRoutes,
    *,
    index: Callable[[], str] = str,
    allowed_origins: Sequence[str] = (),
    throttle: EntryThrottle,
) -> EntryRoutes:
    """Make the routes.

    Args:
        study: Read at each request, so that a study loaded anew shows at once.
        record: Where participants, claims, passwords and sign-ins are kept.
        close_pages: Closes the pages that are open under a sign-in.
        own: Makes the routes below /me.
        index: Gives the chat's page: what it asks for is fetched while a name is written.
        allowed_origins: Public addresses besides the server's own.
        throttle: Counts what is tried.
    """
    needed = re.compile(_NEEDED.format(re.escape(public_path())))
    show = EntryPage(study, lambda: needed.findall(index()))
    ways = Ways(record, throttle)
    door = SignInSession(record.sign_ins, close_pages)
    parts = (study, show, ways, door, throttle, allowed_origins)
    return EntryRoutes(
        [*LoginRoutes(*parts).routes(), *Arrival(*parts).routes()],
        list(account_routes(own, record.claims, door, show, allowed_origins)),
    )
