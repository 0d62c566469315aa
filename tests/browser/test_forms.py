"""Forms in the conversation, in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from bench.long_thread_seed import seed_thread
from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave
from tests.browser.conftest import TREE, Arrive
from tests.browser.visit import Visit
from tests.browser.waiting import comes_to, fits, frames_pass, holds
from tests.postgres import run

pytestmark = pytest.mark.browser

STUDY: Final = Path(__file__).parent / "forms"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a database of its own: it is killed and started again."""
    with verbatim(TREE, tmp_path_factory.mktemp("forms"), STUDY) as running:
        yield running


def form(visit: Visit) -> Locator:
    """The form under the last reply."""
    return visit.page.locator("verbatim-form").last


def ask(visit: Visit, name: str, agent: str | None = None) -> Locator:
    """Come in, and be asked with a form."""
    visit.sign_in(name)
    if agent is not None:
        visit.choose_agent(agent)
    visit.talk("Hello")
    expect(form(visit)).to_be_visible()
    return form(visit)


def order(visit: Visit) -> None:
    """Fill in what the waiter needs to know."""
    form(visit).get_by_label("Coffee").check()
    form(visit).get_by_role("radiogroup", name="With milk?").get_by_label("Yes").check()
    form(visit).get_by_label("How many cups?").fill("2")


@pytest.mark.parametrize("phone", [False, True])
def test_a_form_is_answered(arrive: Arrive, phone: bool) -> None:
    """Errors stand at their fields and leave again; what was sent is a message, and the form is closed."""
    visit = arrive(phone=phone)
    asked = ask(visit, f"Ada {phone}")
    asked.get_by_role("button", name="Order").click()
    expect(asked.get_by_role("alert")).to_have_text("Please look at these again: 2")
    expect(asked.get_by_label("Tea")).to_be_focused()
    expect(asked.get_by_label("Tea")).to_have_attribute("aria-invalid", "true")
    expect(asked.locator("[data-item=cups] .form-error")).to_have_text("Please answer this.")
    expect(asked.get_by_label("How many cups?")).to_have_accessible_description(
        "Up to four. cups Please answer this."
    )
    expect(asked.get_by_text("With milk?")).to_be_hidden()
    order(visit)
    asked.get_by_label("How many cups?").fill("9")
    asked.get_by_role("button", name="Order").click()
    expect(asked.locator("[data-item=cups] .form-error")).to_have_text("The most that can be given is 4.")
    expect(asked.get_by_label("How many cups?")).to_be_focused()
    assert grave(visit.page) == []
    asked.get_by_label("How many cups?").fill("2")
    asked.get_by_role("button", name="Order").dblclick()
    expect(visit.questions).to_have_text(
        ["Hello", "Which drink? Coffee\nWith milk? Yes\nHow many cups? 2 cups"]
    )
    expect(asked.get_by_text("Sent")).to_be_visible()
    expect(asked.locator("dd")).to_have_text(["Coffee", "Yes", "2 cups", "Not answered"])
    expect(asked.get_by_role("button")).to_have_count(0)
    expect(visit.answers).to_have_count(2)
    assert grave(visit.page) == []
    visit.page.reload()
    expect(form(visit).locator("dd")).to_have_text(["Coffee", "Yes", "2 cups", "Not answered"])
    expect(visit.questions).to_have_count(2)
    assert visit.errors == []
    assert visit.foreign == []


def test_above_the_newest_messages_it_is_closed_as_below(
    arrive: Arrive, server: ServerProcess, tmp_path: Path
) -> None:
    """What was answered long ago stands under its reply when earlier messages are shown; nothing moves."""
    visit = arrive()
    asked = ask(visit, "Long ago")
    order(visit)
    asked.get_by_role("button", name="Order").click()
    expect(visit.answers).to_have_count(2)
    thread_id = visit.page.url.rpartition("/")[2]
    owner = visit.page.request.get("/user").json()["identifier"]
    address = server.environment["VERBATIM_DATABASE_URL"]
    run(seed_thread(address, tmp_path, owner, 104, thread_id=thread_id))
    visit.page.reload()
    expect(visit.page.get_by_text("Turn 52:")).to_be_in_viewport()
    expect(form(visit)).to_have_count(0)
    earlier = visit.page.get_by_role("button", name="Show earlier messages")
    earlier.scroll_into_view_if_needed()
    newest = visit.page.get_by_text("Turn 3:")
    before = newest.bounding_box()
    earlier.press("Enter")
    closed = visit.page.get_by_role("region", name="Earlier messages").locator("verbatim-form")
    expect(closed.locator("dd")).to_have_text(["Coffee", "Yes", "2 cups", "Not answered"])
    expect(closed.get_by_text("Sent")).to_be_visible()
    assert before is not None
    holds(visit.page, lambda: abs(before["y"] - (newest.bounding_box() or before)["y"]) < 4, "it stays there")
    assert grave(visit.page) == []
    assert visit.errors == []


