"""Limits and fallbacks in a real browser: the warning, the end, no typed word lost; who stepped in."""

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import WebSocketRoute, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave
from tests.browser.conftest import TREE, Arrive
from tests.browser.visit import Visit
from tests.browser.waiting import holds
from tests.fake_openai import FakeOpenAI

pytestmark = pytest.mark.browser

STUDY = """\
id: limits
title: Everyday conversations
contact: limits@example.org
welcome: Talk about anything.
language: en
agents:
  - {name: Alex, kind: openai, model: m, default: true, fallback: Robin}
  - {name: Robin, kind: scripted, reply: Please go on., offered: false}
limits:
  active_threads: 2
  thread: {messages: 3, at_least: 2}
  warn: 1
  reached: "That was all. **Thank you!**"
"""


@pytest.fixture(scope="module")
def model() -> Iterator[FakeOpenAI]:
    """The model."""
    with FakeOpenAI() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, model: FakeOpenAI) -> Iterator[ServerProcess]:
    """The app with limits and a fallback."""
    folder = tmp_path_factory.mktemp("limits")
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    described = verbatim(TREE, folder / "data", folder)
    described.environment |= {
        "OPENAI_BASE_URL": model.url,
        "OPENAI_API_KEY": "sk-none-needed-here",
        "VERBATIM_MODEL_RETRIES": "0",
    }
    with described as running:
        yield running


HEARS = threading.Event()


def deaf_to(event: str) -> Callable[[WebSocketRoute], None]:
    """A wire on which an event does not arrive until HEARS is set."""

    def wire(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def hear(frame: str | bytes) -> None:
            if HEARS.is_set() or f'["{event}"' not in str(frame):
                route.send(frame)

        server.on_message(hear)

    return wire


@pytest.fixture(autouse=True)
def calm(model: FakeOpenAI) -> None:
    """Each test begins with a model that answers."""
    model.reset("All is well here.")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_end_is_near_and_then_it_is_there(arrive: Arrive, phone: bool) -> None:
    """A hint, a warning, the end with the study's words; what is typed stays; a new conversation is open."""
    visit = arrive(phone=phone, dark=phone)
    visit.sign_in(f"Lina {phone}")
    line, end = visit.page.locator("#limits"), visit.page.locator("#study-ended")
    expect(line).to_have_text("Please write at least 2 more messages")
    visit.talk("One")
    expect(line).to_have_text("Please write at least 1 more message")
    visit.talk("Two")
    expect(line).to_have_text("1 message left")
    assert grave(visit.page) == []
    visit.talk("Three")
    expect(end).to_have_text("That was all. Thank you!")
    expect(line).to_have_count(0)
    expect(visit.composer).not_to_be_editable()
    ends = "(all) => all.map((one) => Math.round(one.getBoundingClientRect().right))"
    bubbles, field = "[data-step-type=user_message] .rounded-3xl", "#message-composer"
    both = (visit.page.locator(bubbles), visit.page.locator(field))
    holds(
        visit.page, lambda: len({tuple(set(one.evaluate_all(ends))) for one in both}) == 1, "one right edge"
    )
    expect(visit.page.locator("#chat-submit")).to_have_attribute("aria-disabled", "true")
    assert grave(visit.page) == []
    visit.page.reload()
    visit.wait_until_ready()
    expect(end).to_have_text("That was all. Thank you!")
    expect(visit.answers).to_have_count(3)
    visit.page.goto(visit.page.url.split("/thread/")[0])
    visit.wait_until_ready()
    expect(end).to_have_count(0)
    expect(visit.composer).to_be_editable()
    assert visit.errors == []


def test_words_that_came_too_late_are_in_the_field(arrive: Arrive) -> None:
    """A second tab that has not heard of the end yet sends: its words come back, and it reads why."""
    visit = arrive()
    visit.sign_in("Mio")
    visit.talk("One")
    visit.talk("Two")
    other = Visit(visit.page.context.new_page())
    other.page.route_web_socket(re.compile("/ws/"), deaf_to("limits"))
    other.page.goto(visit.page.url)
    other.wait_until_ready()
    visit.talk("Three")
    expect(other.answers).to_have_count(3)
    HEARS.set()
    other.say("Four, which I have thought about for long")
    expect(other.page.locator("#study-ended")).to_be_visible()
    expect(other.composer).to_have_value("Four, which I have thought about for long")
    expect(other.composer).not_to_be_editable()
    expect(other.questions).to_have_count(3)
    assert other.errors == []


def test_who_stepped_in_is_told(arrive: Arrive, model: FakeOpenAI) -> None:
    """A quiet word under the reply, which a reload keeps; the thread stays the first one's."""
    model.next(status=500)
    visit = arrive()
    visit.sign_in("Noa")
    assert visit.talk("Hello") == "Please go on."
    word = visit.page.locator(".turn-fallback")
    expect(word).to_have_text("Robin answered here, because Alex could not.")
    assert grave(visit.page) == []
    visit.page.reload()
    expect(word).to_have_text("Robin answered here, because Alex could not.")
    assert visit.talk("And now?") == "All is well here."
    expect(word).to_have_count(1)
    assert visit.errors == []


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_one_too_many_is_archived_and_comes_back(arrive: Arrive, phone: bool) -> None:
    """A line says which; it stands under Archived, is brought back, and another makes room for it."""
    visit = arrive(phone=phone, dark=not phone)
    page = visit.page
    visit.sign_in(f"Kim {phone}")
    for title in ("Whales", "Bees", "Owls"):
        if title != "Whales":
            page.goto(page.url.split("/thread/")[0])
        visit.talk(title)
    expect(page.get_by_text("“Whales” was archived to make room.")).to_be_visible()
    if phone:
        page.locator("#sidebar-trigger-button").first.click()
    expect(visit.rows).to_have_count(2)
    page.locator("#you-button").click()
    page.get_by_role("menuitem", name="Archived").click()
    dialog = page.get_by_role("dialog", name="Archived")
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    assert grave(page) == []
    dialog.get_by_role("button", name="Restore: Whales").click()
    expect(page.get_by_text("Archived to make room: Bees")).to_be_visible()
    expect(dialog.get_by_text("Nothing is archived.")).to_be_visible()
    page.keyboard.press("Escape")
    if phone:
        page.locator("#sidebar-trigger-button").first.click()
    expect(visit.rows).to_have_count(2)
    expect(visit.rows.filter(has_text="Whales")).to_have_count(1)
    expect(visit.rows.filter(has_text="Bees")).to_have_count(0)
    assert visit.errors == []
