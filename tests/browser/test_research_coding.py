"""Coding in a browser: mark words, press a key, choose; it stands, and can be taken back."""

import itertools
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.held import HeldRequest
from tests.browser.lived import rows
from tests.browser.test_research_room import enter, password  # noqa: F401  # a fixture
from tests.browser.waiting import comes_to, fits, holds
from tests.exports.seed import Seed, at, id_of

pytestmark = pytest.mark.browser

SAID: Final = "I 👩‍🔬 still don't know *anybody* here. مرحبا بكم, and <b>thanks</b> 🙂 anyway."
REPLIED: Final = (
    "That sounds **lonely**, and also *honest*. Others found &amp; kept:\n\n"
    "1. a [weekly class](https://example.org/class)\n2. `one walk` at a fixed hour 🙂\n\n"
    "| When | Where |\n|---|---|\n| Sunday | by the **river** |\n"
)
THREAD: Final = f"/research/threads/{id_of('talk')}"
QUESTION, REPLY = id_of("question"), id_of("reply")
# As a hand does it with a mouse: from a character of the text to another.
MARK: Final = """([step, words]) => {
    const walker = document.createTreeWalker(document.getElementById(step).querySelector('.words'), 4);
    const nodes = [];
    let text = '';
    while (walker.nextNode()) {
        nodes.push([walker.currentNode, text.length]);
        text += walker.currentNode.data;
    }
    const begin = text.indexOf(words);
    const place = (index) => nodes.filter(([, start]) => start <= index).at(-1);
    const [first, firstStart] = place(begin), [last, lastStart] = place(begin + words.length - 1);
    getSelection().setBaseAndExtent(first, begin - firstStart, last, begin + words.length - lastStart);
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app, with a short talk and a codebook of two codes."""
    seed = Seed()
    seed.participant("Ada")
    seed.thread(
        "talk", "Ada", 60, title="A new city", message_count=2, turn_count=1, last_activity_at=at(100)
    )
    seed.step("question", "talk", 100, "user_message", output=SAID)
    seed.step("reply", "talk", 102, "assistant_message", output=REPLIED, agent="Model")
    seed.code("loneliness", 1, "Loneliness", 1)
    seed.code("plan", 2, "Plan <i>", 2, colour="orange")
    with verbatim(TREE, tmp_path_factory.mktemp("coding"), STUDY) as running:
        seed.write(running.environment["VERBATIM_DATABASE_URL"])
        yield running


@pytest.fixture
def page(arrive: Arrive, password: str, server: ServerProcess) -> Page:  # noqa: F811
    """The thread without annotations, before an owner."""
    rows(server, "DELETE FROM annotations")
    rows(server, "DELETE FROM codes WHERE codebook_version > 2")
    page = enter(arrive(), password)
    page.goto(THREAD)
    return page


def mark(page: Page, step: str, words: str) -> None:
    """Mark words of a message."""
    page.evaluate(MARK, [step, words])


def beside(page: Page, step: str) -> Any:
    """What stands beside a message."""
    return page.locator(f"[id='marks-{step}'] > li")


def standing(server: ServerProcess) -> list[dict[str, Any]]:
    """What is kept and not taken away."""
    return rows(
        server, "SELECT * FROM annotations WHERE deleted_at IS NULL ORDER BY created_at, annotation_id"
    )


def done(page: Page, words: str) -> None:
    """Wait until the page says so."""
    expect(page.locator("#toast-said")).to_have_text(words)


