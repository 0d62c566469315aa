"""What is held back for as long as a test says so: a request of the page on its way, the whole server."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, Route

from bench.process import ServerProcess


@contextmanager
def stopped(server: ServerProcess) -> Iterator[None]:
    """A server that is there and says nothing."""
    os.kill(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.pid, signal.SIGCONT)


class HeldRequest:
    """The first request to an address; the later ones pass.

    A key that is pressed has not sent anything yet when Playwright comes back from pressing it: what is held
    is waited for, and never taken to be there.
    """

    def __init__(self, page: Page, address: str) -> None:
        """Hold what is asked from now on.

        Args:
            page: Whose requests are meant.
            address: As Playwright's `Page.route` takes it.
        """
        self._page = page
        self._routes: list[Route] = []
        page.route(address, self._hold)

    def _hold(self, route: Route) -> None:
        if self._routes:
            route.continue_()
        else:
            self._routes.append(route)

    def wait(self) -> None:
        """Until the page has asked. A page that never asks runs into the test's own time limit."""
        while not self._routes:
            self._page.wait_for_timeout(20)

    def let_go(self) -> None:
        """It reaches the server, as soon as the page has sent it."""
        self.wait()
        self._routes[0].continue_()
