"""A conversation of many days: the newest words at once, the first ones when they are asked for."""

import re
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from bench.long_thread_seed import seed_thread
from bench.process import ServerProcess
from tests.browser.conftest import Arrive
from tests.browser.visit import Visit
from tests.browser.waiting import comes_to, copied, holds
from tests.page.asking import ATTACKS
from tests.postgres import run

pytestmark = pytest.mark.browser

# Imports one of the page's modules as the page itself does, which holds the promise (heard.py).
IMPORT: Final = """(name) => globalThis.asked = import(
    [...document.querySelectorAll("link[rel=modulepreload]")]
        .map((link) => link.href).find((address) => address.endsWith(name)))"""


def open_long_thread(
    visit: Visit, server: ServerProcess, folder: Path, messages: int, first: tuple[str, ...] = ()
) -> str:
    """Let the visitor have talked for long, and open that thread.

    Returns:
        Its id.
    """
    address = server.environment["VERBATIM_DATABASE_URL"]
    participant_id = visit.page.request.get("/user").json()["identifier"]
    seeded: list[str] = []

    async def seed() -> None:
        seeded.append(await seed_thread(address, folder, participant_id, messages, first))

    run(seed())
    visit.page.goto(f"/thread/{seeded[0]}")
    expect(visit.page.get_by_text(f"Turn {messages // 2}:")).to_be_in_viewport()
    return seeded[0]


def shown(page: Page) -> list[str]:
    """Which turns stand on the page, in order."""
    said = page.locator('[data-step-type="user_message"] .message-content').all_inner_texts()
    return [found[1] for text in said if (found := re.match(r"Turn (\d+):", text))]


def test_a_long_thread_shows_its_end_and_pages_back(
    arrive: Arrive, server: ServerProcess, tmp_path: Path
) -> None:
    """The newest hundred are there at once; earlier ones come above them, once each and in order, and what
    is being read stays where it is.
    """
    visit = arrive()
    visit.sign_in("Longwriter")
    open_long_thread(visit, server, tmp_path, 140)
    comes_to(visit.page, lambda: shown(visit.page), [str(n) for n in range(21, 71)])
    earlier = visit.page.get_by_role("button", name="Show earlier messages (40)")
    earlier.scroll_into_view_if_needed()
    top = visit.page.get_by_text("Turn 21:")
    before = top.bounding_box()
    earlier.press("Enter")
    region = visit.page.get_by_role("region", name="Earlier messages")
    expect(region.locator('[data-step-type="user_message"]')).to_have_count(20)
    expect(region.get_by_role("button", name=re.compile("Show earlier|Loading"))).to_have_count(0)
    assert before is not None
    holds(visit.page, lambda: abs(before["y"] - (top.bounding_box() or before)["y"]) < 4, "it stays there")
    comes_to(visit.page, lambda: shown(visit.page), [str(n) for n in range(1, 71)])
    # The thread goes on below, and the first words are still there.
    visit.say("One more thing.")
    expect(visit.answers).to_have_count(71)
    # A page that reconnects gets the newest hundred anew, which now begin one turn later.
    visit.page.evaluate(f"({IMPORT})('/page/base/wire.js').then((wire) => wire.socket().lost())")
    expect(region.locator('[data-step-type="user_message"]')).to_have_count(21)
    comes_to(visit.page, lambda: shown(visit.page), [str(n) for n in range(1, 71)])
    expect(visit.questions).to_have_count(71)
    assert visit.errors == []


def test_a_jump_shows_as_much_as_it_takes(arrive: Arrive, server: ServerProcess, tmp_path: Path) -> None:
    """To the first message of a thread that is only just being opened; to none that is not in it."""
    visit = arrive()
    visit.sign_in("Jumper")
    thread_id = open_long_thread(visit, server, tmp_path, 240)
    window = visit.page.request.get(f"/me/threads/{thread_id}/save.json").json()["messages"]
    assert len(window) == 240
    visit.page.reload()
    found = visit.page.evaluate(
        f"""async () => {{
          const module = await ({IMPORT})("/page/earlier.js");
          const missing = await module.showEarlierUntil("00000000-0000-4000-8000-000000000000");
          return [missing, document.querySelector('#earlier [id^="step-"]')?.textContent.trim()];
        }}"""
    )
    assert found[0] is None
    assert found[1].startswith("Turn 1:")
    expect(visit.page.locator(".step")).to_have_count(240)


def test_earlier_messages_run_nothing_and_are_copied_as_they_were_said(
    arrive: Arrive, server: ServerProcess, tmp_path: Path
) -> None:
    """Scripts, handlers, pictures and links of a text stay a text; Copy gives the words, not the drawing."""
    visit = arrive()
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.sign_in("Attacker")
    open_long_thread(visit, server, tmp_path, 120, tuple(ATTACKS))
    visit.page.get_by_role("button", name=re.compile("Show earlier")).click()
    region = visit.page.get_by_role("region", name="Earlier messages")
    expect(region.locator('[data-step-type="assistant_message"]')).to_have_count(10)
    expect(region.locator("script, svg[onload], img:not([src^='/avatars/']), iframe, b")).to_have_count(0)
    expect(visit.page).to_have_title("Everyday conversations")
    assert visit.foreign == []
    reply = region.locator('[data-step-type="assistant_message"]').nth(1)
    reply.hover()
    reply.get_by_role("button", name="Copy").click()
    expect(reply.get_by_role("button", name="Copied")).to_have_count(1)
    comes_to(visit.page, lambda: copied(visit.page), ATTACKS[1])
