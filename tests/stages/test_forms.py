"""Forms in a thread: shown when they are kept, answered once, and closed by whatever goes on without them."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.events import Event, FormAsked, TextDelta
from data_layer.record import Record
from stages.chat.forms import FormSent
from stages.chat.stage import ChatStage
from study.forms import Form
from tests.data_layer.rows import BOB, one, rows
from tests.fakes import FakeAgent
from tests.stages.talk import Talk, words

ORDER = Form.model_validate(
    {
        "id": "order",
        "title": "Your order",
        "items": [
            {"id": "drink", "kind": "choice", "label": "Which drink?", "options": ["tea", "coffee"]},
            {"id": "milk", "kind": "yes_no", "label": "Milk?", "show_if": {"item": "drink", "is": "coffee"}},
            {"id": "cups", "kind": "number", "label": "How many?", "least": 1, "required": False},
        ],
    }
)


def asking(text: str = "What would you like?") -> list[Event]:
    """A reply that asks with a form."""
    return [TextDelta(text), FormAsked(ORDER)]


async def asked(talk: Talk, agent: FakeAgent) -> str:
    """A thread in which a form stands open.

    Returns:
        The form's id.
    """
    agent.enqueue(*asking())
    await talk.say("Hello")
    return next(iter(talk.screen.forms))


async def state(record: Record, form_id: str) -> tuple[str, str | None]:
    """How a form stands."""
    await record.writer.flush()
    row = await one(record, "forms", form_id=form_id)
    return row["state"], row["left_because"]


async def test_a_form_is_answered_and_its_agent_reads_it(
    talk: Talk, agent: FakeAgent, record: Record
) -> None:
    """The answers are a message in words, rows of their own, and values for the agent, now and later on."""
    form_id = await asked(talk, agent)
    agent.enqueue(*words("Coming."))
    message_id = await talk.answer(form_id, drink="coffee", milk=False, cups="2")
    assert await talk.living() == [
        "Hello",
        "What would you like?",
        "Which drink? coffee\nMilk? No\nHow many? 2",
        "Coming.",
    ]
    values = {"drink": "coffee", "milk": False, "cups": 2}
    assert (agent.asked[1][-1].answers, agent.asked[1][-1].form_id) == (values, "order")
    await talk.say("And?")
    assert agent.asked[2][2].answers == values
    row = await one(record, "forms", form_id=form_id)
    assert (row["state"], row["answers"], row["answered_by_message"]) == ("answered", values, message_id)
    kept = await rows(record, "form_answers", form_id=form_id)
    assert {one["item"]: (one["state"], one["value"], one["number"], one["position"]) for one in kept} == {
        "drink": ("answered", "coffee", 2.0, 1),
        "milk": ("answered", "no", 0.0, 2),
        "cups": ("answered", "2", 2.0, 3),
    }
    assert talk.screen.forms[form_id]["state"] == "answered"


async def test_what_was_not_shown_is_told_from_what_was_left_out(
    talk: Talk, agent: FakeAgent, record: Record
) -> None:
    """A blank has a reason: hidden by a condition, or skipped."""
    form_id = await asked(talk, agent)
    agent.enqueue(*words("Coming."))
    await talk.answer(form_id, drink="tea", milk=True)
    kept = await rows(record, "form_answers", form_id=form_id)
    assert {one["item"]: one["state"] for one in kept} == {
        "drink": "answered",
        "milk": "hidden",
        "cups": "skipped",
    }


async def test_a_wrong_answer_is_said_at_its_item_and_nothing_is_kept(
    talk: Talk, agent: FakeAgent, record: Record
) -> None:
    """The form stays open, and can be sent again."""
    form_id = await asked(talk, agent)
    await talk.answer(form_id, drink="beer", cups="0")
    assert talk.screen.refused_forms == [
        {
            "drink": {"code": "option", "values": {}},
            "cups": {"code": "least", "values": {"least": 1}},
        }
    ]
    assert await talk.living() == ["Hello", "What would you like?"]
    assert await state(record, form_id) == ("open", None)


async def test_two_devices_give_one_answer(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """Two presses on two pages at once: the first is kept, the second is told."""
    form_id = await asked(talk, agent)
    agent.enqueue(*words("Coming."))
    await asyncio.gather(talk.answer(form_id, drink="tea"), talk.answer(form_id, drink="coffee", milk=True))
    spoken = [row for row in await talk.steps() if row["type"] == "user_message"]
    assert len(spoken) == 2
    assert len(await rows(record, "form_answers", form_id=form_id)) == 3
    assert talk.screen.refused_forms == [{}]


async def test_the_same_message_once_more_is_no_other_answer(
    talk: Talk, agent: FakeAgent, record: Record
) -> None:
    """A page that heard nothing sends again, and is answered once."""
    form_id = await asked(talk, agent)
    agent.enqueue(*words("Coming."))
    message_id = await talk.answer(form_id, drink="tea")
    await talk.answer(form_id, message_id, drink="tea")
    assert await talk.living() == ["Hello", "What would you like?", *(await talk.living())[2:]]
    assert len(agent.asked) == 2
    assert talk.screen.refused_forms == []
    assert len(await rows(record, "form_answers", form_id=form_id)) == 3


async def test_typing_instead_leaves_the_form(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """The words are an ordinary message; the form can be sent no more."""
    form_id = await asked(talk, agent)
    agent.enqueue(*words("Fine."))
    await talk.say("A tea, please")
    assert await state(record, form_id) == ("left", "typed")
    assert talk.screen.forms[form_id]["state"] == "left"
    await talk.answer(form_id, drink="tea")
    assert talk.screen.refused_forms == [{}]
    assert talk.screen.forms[form_id]["state"] == "left"
    assert await rows(record, "form_answers", form_id=form_id) == []


async def test_an_edit_before_it_leaves_it_and_a_walk_back_opens_it(
    talk: Talk, agent: FakeAgent, record: Record
) -> None:
    """A form leaves the screen with its branch, and can be answered when that comes back."""
    form_id = await asked(talk, agent)
    message_id = (await talk.steps())[0]["step_id"]
    agent.enqueue(*words("Otherwise."))
    await talk.edit(message_id, "Good day")
    assert await state(record, form_id) == ("left", "moved")
    await talk.answer(form_id, drink="tea")
    assert talk.screen.refused_forms == [{}]
    await talk.walk(message_id, 1)
    assert await state(record, form_id) == ("open", None)
    assert talk.screen.forms[form_id]["state"] == "open"
    agent.enqueue(*words("Coming."))
    await talk.answer(form_id, drink="tea")
    assert await state(record, form_id) == ("answered", None)


async def test_a_walk_back_does_not_open_what_was_left_by_typing(
    talk: Talk, agent: FakeAgent, record: Record
) -> None:
    """What the participant passed over stays so, with the words that passed over it."""
    form_id = await asked(talk, agent)
    first = (await talk.steps())[0]["step_id"]
    agent.enqueue(*words("Fine."))
    await talk.say("A tea, please")
    agent.enqueue(*words("Otherwise."))
    await talk.edit(first, "Good day")
    await talk.walk(first, 1)
    assert await state(record, form_id) == ("left", "typed")


async def test_answers_are_not_edited(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """The message says what the rows say."""
    form_id = await asked(talk, agent)
    agent.enqueue(*words("Coming."))
    message_id = await talk.answer(form_id, drink="tea")
    await talk.edit(message_id, "coffee")
    assert (await one(record, "steps", step_id=message_id))["output"] == "Which drink? tea"


async def test_a_form_of_another_is_not_answered(
    talk: Talk, stage: ChatStage, agent: FakeAgent, record: Record
) -> None:
    """Whoever knows its id gets nowhere, in their own thread or in the form's."""
    form_id = await asked(talk, agent)
    bob = Talk(stage, record, BOB)
    await bob.answer(form_id, drink="tea")
    there = Talk(stage, record, BOB, thread_id=talk.thread_id)
    await there.answer(form_id, drink="tea")
    assert await state(record, form_id) == ("open", None)
    assert await rows(record, "form_answers") == []
    assert (bob.screen.forms, there.screen.forms) == ({}, {})
    assert (bob.screen.refused_forms, there.screen.refused_forms) == ([{}], [{}])


