"""Buttons under a task agent's questions: a press says what typing would have said."""

import pytest

from agent.events import FormAsked
from agent.task.agent import TaskAgent
from study.forms import Form
from study.task_definition import DialogueDefinition
from tests.agent.task.counter import Counter, barista


def table(*, buttons: bool, language: str = "en") -> TaskAgent:
    """An agent that books tables, and asks all that it can ask."""
    slots = {
        "room": {
            "kind": "choice",
            "required": True,
            "ask": "Inside?",
            "options": {"Inside": [], "Garden": []},
        },
        "dog": {"kind": "yes_no", "required": True, "ask": "With a dog?"},
        "letter": {
            "kind": "choice",
            "required": True,
            "ask": "Which letter?",
            "options": {
                letter: [] for letter in ("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Fox", "Golf")
            },
        },
        "guests": {"kind": "quantity", "required": True, "ask": "How many?", "confirm": True},
    }
    book = {
        "title": "Book a table",
        "patterns": ["\\bbook\\b"],
        "slots": slots,
        "confirm": "Right?",
        "buttons": buttons,
        "answer": "Booked.",
    }
    definition = DialogueDefinition.model_validate({"language": language, "intents": {"book": book}})
    return TaskAgent("Table", definition)


def form_of(counter: Counter) -> Form | None:
    """What stood under the last answer."""
    return next((event.form for event in counter.events if isinstance(event, FormAsked)), None)


def labels_of(counter: Counter) -> list[str]:
    """The buttons under the last answer."""
    form = form_of(counter)
    return [] if form is None else [str(option.label) for option in form.asked[0].options]


async def test_each_question_has_the_buttons_that_answer_it() -> None:
    """A choice's options, yes and no; none where there would be too many, or a number is asked for."""
    counter = Counter(table(buttons=True))
    asked = []
    for said in ("book", "Garden", "Yes", "Golf", "4", "Yes", "Yes"):
        answer = await counter.say(said)
        asked.append((answer, labels_of(counter)))
    assert asked == [
        ("Inside?", ["Inside", "Garden"]),
        ("With a dog?", ["Yes", "No"]),
        ("Which letter?", []),
        ("How many?", []),
        ("4. Is that right?", ["Yes", "No"]),
        ("Right?", ["Yes", "No"]),
        ("Booked.", []),
    ]


async def test_a_press_asks_for_no_more_than_the_words_do() -> None:
    """The question stands above the buttons already: their label is the reply's words, and is said once."""
    counter = Counter(table(buttons=True))
    answer = await counter.say("book")
    form = form_of(counter)
    assert form is not None
    assert form.is_buttons
    assert form.asked[0].label == answer


async def test_without_them_nothing_stands_under_a_question() -> None:
    """As a study has it that does not say so."""
    counter = Counter(table(buttons=False))
    for said in ("book", "Garden", "Yes", "Golf", "4", "Yes"):
        await counter.say(said)
        assert form_of(counter) is None


@pytest.mark.parametrize("language", ["en", "de", "es", "zh-Hans"])
async def test_yes_and_no_are_words_that_it_understands(language: str) -> None:
    """In its own language, whichever the participant's page is in."""
    counter = Counter(table(buttons=True, language=language))
    await counter.say("book")
    await counter.say("Garden")
    yes, no = labels_of(counter)
    for pressed, asked in ((no, "Which letter?"), (yes, "Which letter?")):
        counter = Counter(table(buttons=True, language=language))
        await counter.say("book")
        await counter.say("Garden")
        assert await counter.say(pressed) == asked


async def test_the_coffee_shop_asks_with_buttons_whether_an_order_is_right() -> None:
    """Pressing "No" goes where typing it goes, and "Yes" sends the order."""
    counter = Counter(barista())
    await counter.say("A large latte, please")
    assert labels_of(counter) == ["Yes", "No"]
    assert await counter.say("No") == "What should be different?"
    assert labels_of(counter) == []
    await counter.say("with oat milk")
    assert labels_of(counter) == ["Yes", "No"]
    assert "Thank you" in await counter.say("Yes")
