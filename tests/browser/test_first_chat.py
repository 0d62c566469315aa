"""A participant comes, talks, comes back and leaves."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.waiting import holds

pytestmark = pytest.mark.browser

THREAD = re.compile(r"/thread/[0-9a-f-]{36}$")


def test_a_name_leads_to_the_chat(arrive: Arrive) -> None:
    """One field, Enter, and the study's first screen is there with somewhere to write."""
    visit = arrive()
    visit.page.goto("/")
    expect(visit.page).to_have_url(re.compile("/login$"))
    visit.page.get_by_label("Your name").fill("Ada Lovelace")
    visit.page.keyboard.press("Enter")
    visit.wait_until_ready()
    expect(visit.page.locator("#study-title")).to_have_text("Everyday conversations")
    expect(visit.page.locator("#study-welcome")).to_contain_text("about ten minutes")
    expect(visit.page).to_have_title("Everyday conversations")
    assert visit.errors == []


def test_eliza_answers(arrive: Arrive) -> None:
    """A message is answered in full, and both stand on the page."""
    visit = arrive()
    visit.write_name("Talker")
    answer = visit.talk("I am unhappy.")
    expect(visit.questions).to_have_text(["I am unhappy."])
    assert "unhappy" in answer.lower()


def test_a_reload_stays_in_the_thread(arrive: Arrive) -> None:
    """The address names the thread, and what was said is there again, once."""
    visit = arrive()
    visit.write_name("Reloader")
    answer = visit.talk("My mother calls me every day.")
    expect(visit.page).to_have_url(THREAD)
    visit.page.reload()
    visit.wait_until_ready()
    expect(visit.questions).to_have_text(["My mother calls me every day."])
    expect(visit.answers).to_have_text([answer])


def test_a_reload_on_a_phone_stays_in_the_thread(arrive: Arrive) -> None:
    """Where the list of threads is hidden, the address names the thread all the same."""
    visit = arrive(phone=True)
    visit.write_name("Phone")
    visit.talk("I remember a long walk.")
    expect(visit.page).to_have_url(THREAD)
    visit.page.reload()
    visit.wait_until_ready()
    expect(visit.questions).to_have_text(["I remember a long walk."])


def test_the_thread_goes_on_after_a_reload(arrive: Arrive) -> None:
    """A second message after a reload belongs to the same thread."""
    visit = arrive()
    visit.write_name("Continuer")
    visit.talk("I am tired.")
    expect(visit.page).to_have_url(THREAD)
    address = visit.page.url
    visit.page.reload()
    expect(visit.questions).to_have_count(1)
    visit.talk("I need sleep.")
    expect(visit.questions).to_have_text(["I am tired.", "I need sleep."])
    expect(visit.page).to_have_url(address)
    expect(visit.rows).to_have_count(1)


def test_the_list_shows_ones_threads(arrive: Arrive) -> None:
    """Each thread has a row by its first words, the newest on top; a row leads back into it."""
    visit = arrive()
    visit.write_name("Lister")
    visit.talk("The first thing.")
    expect(visit.rows).to_have_count(1)
    visit.page.locator("#new-chat-button").click()
    expect(visit.page.locator("#study-title")).to_be_visible()
    visit.talk("The second thing.")
    expect(visit.rows).to_have_text([re.compile("The second thing"), re.compile("The first thing")])
    visit.rows.last.locator("a").click()
    expect(visit.questions).to_have_text(["The first thing."])


def test_nobody_sees_anothers_threads(arrive: Arrive) -> None:
    """Another name has an empty list, and the address of a thread opens nothing to it."""
    owner = arrive()
    owner.write_name("Owner")
    owner.talk("This is mine.")
    expect(owner.page).to_have_url(THREAD)
    other = arrive()
    other.write_name("Somebody else")
    expect(other.rows).to_have_count(0)
    other.page.goto(owner.page.url)
    other.wait_until_ready()
    expect(other.page.get_by_text("This is mine.")).to_have_count(0)


def test_signing_out_ends_the_visit(arrive: Arrive) -> None:
    """It leads to our form, takes the cookie away, and the page is closed until a name is given."""
    visit = arrive()
    visit.write_name("Leaver")
    visit.page.locator("#you-button").click()
    visit.page.get_by_role("menuitem", name="Sign out").click()
    expect(visit.page.get_by_label("Your name")).to_be_visible()
    context = visit.page.context
    holds(visit.page, lambda: "access_token" not in {cookie.get("name") for cookie in context.cookies()})
    visit.page.goto("/")
    expect(visit.page).to_have_url(re.compile("/login$"))


def test_chainlits_password_form_is_never_seen(arrive: Arrive) -> None:
    """Not even at the addresses where Chainlit's page draws it."""
    visit = arrive()
    for path in ("/login", "/login/", "/login/callback"):
        visit.page.goto(path)
        expect(visit.page.get_by_label("Your name")).to_be_visible()
        expect(visit.page.locator('input[type="password"]')).to_have_count(0)


def test_an_expired_visit_leads_to_the_form(arrive: Arrive) -> None:
    """A cookie that is gone when the page is loaded again: the form, not an endless error."""
    visit = arrive()
    visit.write_name("Sleeper")
    visit.page.context.clear_cookies()
    visit.page.reload()
    expect(visit.page.get_by_label("Your name")).to_be_visible()


def test_nothing_of_chainlits_own_is_offered(arrive: Arrive) -> None:
    """No readme, and no share of its kind: ours is in the list's own menu."""
    visit = arrive()
    visit.write_name("Looker")
    visit.talk("I look around.")
    for selector in ("#readme-button", "button:has(svg.lucide-share-2)"):
        expect(visit.page.locator(selector)).to_have_count(0)


def test_a_message_stands_as_it_was_typed(arrive: Arrive) -> None:
    """Stars, hashes and line breaks of a participant are their own, not markup."""
    visit = arrive()
    visit.write_name("Typist")
    visit.say("# not a *title*\n<b>nor bold</b>")
    expect(visit.questions.first).to_have_text("# not a *title*\n<b>nor bold</b>")
