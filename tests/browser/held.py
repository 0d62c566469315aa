"""A request of the page that is held back on its way, and let go when the test says so."""

from playwright.sync_api import Page, Route


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