def test_two_codes_and_a_note_stand_on_the_same_words(page: Page) -> None:
    """Each as a line of its own under them, none behind another; a click on the words lights all up."""
    found = page.locator(f"[id='{QUESTION}'] mark")
    for place, keys in enumerate(("cLONE", "cplan", "nWhy?"), start=1):
        mark(page, QUESTION, "know *anybody*")
        page.keyboard.press(keys[0])
        page.keyboard.type(keys[1:])
        page.keyboard.press("Control+Enter" if keys[0] == "n" else "Enter")
        expect(page.get_by_role("dialog")).to_be_hidden()
        # Drawn anew: what is selected before that is no more selected after it.
        expect(beside(page, QUESTION)).to_have_count(place)
        expect(found).to_have_count(place)
    colour, bottom = "getComputedStyle(one).borderBottomColor", "one.getBoundingClientRect().bottom"
    comes_to(page, lambda: len(set(found.evaluate_all(f"all => all.map(one => {colour})"))), 3)

    def apart() -> bool:
        bottoms = sorted(found.evaluate_all(f"all => all.map(one => {bottom})"))
        return all(lower - upper >= 2 for upper, lower in itertools.pairwise(bottoms))

    holds(page, apart, "each line below the one before")
    expect(page.locator("#legend li")).to_have_text(["Loneliness", "Plan <i>", "a note"])
    found.last.click()
    expect(page.locator(".marks li.lit")).to_have_count(3)


def test_a_name_that_no_code_has_becomes_one(page: Page) -> None:
    """Type it, Enter twice: it is in the codebook, on the words, and in the palette for the next ones."""
    mark(page, QUESTION, "still")
    page.keyboard.press("c")
    page.keyboard.type("Persistence")
    button = page.get_by_role("button", name="New code: Persistence")
    expect(button).to_be_visible()
    page.keyboard.press("Enter")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    done(page, "New in the codebook, and coded “Persistence”.")
    mark(page, QUESTION, "know")
    page.keyboard.press("c")
    expect(page.get_by_role("option", name="Persistence")).to_be_visible()


def test_marked_words_get_a_code(page: Page, server: ServerProcess) -> None:
    """Mark, c, some letters, Enter: the words are coloured, the code is beside them, also after a reload."""
    mark(page, QUESTION, "know *anybody*")
    page.keyboard.press("c")
    expect(page.get_by_role("dialog")).to_contain_text("“know *anybody*”")
    page.keyboard.type("LONE")
    page.keyboard.press("Enter")
    done(page, "Coded “Loneliness”.")
    for _ in range(2):
        expect(page.locator(f"[id='{QUESTION}'] mark.blue")).to_have_text("know *anybody*")
        expect(beside(page, QUESTION)).to_contain_text("Loneliness")
        expect(beside(page, QUESTION)).to_contain_text("owner")
        page.reload()
    (kept,) = standing(server)
    assert SAID[kept["start_offset"] : kept["end_offset"]] == kept["quote"] == "know *anybody*"


@pytest.mark.parametrize(
    ("step", "raw", "words", "expected"),
    [
        (QUESTION, SAID, "👩‍🔬 still", "👩‍🔬 still"),
        (QUESTION, SAID, "مرحبا", "مرحبا"),
        (QUESTION, SAID, "<b>thanks</b> 🙂", "<b>thanks</b> 🙂"),
        (REPLY, REPLIED, "lonely, and also hon", "lonely**, and also *hon"),
        (REPLY, REPLIED, "& kept", "&amp; kept"),
        (REPLY, REPLIED, "class", "class"),
        (REPLY, REPLIED, "one walk at", "one walk` at"),
        (REPLY, REPLIED, "hour 🙂", "hour 🙂"),
        (REPLY, REPLIED, "river", "river"),
    ],
)
def test_words_come_to_their_place_in_the_raw_text(
    page: Page, server: ServerProcess, step: str, raw: str, words: str, expected: str
) -> None:
    """Emoji, right to left, bold, links, code, tables: to the code point; the same words light up."""
    mark(page, step, words)
    page.keyboard.press("c")
    page.keyboard.press("1")
    done(page, "Coded “Loneliness”.")
    (kept,) = standing(server)
    assert raw[kept["start_offset"] : kept["end_offset"]] == kept["quote"] == expected
    comes_to(page, lambda: "".join(page.locator(f"[id='{step}'] mark").all_text_contents()), words)
    expect(beside(page, step).locator("q")).to_have_text(words)


