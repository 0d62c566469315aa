"""One thread in the researchers' room, in a browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave, rules_of
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.room import first_password, sign_in
from tests.browser.waiting import comes_to, copied, fits, holds
from tests.exports.seed import Seed, id_of
from tests.exports.story import story
from tests.research.branched import BRANCHED, MESSAGE, branched

pytestmark = pytest.mark.browser
ADAS = "/research/threads/" + id_of("Ada's thread")
PARTED = f"/research/threads/{id_of(BRANCHED)}"
LONG = f"/research/threads/{id_of('long')}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a study in which everything has happened."""
    with verbatim(TREE, tmp_path_factory.mktemp("thread"), STUDY) as running:
        seed = story()
        branched(seed)
        _long(seed)
        seed.write(running.environment["VERBATIM_DATABASE_URL"])
        yield running


def _long(seed: Seed) -> None:
    seed.thread("long", "Ada", 50_000, message_count=1_250, turn_count=1_250)
    for number in range(1_250):
        seed.step(f"long {number}", "long", 50_000 + number * 2, "user_message", turn=number + 1)


@pytest.fixture(scope="module")
def password(server: ServerProcess) -> str:
    """The owner's."""
    return first_password(server)


@pytest.fixture
def page(arrive: Arrive, password: str) -> Page:
    """A page of the owner's."""
    page = arrive().page
    sign_in(page, password)
    return page


def message(page: Page, name: str) -> Locator:
    """A message, by the name that the story gave it."""
    return page.locator(f'[id="{id_of(name)}"]')


def top(place: Locator) -> float:
    """Where something begins on the screen."""
    box = place.bounding_box()
    assert box is not None
    return box["y"]


def left(place: Locator) -> float:
    """Where something begins from the left."""
    box = place.bounding_box()
    assert box is not None
    return box["x"]


ACTIVE = "document.activeElement.id"


@pytest.mark.parametrize("phone", [False, True])
def test_everybody_can_read_it(arrive: Arrive, password: str, phone: bool) -> None:
    """Axe finds nothing, by day and by night, folded and unfolded; nothing is wider than the screen."""
    visit = arrive(phone=phone)
    page = visit.page
    sign_in(page, password)
    for address in (
        ADAS,
        PARTED,
        LONG,
        f"/research/calls/{id_of('first call')}",
        f"/research/steps/{id_of('look up')}",
    ):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        for look in ("light", "dark"):
            page.emulate_media(color_scheme=look)
            assert grave(page, *rules_of(look)) == [], (address, look)
        fits(page, address)
    assert visit.foreign == []


def test_what_lay_behind_stands_beside_the_reply(page: Page, arrive: Arrive, password: str) -> None:
    """Where there is room; below it on a phone."""
    page.goto(ADAS)
    words, behind = (message(page, "first reply").locator(part) for part in (".words", ".behind"))
    holds(page, lambda: abs(top(behind) - top(words)) < 120 and left(words) + 300 < left(behind), "beside it")
    phone = arrive(phone=True).page
    sign_in(phone, password)
    phone.goto(ADAS)
    said, under = (message(phone, "first reply").locator(part) for part in (".words", ".behind"))
    holds(phone, lambda: top(under) > top(said) and abs(left(said) - left(under)) < 40, "below it")


def test_the_transcript_is_read_as_the_participant_saw_it(page: Page) -> None:
    """What was behind, gone or in between is away, also after a reload; a link to it brings it back."""
    page.goto(ADAS)
    page.get_by_role("button", name="As the participant saw it").click()
    for _ in range(2):
        expect(message(page, "first reply")).to_be_visible()
        expect(message(page, "old reply")).to_be_hidden()
        for kind in (".behind", ".happened", ".pause", ".strip"):
            expect(page.locator(kind).first).to_be_hidden()
        page.reload()
    page.goto(f"{ADAS}#{id_of('old reply')}")
    expect(message(page, "old reply")).to_be_visible()
    page.get_by_role("button", name="Everything").click()


