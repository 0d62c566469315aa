"""What a model sends beside a reply, in a real browser: thinking, a cut, nothing at all."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocket, expect

from bench.process import ServerProcess, verbatim
from tests.browser.conftest import TREE, Arrive
from tests.browser.visit import Visit
from tests.browser.waiting import holds
from tests.fake_openai import Behaviour, FakeOpenAI

pytestmark = pytest.mark.browser

# Stands in thinking alone.
SECRET = "zebra"
STUDY = """\
id: silence
title: Everyday conversations
contact: silence@example.org
welcome: Talk about anything.
agents:
  - {name: Open, kind: openai, model: m, show_thinking: true}
  - {name: Closed, kind: openai, model: m, default: true}
sharing: {days: 7}
"""


@pytest.fixture(scope="module")
def model() -> Iterator[FakeOpenAI]:
    """The model, which refuses two turns of one speaker in a row."""
    with FakeOpenAI() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, model: FakeOpenAI) -> Iterator[ServerProcess]:
    """The app with two agents, of whom one thinks aloud."""
    folder = tmp_path_factory.mktemp("silence")
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    described = verbatim(TREE, folder / "data", folder)
    described.environment |= {"OPENAI_BASE_URL": model.url, "OPENAI_API_KEY": "sk-none-needed-here"}
    with described as running:
        yield running


class Wiretap:
    """All that reaches a browser: frames of its sockets, and bodies of its answers."""

    def __init__(self, context: BrowserContext) -> None:
        self.heard: list[str] = []
        self._context = context
        context.on("page", self._listen)

    def _listen(self, page: Page) -> None:
        page.on("websocket", self._tap)

    def _tap(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.heard.append(str(frame)))

    def fetch(self, page: Page, path: str) -> None:
        """Ask for something as the page would."""
        self.heard.append(page.context.request.get(path).text())

    def has(self, words: str) -> bool:
        """Whether they came by."""
        return any(words in one for one in self.heard)


def thread_id(page: Page) -> str:
    """The open thread's."""
    return page.url.rpartition("/")[2]


def everywhere(visit: Visit, tap: Wiretap) -> None:
    """Look at the open thread in all ways that there are: anew, in a second tab, by REST, saved, shared."""
    page, thread = visit.page, thread_id(visit.page)
    page.reload()
    expect(visit.answers).to_have_count(1)
    other = page.context.new_page()
    other.goto(f"/thread/{thread}")
    expect(other.locator('[data-step-type="assistant_message"]')).to_have_count(1)
    tap.fetch(page, f"/project/thread/{thread}")
    tap.fetch(page, f"/me/threads/{thread}/earlier?before={2**53}")
    for ending in ("txt", "md", "json"):
        tap.fetch(page, f"/me/threads/{thread}/save.{ending}")
    tap.fetch(page, f"/me/threads/{thread}/print")
    share = "async (id) => (await (await fetch(`/me/threads/${id}/shares`, { method: 'POST' })).json()).path"
    tap.fetch(page, page.evaluate(share, thread))
    other.close()


def talks_with(arrive: Arrive, model: FakeOpenAI, agent: str, name: str) -> tuple[Visit, Wiretap]:
    """Somebody who listens to all that reaches their browser, and has chosen an agent."""
    model.reset()
    visit = arrive()
    tap = Wiretap(visit.page.context)
    tap._listen(visit.page)
    visit.sign_in(name)
    visit.choose_agent(agent)
    return visit, tap


def test_thinking_that_is_not_shown_does_not_reach_the_browser(arrive: Arrive, model: FakeOpenAI) -> None:
    """By no frame and no answer, live or later; and the words beside it do, so that the ear is good."""
    visit, tap = talks_with(arrive, model, "Closed", "Ann")
    model.next(reasoning=f"I think of a {SECRET}.", text="Stripes, perhaps.")
    visit.talk("What is it?")
    expect(visit.answers).to_have_text(["Stripes, perhaps."])
    holds(visit.page, lambda: tap.has("Stripes,"))
    everywhere(visit, tap)
    assert not tap.has(SECRET)
    assert not tap.has('"thinking"')
    expect(visit.page.locator('[data-step-type="thinking"]')).to_have_count(0)