def test_half_filled_it_outlives_a_reload_and_a_restart(arrive: Arrive, server: ServerProcess) -> None:
    """What was chosen stays in the browser, and can be sent when the server is back."""
    visit = arrive()
    asked = ask(visit, "Kate")
    order(visit)
    visit.page.reload()
    visit.wait_until_ready()
    expect(asked.get_by_label("Coffee")).to_be_checked()
    server.kill()
    expect(visit.composer).to_be_disabled()
    asked.get_by_role("button", name="Order").click()
    expect(asked.get_by_role("alert")).not_to_be_empty()
    server.start()
    expect(visit.composer).to_be_enabled()
    expect(asked.get_by_label("How many cups?")).to_have_value("2")
    asked.get_by_role("button", name="Order").click()
    expect(asked.get_by_text("Sent")).to_be_visible()
    expect(visit.questions).to_have_count(2)
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('verbatim-form:'))"
    comes_to(visit.page, lambda: visit.page.evaluate(kept), [], "what the browser keeps of forms")
    assert visit.errors == []


def test_two_devices_give_one_answer(arrive: Arrive) -> None:
    """The other sees what was sent, and can send no other."""
    one, other = arrive(), arrive(phone=True)
    ask(one, "Two of them")
    other.page.context.add_cookies(one.page.context.cookies())
    other.page.goto(one.page.url)
    other.wait_until_ready()
    for visit in (one, other):
        expect(form(visit)).to_be_visible()
        order(visit)
    form(one).get_by_role("button", name="Order").click()
    for visit in (one, other):
        expect(form(visit).get_by_text("Sent")).to_be_visible()
        expect(visit.questions).to_have_count(2)
        expect(form(visit).get_by_role("button")).to_have_count(0)
    assert (one.errors, other.errors) == ([], [])


def test_a_day_that_is_too_early_is_named_as_a_day(arrive: Arrive) -> None:
    """And a choice of one is said to be required to who hears the page."""
    visit = arrive()
    asked = ask(visit, "Early", "Interviewer")
    expect(asked.get_by_role("radiogroup", name="How are you today?")).to_have_attribute(
        "aria-required", "true"
    )
    asked.get_by_label("What may we call you?").fill("Early")
    asked.get_by_label("2", exact=True).check()
    asked.get_by_label("Agree", exact=True).check()
    asked.get_by_role("slider").press("Enter")
    asked.get_by_role("button", name="Next").click()
    asked.get_by_label("Since which day?").fill("2019-12-31")
    asked.get_by_role("button", name="Send").click()
    expect(asked.locator("[data-item=day] .form-error")).to_have_text(
        "The earliest that can be given is 2020-01-01."
    )
    assert grave(visit.page) == []


def test_typing_instead_closes_it(arrive: Arrive) -> None:
    """On the page at once, and after a reload."""
    visit = arrive()
    asked = ask(visit, "Typist")
    visit.talk("A tea, please")
    expect(asked.get_by_text("Not answered: the conversation went on.")).to_be_visible()
    visit.page.reload()
    expect(asked.get_by_text("Not answered: the conversation went on.")).to_be_visible()
    assert visit.errors == []