def test_a_double_click_marks_a_word(page: Page) -> None:
    """With the mouse alone: the button beside the words, then the code."""
    word = page.locator(f"[id='{REPLY}'] .words strong").first
    word.dblclick()
    page.get_by_role("button", name="Code these words").click()
    page.get_by_role("option", name="Plan").click()
    expect(page.locator(f"[id='{REPLY}'] strong mark.orange")).to_have_text("lonely")


def test_what_was_done_is_taken_back(page: Page, server: ServerProcess) -> None:
    """By the button and by Ctrl+Z, one after the other, also after a reload; a removal too."""
    for words in ("still", "know"):
        mark(page, QUESTION, words)
        page.keyboard.press("c")
        page.keyboard.press("2")
        expect(beside(page, QUESTION).filter(has_text=words)).to_have_count(1)
    beside(page, QUESTION).filter(has_text="still").get_by_role(
        "button", name="Remove the code Plan <i>"
    ).click()
    done(page, "Removed.")
    expect(beside(page, QUESTION)).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(beside(page, QUESTION)).to_have_count(2)
    page.reload()
    for left in (1, 0):
        page.keyboard.press("Control+z")
        expect(beside(page, QUESTION)).to_have_count(left)
    expect(page.locator("mark")).to_have_count(0)
    page.keyboard.press("Control+z")
    done(page, "There is nothing to take back.")
    assert standing(server) == []
    assert len(rows(server, "SELECT * FROM annotations")) == 2


def test_what_is_taken_back_in_haste_is_the_last(page: Page, server: ServerProcess) -> None:
    """A code whose answer has not come yet, and not the one before it."""
    mark(page, QUESTION, "still")
    page.keyboard.press("c")
    page.keyboard.press("2")
    expect(beside(page, QUESTION)).to_have_count(1)
    held = HeldRequest(page, "**/annotations")
    mark(page, QUESTION, "know")
    for key in ("c", "2", "Control+z"):
        page.keyboard.press(key)
    held.let_go()
    done(page, "Taken back.")
    expect(beside(page, QUESTION)).to_have_count(1)
    expect(beside(page, QUESTION)).to_contain_text("still")
    assert len(standing(server)) == 1


def test_a_note_is_text(page: Page, server: ServerProcess) -> None:
    """Script in it is shown; it is changed in place, and the change taken back."""
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    note = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    mark(page, REPLY, "honest")
    page.keyboard.press("n")
    page.keyboard.insert_text(note)
    page.keyboard.press("Control+Enter")
    expect(beside(page, REPLY).locator(".note")).to_have_text(note)
    beside(page, REPLY).get_by_text("Change").click()
    beside(page, REPLY).get_by_role("textbox", name="Note").fill("Look again.")
    beside(page, REPLY).get_by_role("button", name="Save").click()
    expect(beside(page, REPLY).locator(".note")).to_have_text("Look again.")
    page.get_by_role("button", name="Undo").click()
    expect(beside(page, REPLY).locator(".note")).to_have_text(note)
    page.reload()
    expect(beside(page, REPLY).locator(".note")).to_have_text(note)
    assert said == []


