"""How a browser comes into the researchers' room."""

from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from bench.process import ServerProcess
from commands.account_store import record_beside
from research.cookies import COOKIE
from study.roles import ResearcherRole
from tests.postgres import run


def first_password(server: ServerProcess) -> str:
    """Make the first account, as scripts/run does."""
    return account(server, "owner", ResearcherRole.OWNER)


def account(server: ServerProcess, name: str, role: ResearcherRole) -> str:
    """Make an account as the command line does, without its process, whose start takes seconds.

    Returns:
        Its password.
    """
    made: list[str] = []

    async def make() -> None:
        async with record_beside(server.environment["VERBATIM_DATABASE_URL"]) as record:
            made.append(await record.researchers.add(name, role))
            await record.audit.note("researcher_added", name="command line", target=name)

    run(make())
    return made[0]


# The cookies of the owner's sign-in, by the password, of which each server has another.
_KEPT: Final[dict[str, Any]] = {}


def come_in(page: Page, password: str, path: str, heading: str) -> None:
    """Bring a browser before a page of the room, as the owner.

    The first of a server's comes in by the form. Those after it bring the cookie that it was given: the form
    and the check of a password cost as much as the page behind them. Who has signed out uses the form again.
    """
    page.context.add_cookies(_KEPT.get(password, []))
    page.goto(path)
    if urlsplit(page.url).path == "/research/login":
        page.get_by_label("Name").fill("owner")
        page.get_by_label("Password").fill(password)
        page.keyboard.press("Enter")
    # Exactly: the way in is headed "The researchers’ room", and would be taken for the page behind it.
    expect(page.get_by_role("heading", name=heading, level=1, exact=True)).to_be_visible()
    _KEPT[password] = [one for one in page.context.cookies(page.url) if one.get("name") == COOKIE]


def forget(password: str) -> None:
    """Let the next browser come in by the form, to a session of its own."""
    _KEPT.pop(password, None)


def sign_in(page: Page, password: str) -> None:
    """Come in as the owner, to the table of threads."""
    come_in(page, password, "/research/threads", "Threads")
