"""How a browser comes into the researchers' room."""

import subprocess
import sys

from playwright.sync_api import Page, expect

from bench.process import ServerProcess
from tests.browser.conftest import TREE


def first_password(server: ServerProcess) -> str:
    """Make the first account, as scripts/run does."""
    made = subprocess.run(
        [sys.executable, "cli.py", "researcher", "first"],
        cwd=TREE,
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return made.stdout.strip()


def sign_in(page: Page, password: str) -> None:
    """Come in as the owner, to the table of threads."""
    page.goto("/research/threads")
    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Threads", level=1)).to_be_visible()
