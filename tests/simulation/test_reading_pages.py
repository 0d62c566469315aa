"""Simulated participants read and fill in a page of a stage as a browser does."""

from random import Random

import pytest

from data_layer.record import Record
from page.protocol.pages import StagePages
from simulation.protocol.answering import filled_in
from simulation.protocol.reading import ReadPage, read_page
from simulation.protocol.tempers import Temper, dealt
from study.loader import LoadedStudy
from tests.stages.protocol.conftest import small
from tests.stages.protocol.walking import ENGLISH, Walker

__all__ = ["small"]
RIGHT = {"instructions.partner": "a computer program"}


@pytest.fixture
async def walker(sqlite_record: Record, small: LoadedStudy) -> Walker:
    """Somebody who has just come in."""
    return Walker(sqlite_record, small, await sqlite_record.enter("Ada", "ada"))


@pytest.fixture
def pages() -> StagePages:
    """As the server draws them."""
    return StagePages()


async def shown(pages: StagePages, walker: Walker, study: LoadedStudy, stage: str) -> ReadPage:
    """The page of a stage, drawn by the server's own code and read."""
    present = await walker.walk_to(stage)
    return read_page(bytes(pages.draw(present, study.definition, ENGLISH).body).decode())


@pytest.mark.parametrize("stage", ["consent", "before", "instructions", "after", "debrief"])
async def test_what_a_careful_one_sends_of_a_page_is_taken(
    pages: StagePages, walker: Walker, small: LoadedStudy, stage: str
) -> None:
    """Of every kind of page, with nothing but what stands on it and the right answers of its checks; what
    turns out to be asked after all is answered on the page that says so.
    """
    page = await shown(pages, walker, small, stage)
    assert page.stage == stage
    visit = int(page.visit)
    for tries in range(2):
        sent: dict[str, list[str]] = {}
        known = RIGHT | {"after.reading": "disagree"}
        for name, value in filled_in(page, Temper.CAREFUL, known, Random(1), tries):
            sent.setdefault(name, []).append(value)
        sent.pop("visit")
        present = await walker.send(visit=visit, **sent)
        if present.position.visit > visit:
            break
        page = read_page(bytes(pages.draw(present, small.definition, ENGLISH).body).decode())
    assert present.problems == {}
    assert present.position.visit > visit


async def test_who_declines_presses_the_other_button(
    pages: StagePages, walker: Walker, small: LoadedStudy
) -> None:
    """And ticks what they like: the button decides."""
    page = await shown(pages, walker, small, "consent")
    assert filled_in(page, Temper.DECLINES, {}, Random(1), 0)[-1] == ("decision", "refuse")
    assert filled_in(page, Temper.CAREFUL, {}, Random(1), 0)[-1] == ("decision", "agree")


async def test_who_is_wrong_at_the_quiz_never_sends_the_right_answer(
    pages: StagePages, walker: Walker, small: LoadedStudy
) -> None:
    """Whatever is drawn."""
    page = await shown(pages, walker, small, "instructions")
    for seed in range(20):
        assert ("partner", RIGHT["instructions.partner"]) not in filled_in(
            page, Temper.WRONG, RIGHT, Random(seed), 0
        )


async def test_what_is_wrong_is_read_beside_its_question(
    pages: StagePages, walker: Walker, small: LoadedStudy
) -> None:
    """So that it can be mended."""
    await walker.walk_to("before")
    present = await walker.send(uses_chatbots=["daily"])
    page = read_page(bytes(pages.draw(present, small.definition, ENGLISH).body).decode())
    assert [flaw.partition(":")[0] for flaw in page.flaws] == ["support"]


def test_every_temper_comes_with_the_first_twenty() -> None:
    """A small pilot tries each of them."""
    assert set(dealt(20)) == set(Temper)
    assert len(dealt(7)) == 7


def test_a_number_is_taken_from_the_complaint_of_a_field_without_bounds() -> None:
    """A field of text says nothing of what it takes; what was wrong with it does."""
    html = """<main data-stage="a" data-kind="survey"><form><input type="hidden" name="visit" value="1">
    <div id="item-age" data-item="age" data-kind="number"><label for="age">Age</label>
    <input type="text" id="age" name="age"><p class="flaw" id="wrong-age">18 at least.</p></div>
    <button type="submit">Go on</button></form></main>"""
    page = read_page(html)
    assert page.questions[0].flaw == "18 at least."
    assert ("age", "18") in filled_in(page, Temper.CAREFUL, {}, Random(1), 1)


def test_the_code_of_an_ending_is_read_and_a_style_is_not() -> None:
    """What a browser shows are words; what it does not show are none."""
    page = read_page("<style>p {}</style><main><p>Thank you.</p><output>C1A7QX9K</output></main>")
    assert (page.code, page.words, page.form) == ("C1A7QX9K", "Thank you. C1A7QX9K", False)
