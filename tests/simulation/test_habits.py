"""Forms, buttons and offers: what a participant does about them, and comes back to when it was cut off."""

from uuid import uuid4

from simulation.browser import Door
from simulation.habits import Habits
from simulation.participant import Manner, ParticipantScript
from simulation.report import Report
from simulation.run import take_part
from study.forms import Form, check
from tests.simulation.fake_chat import FORM, FakeChat

SENDS = Habits(answers=1, slips=0)
LINES = [(str(uuid4()), words, True) for words in ("hello", "oat, two cups")]


async def speak(chat: FakeChat, habits: Habits, patience_s: float = 10.0) -> Report:
    """Let one participant speak two lines; the first is answered with a form under it."""
    chat.plan.appendleft("ask")
    hands = {"simulated-0001": [ParticipantScript(str(uuid4()), LINES)]}
    return await take_part(Door(chat.url), hands, Manner(patience_s=patience_s, habits=habits))


def on_screen(report: Report) -> list[str]:
    """What stood on the only screen."""
    (seen,) = report.seen.values()
    return [shown.output for shown in seen]


async def test_a_form_is_sent_in_place_of_the_next_line(chat: FakeChat) -> None:
    """Its answers are right, and its message bears the line's id, so that the dialog stays in step."""
    report = await speak(chat, SENDS)
    report.raise_for_errors()
    (sent,) = chat.forms
    assert check(Form.model_validate(FORM), sent["values"]).errors == {}
    assert sent["message_id"] == LINES[1][0]
    assert on_screen(report) == ["hello", "re: hello", "a form", "re: a form"]
    assert [(form.message_id, form.values) for form in report.forms] == [(LINES[1][0], sent["values"])]
    assert len(report.turns) == 2


async def test_a_form_is_left_for_words(chat: FakeChat) -> None:
    """Typing on works, too."""
    report = await speak(chat, Habits(answers=0))
    report.raise_for_errors()
    assert (chat.forms, report.forms) == ([], [])
    assert on_screen(report) == ["hello", "re: hello", "oat, two cups", "re: oat, two cups"]


async def test_a_wrong_answer_is_refused_and_mended(chat: FakeChat) -> None:
    """The second is right, under the same message id."""
    report = await speak(chat, Habits(answers=1, slips=1))
    report.raise_for_errors()
    form = Form.model_validate(FORM)
    assert [bool(check(form, sent["values"]).errors) for sent in chat.forms] == [True, False]
    assert {sent["message_id"] for sent in chat.forms} == {LINES[1][0]}
    assert [one.refusals for one in report.forms] == [1]


async def test_a_form_that_was_lost_is_sent_again_as_it_was(chat: FakeChat) -> None:
    """With the same answers under the same id, as a page that keeps a draft does."""
    chat.form_plan.append("lose")
    report = await speak(chat, SENDS)
    report.raise_for_errors()
    first, second = chat.forms
    assert (first["message_id"], first["values"]) == (second["message_id"], second["values"])
    assert (report.reconnects, report.sent_again) == (1, 1)


async def test_a_form_that_was_kept_is_not_sent_again(chat: FakeChat) -> None:
    """Its reply is asked for by Retry."""
    chat.form_plan.append("keep")
    report = await speak(chat, SENDS)
    report.raise_for_errors()
    assert (len(chat.forms), len(chat.pressed), len(report.forms)) == (1, 1, 1)
    assert on_screen(report)[-1] == "re: a form"


async def test_a_form_that_came_too_fast_is_sent_again(chat: FakeChat) -> None:
    """A refusal that names nothing is no fault of the answers."""
    chat.form_plan.append("refuse")
    report = await speak(chat, SENDS)
    report.raise_for_errors()
    assert chat.forms[0]["values"] == chat.forms[1]["values"]


async def test_a_form_that_comes_back_open_is_a_fault(chat: FakeChat) -> None:
    """What was answered stays answered, whatever is lost."""
    chat.plan.append("keep")
    hands = {"simulated-0001": [ParticipantScript(str(uuid4()), [*LINES, (str(uuid4()), "so?", True)])]}
    chat.plan.appendleft("ask")
    chat.reopen = True
    report = await take_part(Door(chat.url), hands, Manner(patience_s=10, habits=SENDS))
    assert ["came back as ('open'" in fault for fault in report.faults] == [True]


async def test_an_offer_is_taken_up_or_not(chat: FakeChat) -> None:
    """By the page's own event, once."""
    for share, goes_on in ((1.0, True), (0.0, False)):
        chat.plan.append("offer")
        hands = {"simulated-0001": [ParticipantScript(str(uuid4()), [(str(uuid4()), "hi", True)])]}
        manner = Manner(patience_s=10, habits=Habits(goes_on=share))
        report = await take_part(Door(chat.url), hands, manner)
        report.raise_for_errors()
        assert (report.offers, chat.offers[-1]["goes_on"]) == ([goes_on], goes_on)
    assert len(chat.offers) == 2
