"""What is asked for and is not to be had is said; other words behind an article are left alone."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.task.agent import TaskAgent
from agent.task.dialogue import Dialogue
from agent.task.tokens import keys_of, tokens_of
from bench.dialogs_play import steps_of
from study.task_definition import DialogueDefinition
from study.vocabulary import StepType
from tests.agent.task.counter import Counter, barista

BARISTA: Any = barista()


def unknown(text: str, dialogue: Dialogue = BARISTA.dialogue) -> list[str]:
    """What a text names that the shop does not have."""
    return [
        one
        for reading in dialogue.read(text, tokens_of(text))
        if reading.intent == "order"
        for one in reading.unknown
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("two muffins please", ["muffins"]),
        ("Can I get a bagel?", ["bagel"]),
        ("Hi, I'd like a blueberry muffin, please.", ["blueberry muffin"]),
        ("a latte and two muffins", ["muffins"]),
        ("A bagel and a latte, please", ["bagel"]),
        ("a latte, a croissant and 3 scones", ["croissant", "scones"]),
        ("a latte with oat milk and a chocolate chip cookie", ["chocolate chip cookie"]),
        ("a latte with gingerbread", ["gingerbread"]),
        ("two cortados with a banana please", ["banana"]),
        ("a latte and a bagel with jam", ["bagel", "jam"]),
        ("a fancy birthday cake please", ["fancy birthday cake"]),
        ("a bagel and latte", ["bagel"]),
        ("a bagel, a latte", ["bagel"]),
        ("a latte, a bagel", ["bagel"]),
        ("a latte & a bagel", ["bagel"]),
        ("can I get a bagel when it is ready", ["bagel"]),
        ("a hazelnut vanilla pretzel", ["hazelnut vanilla pretzel"]),
    ],
)
def test_what_stands_in_an_items_place_is_found(text: str, named: list[str]) -> None:
    """As it was written, behind an article, a number or "with"."""
    assert unknown(text) == named


@pytest.mark.parametrize(
    "text",
    [
        "give me a minute",
        "can I get a second to think",
        "I need a recommendation",
        "a large, please",
        "Can I get a medium latte",
        "a really tasty latte please",
        "two of those",
        "a latte for a friend of my sister",
        "it is a lovely day and I would like a latte",
        "a latte with no foam",
        "a latte with extra foam",
        "that is a great shop. A latte, please.",
        "two lattes, one with oat and another with almond milk",
        "I have a meeting in 20 minutes, a latte please",
        "a green tea",
        "what do you have with a lot of caffeine",
        "a latte with room for milk",
        "an americano with ice cubes",
        "a latte with steamed milk",
        "make that a double with two sugars",
        "a latte with my friend",
        "a latte with vanilla drops",
        "a latte tomorrow please",
        "a latte. A dragon.",
        "a latte. I am with Ada",
        "I am here with Ada, a latte please",
        "with Ada",
        "I saw a dragon",
        "is a dragon bigger than a latte",
        "a very fancy big birthday cake please",
        "can I get two unicorn milk please",
        "a latte a dragon and me",
        "a dragon. And a latte",
    ],
)
def test_other_words_are_left_alone(text: str) -> None:
    """Silence is better than "we have no friend"."""
    assert unknown(text) == []


async def test_it_is_said_and_the_rest_is_taken() -> None:
    """One sentence more; the order is what it would have been without it."""
    counter = Counter(barista())
    said = await counter.say("A latte and two muffins, please")
    assert said.startswith("I am sorry, this is not on our menu: muffins. We have coffee, tea,")
    assert said.endswith("So that is 1 Latte, for here. Is that right?")
    assert await counter.order("yes") == [("latte", 1)]


async def test_alone_it_is_answered_and_asked_on() -> None:
    """Neither "I did not understand" nor silence, as often as it happens; what was asked is asked again."""
    counter = Counter(barista())
    await counter.say("I want to order something to drink please")
    for thing in ("muffins", "bagels", "scones"):
        said = await counter.say(f"two {thing} please")
        assert said.startswith(f"I am sorry, this is not on our menu: {thing}.")
        assert said.endswith("What would you like to drink?")


async def test_before_anything_has_begun_it_is_said_as_well() -> None:
    """What there is stands beside it."""
    assert (await Counter(barista()).say("two muffins please")).startswith(
        "I am sorry, this is not on our menu: muffins. We have coffee"
    )


async def test_what_is_spelled_like_something_is_asked_about_first() -> None:
    """A word that is near to an option is no unknown thing yet."""
    assert await Counter(barista()).say("an expressino please") == "Did you mean Espresso?"


async def test_a_confirmation_stays_open() -> None:
    """Something unknown in between changes nothing, and the question is asked once more."""
    counter = Counter(barista())
    await counter.say("A latte, please")
    said = await counter.say("and a muffin")
    assert said.startswith("I am sorry, this is not on our menu: muffin.")
    assert said.endswith("So that is 1 Latte, for here. Is that right?")
    assert await counter.order("yes") == [("latte", 1)]


async def test_it_is_kept_with_what_was_understood() -> None:
    """In the step of extraction, so that a study can count it."""
    counter = Counter(barista())
    await counter.say("A latte and two muffins, please")
    (extracted,) = [
        json.loads(given)
        for kind, _, _, given in steps_of(counter.events)
        if kind == StepType.PARAMETER_EXTRACTION
    ]
    assert extracted["unknown"] == ["muffins"]


_WORDS = st.sampled_from(
    [
        "a",
        "two",
        "muffin",
        "latte",
        "with",
        "and",
        ",",
        ".",
        "oat milk",
        "please",
        "can I get",
        "large",
        "7",
        "é",
        "\n",
    ]
)


@given(st.lists(_WORDS, max_size=14))
@settings(max_examples=80)
def test_whatever_is_said_only_unknown_words_are_named(said: list[str]) -> None:
    """Each stands in the text and ends with what is unknown: none is a number or a word of the language, and
    an option is there alone as in "an oat milk muffin".
    """
    text = " ".join(said)
    for one in unknown(text):
        assert one in text
        assert keys_of(one)[-1] in {"muffin", "e"}
        assert set(keys_of(one)) <= {"oat", "milk", "muffin", "e"}


SHOP = {
    "title": "Bestellen",
    "words": ["ich möchte"],
    "slots": {
        "items": {
            "kind": "list",
            "head": "drink",
            "required": True,
            "ask": "Was?",
            "slots": {"drink": {"kind": "choice", "options": {"Kaffee": [], "Tee": []}}},
        }
    },
    "answer": "Danke.",
}


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("zwei Brezeln bitte", "Brezeln"),
        ("einen Kaffee und eine Brezel", "Brezel"),
        ("einen großen bitte", ""),
    ],
)
async def test_in_other_languages_too(text: str, things: str) -> None:
    """With the standard words, where the study has none of its own: what there is is listed."""
    definition = DialogueDefinition.model_validate({"language": "de", "intents": {"order": SHOP}})
    answer = await Counter(TaskAgent("T", definition)).say(text)
    told = f"Das gibt es hier leider nicht: {things}. Es gibt: Kaffee, Tee."
    assert answer.startswith(told) == bool(things)
    assert ("gibt es hier" in answer) == bool(things)