@pytest.mark.parametrize("place", ["message", "turn"])
def test_a_permalink_leads_to_its_place(page: Page, place: str) -> None:
    """It is seen, below what sticks at the top; a click on it takes the link along."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 1280, "height": 500})
    name = id_of("third question") if place == "message" else "turn-3"
    page.goto(f"{ADAS}?sort=active#{name}")
    target = page.locator(f'[id="{name}"]')

    def below_the_bar() -> bool:
        bar = page.locator("#tools").bounding_box()
        return bar is not None and top(target) >= bar["y"] + bar["height"] - 1

    holds(page, below_the_bar)
    expect(target).to_be_in_viewport()
    target.locator(".permalink").first.click()
    holds(page, lambda: copied(page).endswith(f"{ADAS}#{name}"), "what was copied")


@pytest.mark.parametrize("phone", [False, True])
def test_reading_begins_within_the_first_third(arrive: Arrive, password: str, phone: bool) -> None:
    """Of the screen, with a list to go back to and codes on the thread; what folds out goes at Esc."""
    page = arrive(phone=phone).page
    sign_in(page, password)
    page.set_viewport_size({"width": 390, "height": 844} if phone else {"width": 1280, "height": 800})
    for address in (ADAS, PARTED):
        page.goto(f"{address}?sort=active")
        third = page.evaluate("innerHeight / 3")
        holds(page, lambda third=third: top(page.locator(".day").first) < third, address)
        page.locator(".about summary").click()
        expect(page.locator(".about .facts")).to_be_in_viewport()
        expect(page.locator(".strip-key:visible").first).to_contain_text("participant")
        page.keyboard.press("Escape")
        expect(page.locator(".about .facts")).to_be_hidden()


def test_a_place_in_a_branch_is_unfolded(page: Page) -> None:
    """An address, the list of what stands out, and the time line lead into what is folded away."""
    page.goto(PARTED)
    inside = message(page, "reply of the first wording")
    expect(inside).to_be_hidden()
    page.goto(f"{PARTED}#{id_of('reply of the first wording')}")
    expect(inside).to_be_in_viewport()
    page.goto(PARTED)
    page.get_by_text("What stands out").click()
    page.get_by_role("link", name="A branch that left the screen").first.click()
    expect(inside).to_be_in_viewport()


def test_the_time_line_leads_to_its_places(page: Page) -> None:
    """A click on a mark."""
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(ADAS)
    page.locator(f'.strip a[href="#{id_of("third question")}"] rect').first.click()
    expect(message(page, "third question")).to_be_in_viewport()


def test_keys_lead_through_the_list(page: Page) -> None:
    """] and [ to the next and the previous thread, u back; j and k from message to message."""
    page.goto("/research/threads?sort=old&participant=" + id_of("Ada")[:8])
    page.locator("[data-row] a").first.click()
    page.wait_for_url(f"**{ADAS}?**")
    page.keyboard.press("]")
    page.wait_for_url(f"**{PARTED}?**")
    page.keyboard.press("[")
    page.wait_for_url(f"**{ADAS}?**")
    page.keyboard.press("j")
    holds(page, lambda: page.evaluate(ACTIVE) != "", "a message that is reached")
    first = page.evaluate(ACTIVE)
    page.keyboard.press("j")
    holds(page, lambda: page.evaluate(ACTIVE) not in ("", first), "another message")
    page.keyboard.press("k")
    comes_to(page, lambda: page.evaluate(ACTIVE), first)
    page.keyboard.press("u")
    page.wait_for_url("**/research/threads?**sort=old**")


def test_a_citation_names_the_message(page: Page) -> None:
    """With an address that says nothing of the list that somebody came from."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{ADAS}?sort=active#{id_of('first reply')}")
    page.get_by_role("button", name="Copy citation").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    holds(page, lambda: f"message {id_of('first reply')}" in copied(page), "what was copied")
    assert copied(page).endswith(f"{ADAS}#{id_of('first reply')}")


def test_what_is_printed_is_unfolded(page: Page) -> None:
    """Steps, wordings and branches, but not what lay behind where that is not wanted.

    What one clicks is left out, and folded is again what was.
    """
    page.goto(f"{PARTED}?sort=active")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(message(page, "reply of the first wording")).to_be_visible()
    expect(page.locator(".change del").first).to_be_visible()
    for away in (
        "#tools .strip",
        "#tools nav",
        "#views",
        "header.room",
        "#print",
        ".permalink",
        ".annotate",
        ".saw",
    ):
        expect(page.locator(away).first).to_be_hidden()
    for kept in (".facts", ".behind"):
        expect(page.locator(kept).first).to_be_visible()
    expect(page.locator("#citation")).to_be_visible()
    assert len(page.pdf()) > 10_000
    page.evaluate("document.getElementById('print-behind').click()")
    for plain in (".behind", ".change"):
        expect(page.locator(plain).first).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(message(page, "reply of the first wording")).to_be_hidden()


def test_paper_is_white_by_night(page: Page) -> None:
    """Printed from a dark screen, words are dark; and no words lead to what cannot be clicked."""
    page.goto(ADAS)
    page.emulate_media(media="print", color_scheme="dark")
    for place in ("h1", ".said .words", ".happened"):
        colour = page.locator(place).first.evaluate("one => getComputedStyle(one).color")
        assert max(map(int, re.findall(r"\d+", colour)[:3])) < 128, (place, colour)
    expect(page.get_by_text("which one").first).to_be_hidden()


def test_an_address_finds_its_part_of_a_long_conversation(page: Page) -> None:
    """One that was written without saying so, too."""
    for name in (id_of("long 1249"), "turn-1250"):
        page.goto(f"{LONG}#{name}")
        page.wait_for_url(f"**?at={name}#{name}")
        expect(page.locator(f'[id="{name}"]')).to_be_in_viewport()
        expect(page.get_by_text("Part 3 of 3").first).to_be_attached()
    page.goto(f"{LONG}#{id_of('nothing')}")
    expect(page.get_by_text("Part 1 of 3").first).to_be_attached()


def test_one_conversation_has_all_its_wordings(page: Page) -> None:
    """The message as it reads, its difference in words, and what followed it before, with when it stood."""
    page.goto(PARTED)
    expect(message(page, MESSAGE).locator(".words")).to_have_text("What is rain, and why?")
    page.get_by_text("Changed 2 Mar").click()
    expect(message(page, MESSAGE).locator("del").first).to_be_visible()
    branch = page.locator(".branch", has_text="as it read before (wording 1)")
    expect(branch.locator("summary").first).to_contain_text("and again")
