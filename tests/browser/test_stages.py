"""An agent that works in stages, in a real browser: each has a name there, or never comes there."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from bench.process import ServerProcess, verbatim
from study.vocabulary import NAMED_BY_TYPE, StepType
from tests.browser.conftest import TREE, Arrive
from tests.browser.test_silence import Wiretap
from tests.browser.waiting import holds

pytestmark = pytest.mark.browser

STUDY = """\
id: stages
title: The front desk
contact: stages@example.org
welcome: Book a table.
language: de
agents:
  - {name: Open, kind: task, dialogue: dialogue.yaml}
  - {name: Closed, kind: task, dialogue: dialogue.yaml, default: true, steps: none}
"""
DIALOGUE = """\
intents:
  book:
    title: Book a table
    words: [book, table]
    slots:
      guests: {kind: quantity, required: true, ask: "For how many people is it?"}
    confirm: "A table for {{ guests }}. Is that right?"
    answer: Booked.
  visit:
    title: Visit us
    words: [visit]
    answer: Come in.
"""
NAMES = ["Wo wir sind", "Was Sie möchten", "Wie es weitergeht", "Ihre Angaben", "Die Antwort"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app with two agents that do the same, of whom one shows how."""
    folder = tmp_path_factory.mktemp("stages")
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "dialogue.yaml").write_text(DIALOGUE, encoding="utf-8")
    with verbatim(TREE, folder / "data", folder) as running:
        yield running


def test_stages_that_are_shown_have_names_in_the_page_s_language(arrive: Arrive) -> None:
    """Five lines above the answer, live and after a reload; a table is booked over three turns."""
    visit = arrive()
    visit.sign_in("Ann")
    visit.choose_agent("Open")
    visit.talk("I want to book a table")
    expect(visit.answers).to_have_text(["For how many people is it?"])
    for name in NAMES:
        expect(visit.page.get_by_role("button", name=name).first).to_be_visible()
    visit.page.reload()
    for name in NAMES:
        expect(visit.page.get_by_role("button", name=name).first).to_be_visible()
    visit.talk("four")
    visit.talk("yes")
    expect(visit.answers.last).to_have_text("Booked.")

    def tops() -> set[int]:
        boxes = [visit.page.get_by_role("button", name=name).first.bounding_box() for name in NAMES[:3]]
        return {round(box["y"]) if box else -1 for box in boxes}

    holds(visit.page, lambda: len(tops()) == 1 and -1 not in tops(), "side by side")


def test_stages_that_are_not_shown_reach_no_browser(arrive: Arrive) -> None:
    """By no frame and no answer, live or after a reload; the answers do."""
    visit = arrive()
    tap = Wiretap(visit.page.context)
    tap._listen(visit.page)
    visit.sign_in("Ben")
    visit.talk("I want to book a table")
    visit.talk("four")
    visit.page.reload()
    expect(visit.answers).to_have_count(2)
    holds(visit.page, lambda: tap.has("For how many"))
    kinds = set(NAMED_BY_TYPE) - {StepType.ERROR, StepType.THINKING}
    assert [kind for kind in kinds if tap.has(f'"type":"{kind}"') or tap.has(f'"name":"{kind}"')] == []


def test_what_may_be_meant_is_offered_as_buttons(arrive: Arrive) -> None:
    """And a press of one is its answer."""
    visit = arrive()
    visit.sign_in("Cleo")
    visit.talk("a table, or a visit")
    visit.page.get_by_role("button", name="Visit us").click()
    expect(visit.answers.last).to_have_text("Come in.")