async def test_a_form_may_say_what_no_database_holds(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """An agent's own words, with NUL or half of a character in them: it is shown, and answered."""
    item = {"id": "drink", "kind": "choice", "label": "Which\ud800?", "options": ["te\0a"]}
    agent.enqueue(TextDelta("What?"), FormAsked(Form.model_validate({"id": "odd", "items": [item]})))
    await talk.say("Hello")
    (form_id,) = talk.screen.forms
    (shown,) = talk.screen.forms[form_id]["definition"]["items"]
    assert (shown["label"], shown["options"][0]["value"]) == ("Which\ufffd?", "te\ufffda")
    agent.enqueue(*words("Coming."))
    await talk.answer(form_id, drink="te\ufffda")
    assert await state(record, form_id) == ("answered", None)


async def test_a_stopped_reply_asks_nothing(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """A form belongs to the end of a reply; one that has no end has none."""
    agent.enqueue(TextDelta("What"), FormAsked(ORDER), RuntimeError("broken"))
    await talk.say("Hello")
    assert await rows(record, "forms") == []


async def test_a_form_without_words_has_some(talk: Talk, agent: FakeAgent) -> None:
    """A reply that is a form alone says what the form is called."""
    agent.enqueue(FormAsked(ORDER))
    await talk.say("Hello")
    assert await talk.living() == ["Hello", "Your order"]


async def test_a_reload_shows_the_form_as_it_stands(talk: Talk, agent: FakeAgent) -> None:
    """A page that is loaded now has it with its reply: open, and later filled and closed."""
    form_id = await asked(talk, agent)
    reply = (await talk.steps())[1]["step_id"]
    drawn: dict[str, Any] = (await talk.reloaded())[reply]["metadata"]["form"]
    assert (drawn["id"], drawn["state"], drawn["definition"]["language"]) == (form_id, "open", "en")
    agent.enqueue(*words("Coming."))
    await talk.answer(form_id, drink="tea")
    drawn = (await talk.reloaded())[reply]["metadata"]["form"]
    assert (drawn["state"], drawn["answers"]) == ("answered", {"drink": "tea"})


@pytest.mark.parametrize("touched", [-1, 10**12])
async def test_a_browsers_clock_is_not_believed(
    talk: Talk, agent: FakeAgent, record: Record, touched: int
) -> None:
    """When an item was first touched lies between its showing and its sending."""
    form_id = await asked(talk, agent)
    agent.enqueue(*words("Coming."))
    moment = datetime.fromtimestamp(max(touched, 0) / 1000, UTC)
    sent = FormSent(form_id, {"drink": "tea"}, {"drink": moment}, {"drink": -5})
    await talk.stage.answer_form(talk.spoken(""), sent, talk.screen)
    row = await one(record, "form_answers", form_id=form_id, item="drink")
    assert row["shown_at"] <= row["first_touched_at"] <= row["sent_at"]
    assert row["changes"] == 0