def test_all_kinds_by_the_keyboard_alone(arrive: Arrive) -> None:
    """Two pages, from the first field to the last button, without a mouse."""
    visit = arrive()
    asked = ask(visit, "Keys", "Interviewer")
    keys = visit.page.keyboard
    expect(asked.locator(".form-title")).to_be_in_viewport()  # read from its beginning, though it is tall
    expect(visit.page.locator(".lucide-arrow-down")).to_be_hidden()  # nothing lies over its fields
    asked.get_by_label("What may we call you?").focus()
    keys.type("Keys")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Space")  # the first point of the scale
    keys.press("ArrowRight")
    expect(asked.get_by_label("2", exact=True)).to_be_checked()
    keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    expect(asked.get_by_role("slider")).to_be_focused()
    expect(asked.get_by_role("slider")).to_have_attribute("aria-valuetext", "No answer yet")
    keys.press("ArrowRight")
    expect(asked.get_by_role("slider")).to_have_attribute("aria-valuetext", "51")
    assert grave(visit.page) == []
    keys.press("Tab")
    keys.press("Enter")
    expect(asked.get_by_text("Page 2 of 2")).to_be_focused()
    expect(asked.locator(".form-title")).to_be_in_viewport()
    keys.press("Tab")
    keys.press("Space")
    for _ in range(4):
        keys.press("Tab")
    expect(asked.get_by_role("button", name="Move down: Price")).to_be_focused()
    keys.press("Enter")
    expect(asked.get_by_role("button", name="Move down: Price")).to_be_focused()
    expect(asked.locator(".form-ranking li span")).to_have_text(["Taste", "Price", "Speed"])
    expect(asked.locator(".form-ranking [aria-live]")).to_have_text("Price: place 2 of 3")
    assert grave(visit.page) == []
    asked.get_by_role("button", name="Send").focus()
    keys.press("Enter")
    expect(asked.get_by_text("Sent")).to_be_visible()
    expect(visit.questions.last).to_contain_text("What matters most? 1. Taste, 2. Price, 3. Speed")
    assert visit.errors == []


# As Chainlit does it: off the page, and drawn anew a moment later.
DRAW_ANEW: Final = """() => {
  const message = document.querySelector("verbatim-form").parentElement, place = message.parentElement;
  const next = message.nextSibling;
  message.querySelector("verbatim-form").remove();
  message.remove();
  setTimeout(() => place.insertBefore(message, next));
}"""


def test_who_fills_it_in_while_the_conversation_is_drawn_anew_goes_on(arrive: Arrive) -> None:
    """The field keeps its words and the focus; who has left it is not called back."""
    visit = arrive()
    field = ask(visit, "Typing on", "Interviewer").get_by_label("What may we call you?")
    field.focus()
    visit.page.keyboard.type("Typ")
    visit.page.evaluate(DRAW_ANEW)
    expect(field).to_be_focused()
    visit.page.keyboard.type("ing")
    expect(field).to_have_value("Typing")
    visit.composer.focus()
    visit.page.evaluate("document.activeElement.blur()")
    visit.page.evaluate(DRAW_ANEW)
    expect(field).to_be_visible()
    frames_pass(visit.page)
    expect(field).not_to_be_focused()


def test_a_file_goes_with_the_form(arrive: Arrive) -> None:
    """It is uploaded as any other, and stands under the message."""
    visit = arrive()
    asked = ask(visit, "Filer", "Interviewer")
    asked.get_by_label("What may we call you?").fill("Filer")
    asked.get_by_label("2", exact=True).check()
    asked.get_by_label("Agree", exact=True).check()
    asked.get_by_role("slider").press("Enter")
    asked.get_by_role("button", name="Next").click()
    asked.get_by_label("Nothing of these").check()
    asked.get_by_role("button", name="This order is right").click()
    expect(asked.get_by_role("button", name="Move down: Price")).to_be_focused()
    asked.locator("input[type=file]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"some words"}
    )
    expect(asked.get_by_text("notes.txt")).to_be_visible()
    asked.get_by_role("button", name="Send").click()
    expect(asked.get_by_text("Sent")).to_be_visible()
    expect(visit.page.locator('[data-step-type="user_message"] .inline-file')).to_have_count(1)
    expect(visit.answers.last).to_be_in_viewport()
    expect(asked.locator("dl")).to_be_hidden()  # a long one is folded
    asked.get_by_text("Answers: 11").click()
    expect(asked.locator("dl")).to_be_visible()
    assert visit.errors == []


def test_one_press_answers_buttons(arrive: Arrive) -> None:
    """And a second one is nothing."""
    visit = arrive()
    asked = ask(visit, "Presser", "Quick")
    assert grave(visit.page) == []
    asked.get_by_role("button", name="Yes, please").dblclick()
    expect(visit.questions).to_have_text(["Hello", "Yes, please"])
    expect(visit.answers).to_have_count(2)
    expect(asked.get_by_role("button")).to_have_count(0)
    assert visit.errors == []


