"""The page speaks one language: the study's or the browser's, in our words and in Chainlit's."""

import pytest
from playwright.sync_api import Browser, expect

from bench.process import ServerProcess
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("locale", "language", "placeholder", "new_thread", "today"),
    [
        ("de-AT", "de", "Nachricht schreiben", "Neues Gespräch", "Heute"),
        ("es-MX", "es", "Escriba un mensaje", "Nueva conversación", "Hoy"),
        ("zh-CN", "zh-Hans", "写一条消息", "新对话", "今天"),
        ("fr-FR", "en", "Write a message", "New conversation", "Today"),
    ],
)
def test_the_browser_chooses(
    chromium: Browser,
    server: ServerProcess,
    locale: str,
    language: str,
    placeholder: str,
    new_thread: str,
    today: str,
) -> None:
    """From the first screen on; a language that we do not speak is answered in English."""
    context = chromium.new_context(base_url=server.url, locale=locale)
    visit = Visit(context.new_page())
    page = visit.page
    page.goto("/login")
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.locator("[name=username]").fill(f"Speaker {language}")
    page.keyboard.press("Enter")
    visit.wait_until_ready()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(visit.composer).to_have_attribute("placeholder", placeholder)
    expect(page.locator("#new-chat-button")).to_have_attribute("aria-label", new_thread)
    visit.talk("Hello.")
    expect(page.locator("#thread-history")).to_contain_text(today)
    assert visit.errors == []
    context.close()
