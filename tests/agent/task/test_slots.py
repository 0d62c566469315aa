"""What is taken from words for each kind of slot, and in each language."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.task.dialogue import Dialogue
from agent.task.language import language_named
from agent.task.patterns import TRIES, is_given_up, searched
from agent.task.tokens import keys_of, tokens_of
from agent.task.values import yes_or_no
from study.strings import LANGUAGES
from study.task_definition import DialogueDefinition

# A Monday.
NOW = datetime(2026, 11, 30, 14, 30, tzinfo=UTC)


def read(slot: dict[str, Any], text: str, language: str = "en", *, asked: bool = True, **more: Any) -> Any:
    """What a text says for a slot."""
    intent = {"title": "T", "slots": {"it": {"ask": "What?"} | slot}, "answer": "A"}
    definition = DialogueDefinition.model_validate({"language": language, "intents": {"one": intent}} | more)
    question = {"for": "slot", "slot": "it"} if asked else None
    (reading,) = Dialogue(definition).read(text, tokens_of(text), NOW, question)
    return reading.values.get("it")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "it is about 2.5 I think", 2.5),
        ("number", "minus -3", -3),
        ("number", "seven", 7),
        ("number", "9" * 400, None),
        ("quantity", "9" * 400, None),
        ("money", "$" + "9" * 400, None),
        ("quantity", "three of us", 3),
        ("quantity", "0", None),
        ("quantity", "2.5", None),
        ("money", "$12.50", {"amount": 12.5, "currency": "USD"}),
        ("money", "I have 1.234,50 € left", {"amount": 1234.5, "currency": "EUR"}),
        ("money", "1,234 dollars", {"amount": 1234.0, "currency": "USD"}),
        ("money", "12", {"amount": 12.0, "currency": None}),
        ("money", "$1500", {"amount": 1500.0, "currency": "USD"}),
        ("money", "1500", {"amount": 1500.0, "currency": None}),
        ("money", "€ 12345,60", {"amount": 12345.6, "currency": "EUR"}),
        ("money", "1,234,567.8 yuan", {"amount": 1234567.8, "currency": "CNY"}),
        ("date", "tomorrow", "2026-12-01"),
        ("date", "on 24 December", "2026-12-24"),
        ("date", "no idea", None),
        ("time", "at 7:45 pm", "19:45"),
        ("time", "9", "09:00"),
        ("time", "12 am", "00:00"),
        ("time", "in an hour", "15:30"),
        ("yes_no", "yes please", True),
        ("yes_no", "not really", False),
        ("yes_no", "perhaps", None),
        ("text", " Ann Lee ", "Ann Lee"),
    ],
)
def test_an_answer(kind: str, text: str, value: Any) -> None:
    """As its kind says; None for what is none."""
    assert read({"kind": kind}, text) == value


def test_numbers_that_were_not_asked_for_are_not_taken() -> None:
    """Of "I was here 3 times" no quantity; an amount with its currency and a time are themselves."""
    assert read({"kind": "quantity"}, "I was here 3 times", asked=False) is None
    assert read({"kind": "money"}, "I have 5 euros", asked=False) == {"amount": 5.0, "currency": "EUR"}
    assert read({"kind": "time"}, "I come at 17:30", asked=False) == "17:30"


def test_the_clock_of_the_place_counts() -> None:
    """At half past two in the afternoon in London it is tomorrow in Auckland."""
    assert read({"kind": "date"}, "today", timezone="Pacific/Auckland") == "2026-12-01"
    assert read({"kind": "date"}, "today") == "2026-11-30"


def test_days_before_months_where_the_file_says_so() -> None:
    """3/4 is the fourth of March, or the third of April."""
    assert read({"kind": "date"}, "3/4/2027") == "2027-03-04"
    assert read({"kind": "date"}, "3/4/2027", day_first=True) == "2027-04-03"


def test_a_choice_and_several() -> None:
    """Other words and close spellings are the value; what is not wanted is none."""
    options = {"Oat Milk": ["oat"], "Almond Milk": ["almond"]}
    assert read({"kind": "choice", "options": options}, "oatmilk please") == "Oat Milk"
    assert read({"kind": "choice", "options": options}, "almnd milk") == "Almond Milk"
    assert read({"kind": "choice", "options": options}, "no oat") is None
    several = read({"kind": "choices", "options": options}, "oat, and no almond")
    assert several == {"add": ["Oat Milk"], "drop": ["Almond Milk"]}


def test_a_pattern_that_explodes_ends_by_itself() -> None:
    """It counts as not found, and holds nobody up."""
    slot = {"kind": "text", "patterns": [r"^(?P<value>(a|aa)+)$"]}
    assert read(slot, "a" * 5_000 + "!", asked=False) is None


def test_a_pattern_is_not_looked_for_again_and_again_in_a_text_that_it_explodes_in() -> None:
    """A long conversation is read anew with each message; in another text it is looked for as ever."""
    pattern, text = r"^(a|aa)+$", "a" * 5_000 + "!"
    for tried in range(TRIES):
        assert is_given_up(pattern, text) is (tried >= TRIES)
        assert searched(pattern, text) is None
    assert is_given_up(pattern, text)
    assert searched(pattern, text) is None
    assert searched(pattern, "aaa") is not None


@pytest.mark.parametrize(
    ("language", "yes", "no", "cancel", "number"),
    [
        ("en", "Yes, that's right", "No, that is not right", "never mind", "four"),
        ("de", "Ja, das stimmt", "Nein, das stimmt nicht", "Vergessen Sie es", "vier"),
        ("es", "Sí, está bien", "No, está mal", "Olvídelo, por favor", "cuatro"),
        ("zh-Hans", "对，没错", "不对", "取消", "四"),
    ],
)
def test_each_language_has_its_words(language: str, yes: str, no: str, cancel: str, number: str) -> None:
    """For yes and no, letting go, and numbers."""
    words = language_named(language)
    assert yes_or_no(keys_of(yes), words) is True
    assert yes_or_no(keys_of(no), words) is False
    assert words.has("cancel", keys_of(cancel))
    assert read({"kind": "quantity"}, number, language) == 4


def test_no_language_is_missing() -> None:
    """All that the page speaks, with the same uses of words."""
    assert len({frozenset(language_named(code).phrases) for code in LANGUAGES}) == 1


@pytest.mark.parametrize(
    ("language", "text", "day"),
    [("de", "morgen", "2026-12-01"), ("es", "mañana", "2026-12-01"), ("de", "am 24. Dezember", "2026-12-24")],
)
def test_dates_in_other_languages(language: str, text: str, day: str) -> None:
    """As people of that language say them."""
    assert read({"kind": "date"}, text, language) == day


@pytest.mark.parametrize(
    ("part", "text", "value"),
    [
        ({"kind": "quantity"}, "two, please", 2),
        ({"kind": "date"}, "tomorrow", "2026-12-01"),
        ({"kind": "time"}, "9", "09:00"),
        ({"kind": "yes_no"}, "no", False),
        ({"kind": "text"}, "a blue one", "a blue one"),
        ({"kind": "money"}, "5 euros", {"amount": 5.0, "currency": "EUR"}),
    ],
)
def test_the_answer_about_one_part_of_an_item(part: dict[str, Any], text: str, value: Any) -> None:
    """Where it was asked for; said unasked it is none, and a text that begins another item is that."""
    head = {"kind": "choice", "options": {"Tea": [], "Cake": []}}
    items = {"kind": "list", "head": "what", "slots": {"what": head, "it": part | {"ask": "Which?"}}}
    intent = {"title": "T", "slots": {"items": items}, "answer": "A"}
    dialogue = Dialogue(DialogueDefinition.model_validate({"intents": {"one": intent}}))

    def loose(text: str, question: dict[str, Any] | None) -> list[tuple[str, Any]]:
        (reading,) = dialogue.read(text, tokens_of(text), NOW, question)
        mentions = reading.lists.get("items")
        return [] if mentions is None else [(span.slot, span.value) for span in mentions.loose]

    question = {"for": "slot", "slot": "items", "part": "it", "number": 1}
    assert loose(text, question) == [("it", value)]
    assert loose(text, None) == loose("a Cake", question) == []