def test_the_keyboard_is_enough(page: Page, server: ServerProcess) -> None:
    """To a message, its turn's code, back where one was; arrows, Escape, the thread."""
    page.keyboard.press("c")
    expect(page.locator("#toast")).to_contain_text("Select some words first")
    page.locator(f"[id='{QUESTION}'] a.annotate").focus()
    page.keyboard.press("c")
    expect(page.get_by_role("combobox")).to_be_focused()
    expect(page.get_by_role("option", name="Loneliness")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("option", name="Plan")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    done(page, "Coded “Plan <i>”.")
    expect(page.locator(f"[id='{QUESTION}'] a.annotate")).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("nothing like it")
    expect(page.locator("#palette-none")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("t")
    page.keyboard.press("1")
    expect(page.locator("#marks-thread > li")).to_contain_text("Loneliness")
    assert [(one["target"], one["turn"]) for one in standing(server)] == [("turn", 1), ("thread", None)]


def test_a_message_that_j_has_reached_is_coded(page: Page, server: ServerProcess) -> None:
    """The keys that walk through the thread lead to what c is for."""
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.keyboard.press("1")
    done(page, "Coded “Loneliness”.")
    assert [one["target"] for one in standing(server)] == ["turn"]


def test_a_server_that_is_away_changes_nothing(page: Page) -> None:
    """The page says so, keeps the note, and shows nothing that is not kept."""
    page.route("**/annotations", lambda route: route.abort())
    mark(page, REPLY, "honest")
    page.keyboard.press("n")
    page.keyboard.type("Not lost.")
    page.keyboard.press("Control+Enter")
    done(page, "The server does not answer. Nothing was changed.")
    expect(page.get_by_role("dialog").get_by_label("Note")).to_have_value("Not lost.")
    expect(beside(page, REPLY)).to_have_count(0)
    page.unroute("**/annotations")
    page.keyboard.press("Control+Enter")
    expect(beside(page, REPLY)).to_contain_text("Not lost.")


def test_without_a_script(chromium: Browser, server: ServerProcess, password: str) -> None:  # noqa: F811
    """Links lead to a form that does the same, and the way back is a button."""
    rows(server, "DELETE FROM annotations")
    context = chromium.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/research/login?next={THREAD}")
    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button").click()
    page.locator(f"[id='{REPLY}'] a.annotate").click()
    page.get_by_label("Only these words").fill("also honest")
    page.get_by_role("radio", name="Loneliness").check()
    page.get_by_role("button", name="Save").click()
    comes_to(page, lambda: "".join(page.locator("mark.blue").all_text_contents()), "also honest")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("mark")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_in_the_way(
    arrive: Arrive,
    password: str,  # noqa: F811
    server: ServerProcess,
    phone: bool,
    dark: bool,
) -> None:
    """On a desktop and a phone, by day and by night: axe finds nothing, nothing is wider than the screen."""
    rows(server, "DELETE FROM annotations")
    visit = arrive(phone=phone, dark=dark)
    said: list[str] = []
    visit.page.on("console", lambda message: said.append(message.text))
    page = enter(visit, password)
    page.goto(THREAD)
    for step, words in ((QUESTION, "still don't"), (REPLY, "lonely, and also"), (REPLY, "also honest")):
        mark(page, step, words)
        floating = page.get_by_role("button", name="Code these words")
        expect(floating).to_be_visible()
        floating.tap() if phone else floating.click()
        expect(page.get_by_role("dialog")).to_be_in_viewport()
        assert grave(page) == []
        option = page.get_by_role("option", name="Loneliness" if words.startswith("also") else "Plan")
        option.tap() if phone else option.click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(beside(page, step).filter(has_text=words)).to_have_count(1)
    assert grave(page) == []
    fits(page)
    page.goto("/research/codebook")
    page.get_by_text("Change", exact=False).first.click()
    assert grave(page) == []
    fits(page)
    assert [line for line in said if "Content Security Policy" in line or "Refused" in line] == []
    assert visit.foreign == []


def test_a_change_in_another_part_of_the_page_is_taken_back(page: Page, server: ServerProcess) -> None:
    """Of a long conversation the part with the message may not be there: it is done, and said."""
    page.locator(f"[id='{REPLY}'] a.annotate").focus()
    page.keyboard.press("c")
    page.keyboard.press("1")
    done(page, "Coded “Loneliness”.")
    page.evaluate("id => document.getElementById(id).remove()", REPLY)
    page.keyboard.press("Control+z")
    done(page, "Taken back. That was all.")
    assert standing(server) == []