def drag(visit: Visit, row: Locator, to: Locator, *, end: str = "up") -> None:
    """Drag a row of a ranking onto another: by its grip with a finger, by its words with a mouse."""
    phone = visit.page.evaluate("navigator.maxTouchPoints > 0")
    box, aim = (row.locator(".form-grip") if phone else row.locator("span")).bounding_box(), to.bounding_box()
    assert box is not None
    assert aim is not None
    down = aim["y"] > box["y"]
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    last = aim["y"] + aim["height"] * (0.8 if down else 0.2)
    places = [(x, y), (x, y + (last - y) / 3), (x, y + (last - y) * 2 / 3), (x, last)]
    if phone:
        session = visit.page.context.new_cdp_session(visit.page)
        for kind, place in zip(("touchStart", *["touchMove"] * 3), places, strict=True):
            points = [{"x": place[0], "y": place[1]}]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        return
    visit.page.mouse.move(*places[0])
    visit.page.mouse.down()
    for place in places[1:]:
        visit.page.mouse.move(*place)
    if end == "up":
        visit.page.mouse.up()
    else:
        visit.page.keyboard.press(end)
        visit.page.mouse.up()


@pytest.mark.parametrize("phone", [False, True])
def test_an_order_is_dragged(arrive: Arrive, phone: bool) -> None:
    """Down and up, by a mouse or a finger; the row goes where it was let go, is told, and is what is sent."""
    visit = arrive(phone=phone)
    asked = ask(visit, f"Judge {phone}", "Judge")
    rows, words = asked.locator(".form-ranking li"), asked.locator(".form-ranking li span")
    rows.last.scroll_into_view_if_needed()
    drag(visit, rows.nth(0), rows.nth(2))
    expect(words).to_have_text(["Taste", "Speed", "Price", "Looks"])
    expect(asked.locator(".form-ranking [aria-live]")).to_have_text("Price: place 3 of 4")
    drag(visit, rows.nth(3), rows.nth(0))
    expect(words).to_have_text(["Looks", "Taste", "Speed", "Price"])
    expect(asked.locator(".form-ranking li.held")).to_have_count(0)
    assert grave(visit.page) == []
    asked.get_by_role("button", name="Send").click()
    expect(visit.questions.last).to_have_text("1. Looks, 2. Taste, 3. Speed, 4. Price")
    assert visit.errors == []


def test_a_row_that_is_not_let_go_goes_back(arrive: Arrive) -> None:
    """Esc takes a drag back: nothing was answered by it, and the buttons work as before."""
    visit = arrive()
    asked = ask(visit, "Judge twice", "Judge")
    rows, words = asked.locator(".form-ranking li"), asked.locator(".form-ranking li span")
    drag(visit, rows.nth(0), rows.nth(3), end="Escape")
    expect(words).to_have_text(["Price", "Taste", "Speed", "Looks"])
    expect(asked.get_by_role("button", name="This order is right")).to_be_visible()
    asked.get_by_role("button", name="Move down: Price").press("Enter")
    expect(words).to_have_text(["Taste", "Price", "Speed", "Looks"])
    expect(asked.get_by_role("button", name="Move down: Price")).to_be_focused()
    assert visit.errors == []


def test_what_was_sent_is_not_edited(arrive: Arrive) -> None:
    """There is no pencil at a message that a form has made; at others there is."""
    visit = arrive()
    ask(visit, "Editor", "Quick").get_by_role("button", name="Not now").click()
    expect(visit.answers).to_have_count(2)
    visit.wait_until_answered()
    edit = visit.page.locator(".edit-message")
    expect(edit).to_have_count(2)
    for place, seen in ((0, "visible"), (1, "hidden")):
        visit.questions.nth(place).hover()
        expect(edit.nth(place)).to_have_css("visibility", seen)


@pytest.mark.parametrize("dark", [False, True])
def test_targets_are_large_enough_for_a_finger(arrive: Arrive, dark: bool) -> None:
    """Each is 44 px high on a phone, nothing stands beside the page, and colours can be told apart."""
    visit = arrive(phone=True, dark=dark)
    asked = ask(visit, f"Finger {dark}", "Interviewer")
    targets = asked.locator("label.form-option, label.form-point, button, .own-field")
    sizes = "(all) => all.filter((one) => one.offsetParent).map((one) => one.getBoundingClientRect().height)"
    holds(visit.page, lambda: len(targets.evaluate_all(sizes)) > 10)
    holds(visit.page, lambda: min(targets.evaluate_all(sizes)) >= 44, "a finger's size")
    fits(visit.page)
    assert grave(visit.page) == []
