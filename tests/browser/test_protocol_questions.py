"""Questions of a survey with a look of their own, in a real browser: tables, sliders, one's own words."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave
from tests.browser.conftest import TREE, Arrive
from tests.browser.test_protocol import agree, at, come, go_on
from tests.browser.waiting import fits

pytestmark = pytest.mark.browser

SURVEY = """\
title: Before we begin
items:
  - {id: first, kind: choice, label: "Which one?", options: [a, b], other: true}
  - {id: support, kind: slider, label: "How far do you support it?", low: Not at all, high: Completely}
  - id: agree
    kind: matrix
    label: How far do you agree?
    rows:
      - {id: clear, label: It was clear.}
      - {id: long, label: "It was longer than anybody would have wished who has read it to the very end."}
      - {id: arabic, label: "هل كان واضحا؟"}
    options: [Disagree strongly, Disagree, Agree, Agree strongly]
    required: ask_once
  - {id: warm, kind: pair, low: cold, high: warm}
  - {instrument: s-tias, about: the program, shuffle: true}
  - {id: rank, kind: ranking, label: "In which order?", options: [one, two], required: false}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app with the small study, and these questions in it."""
    folder = tmp_path_factory.mktemp("questions")
    shutil.copytree(TREE / "tests/data/protocol", folder / "study")
    (folder / "study/surveys/before.yaml").write_text(SURVEY, encoding="utf-8")
    definition = folder / "study/study.yaml"
    text = definition.read_text(encoding="utf-8")
    definition.write_text(
        text.replace("item: uses_chatbots, is: never", "item: first, is: b"), encoding="utf-8"
    )
    with verbatim(TREE, folder / "data", folder / "study") as running:
        yield running


def reach_survey(page: Page, name: str) -> None:
    """Come as far as the questions."""
    come(page, name)
    agree(page)


def tops(page: Page, *labels: str) -> set[float]:
    """At which heights the answers of a row stand."""
    row = page.get_by_role("group", name="It was clear.")
    boxes = [row.get_by_label(label, exact=True).bounding_box() for label in labels]
    return {round(box["y"]) for box in boxes if box}


def test_rows_with_the_same_answers_are_a_table_where_there_is_room(arrive: Arrive) -> None:
    """Side by side on a wide screen, below each other on a phone; each row is a group with a name."""
    labels = ("Disagree strongly", "Disagree", "Agree", "Agree strongly")
    wide, phone = arrive().page, arrive(phone=True, dark=True).page
    for page, name, lines in ((wide, "Wide", 1), (phone, "Narrow", 4)):
        reach_survey(page, name)
        assert len(tops(page, *labels)) == lines
        fits(page)
        assert grave(page) == []
    wide.get_by_role("group", name="It was clear.").get_by_label("Agree", exact=True).check()
    expect(
        wide.get_by_role("group", name="هل كان واضحا؟").get_by_label("Agree", exact=True)
    ).not_to_be_checked()


def test_a_slider_has_no_answer_until_somebody_gives_one(arrive: Arrive) -> None:
    """By the keyboard as well: an arrow moves it, and the field beside it says where it is."""
    page = arrive().page
    reach_survey(page, "Slider")
    number = page.get_by_role("spinbutton", name="How far do you support it?")
    slider = page.get_by_role("slider", name="How far do you support it?")
    expect(number).to_have_value("")
    expect(slider).to_have_attribute("aria-valuetext", "No answer yet")
    slider.focus()
    page.keyboard.press("Enter")
    expect(number).to_have_value("50")
    with page.expect_response("**/me/study/answer"):
        page.keyboard.press("ArrowRight")
    expect(number).to_have_value("51")
    number.fill("80")
    expect(slider).to_have_attribute("aria-valuetext", "80")


def test_words_of_one_s_own_are_asked_for_where_they_are_chosen(arrive: Arrive) -> None:
    """The field comes with the choice, and what is written in it survives a reload."""
    page = arrive().page
    reach_survey(page, "Other")
    words = page.get_by_role("textbox", name="Other")
    expect(words).to_be_hidden()
    with page.expect_response("**/me/study/answer"):
        page.get_by_label("Other").first.check()
    with page.expect_response("**/me/study/answer"):
        words.fill("Something of mine")
    page.reload()
    expect(words).to_have_value("Something of mine")


def test_an_answer_that_may_lack_is_reminded_of_once(arrive: Arrive) -> None:
    """The second time the page is taken as it is; all else was answered and stood there."""
    page = arrive().page
    reach_survey(page, "Once")
    page.get_by_label("a", exact=True).check()
    page.get_by_role("spinbutton", name="How far").fill("20")
    page.get_by_role("group", name="cold – warm").get_by_label("3", exact=True).check()
    for words in ("I am confident in the program.", "The program is reliable.", "I can trust the program."):
        page.get_by_role("group", name=words).get_by_label("7, Extremely").check()
    go_on(page)
    expect(page.get_by_role("alert")).to_contain_text("It was clear.")
    expect(page.locator(".flaw")).to_have_count(3)
    go_on(page)
    at(page, "instructions")
