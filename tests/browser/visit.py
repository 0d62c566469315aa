"""What a participant does with the page, in words."""

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.waiting import PATIENCE_MS, holds

THREAD: Final = re.compile("/thread/")
# What is sent before the connection stands waits for it, but not for long: then it stays in the field.
_MET: Final = """() => {
  if (globalThis.wire) return globalThis.wire.isMet();
  const modules = [...document.querySelectorAll("link[rel=modulepreload]")].map((one) => one.href);
  const wire = modules.find((one) => one.endsWith("/page/base/wire.js"));
  if (wire) import(wire).then((module) => { globalThis.wire = module; });
  return false;
}"""


class Visit:
    """One browser with its own cookies.

    Attributes:
        page: Playwright's page.
        foreign: Addresses at other origins that were asked, or would have been but for the policy.
        errors: What scripts of the page failed with.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.foreign: list[str] = []
        self.refused: list[str] = []
        self.errors: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        page.on("request", self._note)
        page.on("requestfailed", self._note_failure)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def sign_in(self, name: str) -> None:
        """Come in, and wait until a message can be written.

        The form is fetched and sent without being drawn: it fetches Chainlit's bundle ahead, which costs a
        fifth of a visit. Where the form matters, `write_name`.
        """
        asked = self.page.context.request
        form = asked.get("login")  # below the path of a proxy too
        parts = urlsplit(form.url)
        sent_from = {"Origin": f"{parts.scheme}://{parts.netloc}", "Referer": form.url}
        let_in = asked.post(form.url, form={"username": name}, headers=sent_from, max_redirects=0)
        assert let_in.status == 303, let_in.text()
        self.page.goto(urljoin(form.url, let_in.headers["location"]))
        self.wait_until_ready()

    def write_name(self, name: str) -> None:
        """Come in by the form as a hand does it, and wait until a message can be written."""
        self.page.goto("login")
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_role("button", name="Begin").click()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait for the field to write in, and until what is written can be sent at once."""
        self.wait_until_drawn()
        holds(self.page, lambda: self.page.evaluate(_MET), "what is written can be sent")

    def wait_until_drawn(self) -> None:
        """Wait for the field to write in, in the page as it stays.

        Chainlit draws its page a first time behind a loading screen, before it knows its settings, and then
        anew (frontend/src/App.tsx): a field of the first drawing is gone in a moment. The list's button comes
        with the second.
        """
        expect(self.page.locator("#sidebar-trigger-button").first).to_be_attached()
        expect(self.composer).to_be_visible()

    def choose_agent(self, name: str) -> None:
        """Choose who answers, by the list in the header."""
        self.page.locator("#chat-profiles").click()
        self.page.get_by_role("option", name=name).click()
        expect(self.page.locator("#chat-profiles")).to_contain_text(name)

    def say(self, text: str) -> None:
        """Send a message, without waiting for its answer."""
        self.wait_until_drawn()
        self.composer.fill(text)  # who was away is back by it
        holds(self.page, lambda: self.page.evaluate(_MET), "what is written can be sent")
        # On a phone Enter breaks the line.
        self.page.locator("#chat-submit").click()

    def talk(self, text: str) -> str:
        """Send a message and wait for the whole answer, and for the address of the thread.

        Returns:
            The answer's text.
        """
        before = self.answers.count()
        self.say(text)
        expect(self.answers).to_have_count(before + 1)
        self.wait_until_answered()
        # On a wide screen it comes with the list of threads, later than the answer.
        expect(self.page).to_have_url(THREAD)
        return self.answers.last.inner_text()

    def wait_until_answered(self) -> None:
        """Wait until the page lets the participant write on."""
        expect(self.page.locator("#stop-button")).to_have_count(0)
        expect(self.page.locator(".loading-cursor")).to_have_count(0)

    @property
    def composer(self) -> Locator:
        """The field to write in."""
        return self.page.locator("#chat-input")

    @property
    def questions(self) -> Locator:
        """The participant's messages."""
        return self.page.locator('[data-step-type="user_message"] .message-content')

    @property
    def answers(self) -> Locator:
        """The agent's messages."""
        return self.page.locator('[data-step-type="assistant_message"] .message-content')

    @property
    def rows(self) -> Locator:
        """The threads in the list."""
        return self.page.locator("#thread-history li")

    def _note(self, request: Request) -> None:
        asked, own = urlsplit(request.url), urlsplit(self.page.url)
        if asked.scheme in ("http", "https", "ws", "wss") and own.netloc and asked.netloc != own.netloc:
            self.foreign.append(request.url)

    def _note_failure(self, request: Request) -> None:
        if request.url in self.foreign and request.failure == "csp":
            self.refused.append(request.url)