def test_thinking_that_is_shown_is_there_live_and_later(arrive: Arrive, model: FakeOpenAI) -> None:
    """A closed line that grows while the model thinks, above the reply; in all copies, in no prompt."""
    visit, tap = talks_with(arrive, model, "Open", "Ben")
    page = visit.page
    model.next(reasoning=f"I think of a {SECRET} " + "and again " * 20, text="Stripes.", delta_delay_s=0.03)
    visit.say("What is it?")
    line = page.locator('[data-step-type="thinking"]')
    expect(line).to_have_count(1)
    expect(line.get_by_role("button", name="Thinking")).to_be_visible()
    expect(page.get_by_text(SECRET)).to_have_count(0)
    line.get_by_role("button", name="Thinking").click()
    expect(line).to_contain_text(SECRET)
    expect(visit.answers).to_have_text(["Stripes."])
    visit.wait_until_answered()
    thought, said = (
        next(n for n, one in enumerate(tap.heard) if word in one) for word in (SECRET, "Stripes.")
    )
    assert thought < said, "it came with the reply, and not while the model thought"
    heard = len(tap.heard)
    everywhere(visit, tap)
    expect(visit.page.get_by_role("button", name="Thinking")).to_be_visible()
    holds(page, lambda: len([one for one in tap.heard[heard:] if SECRET in one]) >= 8, "all copies")
    model.next(text="Well.")
    visit.talk("And?")
    assert SECRET not in json.dumps(model.requests[-1].body)


def test_a_cut_and_a_silence_are_told(arrive: Arrive, model: FakeOpenAI) -> None:
    """A reply that was cut off says so, after a reload too; an empty one is a sentence and a Retry."""
    visit, _ = talks_with(arrive, model, "Closed", "Cat")
    page = visit.page
    model.next(text="Once upon a", finish_reason="length")
    visit.talk("Tell me.")
    cut = page.locator(".turn-cut-off")
    expect(cut).to_have_text(["Cut off at the longest length."])
    model.next(text=" ")
    visit.say("Go on.")
    notice = page.locator('[data-step-type="system_message"]')
    expect(notice).to_contain_text("No answer came. Your message is kept.")
    expect(visit.answers).to_have_count(1)
    page.reload()
    expect(cut).to_have_text(["Cut off at the longest length."])
    model.next(text="Here it is.", finish_reason="content_filter")
    notice.get_by_role("button", name="Try again").click()
    expect(cut).to_have_text(["Cut off at the longest length.", "Cut off by a content filter."])
    expect(notice).to_have_count(0)
    assert visit.errors == []


def test_a_thread_lives_on_after_silence(arrive: Arrive, model: FakeOpenAI) -> None:
    """Stopped before a word, failed, empty: a model that wants turns to alternate gets them so."""
    visit, _ = talks_with(arrive, model, "Closed", "Dan")
    page = visit.page
    model.default = Behaviour(alternates=True)
    notices = page.locator('[data-step-type="system_message"]')
    model.next(first_token_delay_s=60, alternates=True)
    visit.say("One.")
    page.locator("#stop-button").click()
    visit.wait_until_answered()
    expect(page.locator("[data-step-type]")).to_have_count(1)
    model.next(end="error", after=0, alternates=True)
    visit.say("Two.")
    expect(notices).to_have_count(1)
    model.next(text="", alternates=True)
    visit.say("Three.")
    expect(notices).to_have_count(2)
    visit.say("Four.")
    expect(visit.answers).to_have_text(["All is well here."])
    roles = [message["role"] for message in model.requests[-1].body["messages"]]
    said = json.dumps(model.requests[-1].body["messages"])
    assert roles == ["user"]
    assert all(words in said for words in ("One.", "Two.", "Three.", "Four."))
