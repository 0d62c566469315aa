"""How a browser comes into the researchers' room."""

from playwright.sync_api import Page, expect

from bench.process import ServerProcess, command


def first_password(server: ServerProcess) -> str:
    """Make the first account, as scripts/run does."""
    return command(server, "researcher", "first")


def sign_in(page: Page, password: str) -> None:
    """Come in as the owner, to the table of threads."""
    page.goto("/research/threads")
    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Threads", level=1)).to_be_visible()
