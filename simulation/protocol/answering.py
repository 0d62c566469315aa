"""Filling in the form of a page, as one temper or another would."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Final

from simulation.protocol.reading import Control, PageQuestion, ReadPage
from simulation.protocol.tempers import Temper

Fields = list[tuple[str, str]]
_CHOSEN: Final = {"radio", "checkbox"}
_WORDS: Final = "I have thought about it for a while, and this is what I think of it."
_LONGEST: Final = 4000


def filled_in(page: ReadPage, temper: Temper, known: Mapping[str, str], chance: Random, tries: int) -> Fields:
    """What is sent of a page.

    Args:
        page: As it was read; what was wrong before stands on it.
        temper: Whose.
        known: See `StudyReader.answers`.
        chance: What is not decided otherwise is drawn from it.
        tries: How often this page was sent before.

    Returns:
        Names and values, the button's among them.
    """
    fields = list(page.hidden)
    for question in page.questions:
        if question.controls and _is_answered(question, temper, chance, tries):
            fields += _answer(page, question, temper, known, chance, tries)
    button = page.buttons[-1 if _declines(page, temper) else 0] if page.buttons else ("", "")
    return [*fields, button] if button[0] else fields


def _declines(page: ReadPage, temper: Temper) -> bool:
    return temper is Temper.DECLINES and page.kind == "consent"


def _is_answered(question: PageQuestion, temper: Temper, chance: Random, tries: int) -> bool:
    if tries == 0 and temper is Temper.HASTY and question.is_consent:
        return False  # presses at once, and is told what lacks
    if question.applies_later:
        return bool(question.flaw) or (tries == 0 and chance.random() < 0.5)
    return True


def _answer(
    page: ReadPage,
    question: PageQuestion,
    temper: Temper,
    known: Mapping[str, str],
    chance: Random,
    tries: int,
) -> Fields:
    first = question.controls[0]
    boxes = [one for one in question.controls if one.type in _CHOSEN]
    if question.kind == "ranking":
        places = list(range(1, len(question.controls) + 1))
        if temper is not Temper.HASTY:
            chance.shuffle(places)
        return [(one.name, str(place)) for one, place in zip(question.controls, places, strict=True)]
    if question.is_consent:
        return [(first.name, first.value)]
    if boxes:
        right = known.get(f"{page.stage}.{question.id}")
        return _chosen(page, question, boxes, right, temper, chance)
    return [(first.name, _written(question, first, temper, chance, tries))]


def _chosen(
    page: ReadPage,
    question: PageQuestion,
    boxes: list[Control],
    right: str | None,
    temper: Temper,
    chance: Random,
) -> Fields:
    if page.kind == "debrief":
        return [(boxes[0].name, boxes[-1 if temper is Temper.WITHDRAWS else 0].value)]
    if right is not None:
        is_wrong = temper is Temper.WRONG if page.kind == "instructions" else temper is Temper.HASTY
        fitting = [one for one in boxes if (one.value == right) is not is_wrong]
        chosen = fitting[0] if fitting else boxes[0]
    elif temper is Temper.HASTY:
        chosen = boxes[0]
    else:
        chosen = chance.choice(boxes)
    several = question.kind == "choices" and not question.flaw and temper is not Temper.HASTY
    more = [one for one in boxes if one is not chosen and several and chance.random() < 0.3]
    said = [(one.name, one.value) for one in (chosen, *more)]
    return said + [
        (one.name, "Something else")
        for one in question.controls
        if one.type == "text" and any(value == "other" for _, value in said)
    ]


def _written(question: PageQuestion, field: Control, temper: Temper, chance: Random, tries: int) -> str:
    today = datetime.now(UTC)
    if field.type == "number" or question.kind in {"slider", "number"}:
        return _number(question, field, chance)
    if field.type == "date":
        return f"{today:%Y-%m-%d}"
    if field.type == "time":
        return f"{today:%H:%M}"
    if field.type == "email":
        return "somebody@example.org"
    if temper is Temper.HASTY and tries == 0:
        return "ok"
    if question.flaw and tries % 2 == 0:
        return "ok"
    return " ".join([_WORDS] * 2**tries)[:_LONGEST]


def _number(question: PageQuestion, field: Control, chance: Random) -> str:
    """One that the field takes; where it does not say which, one that its complaint names."""
    named = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", question.flaw)]
    if field.least or field.most:
        least = float(field.least or 0)
        step = float(field.step or 1)
        steps = int((float(field.most or least + 100) - least) / step)
        value = least + step * chance.randint(0, max(0, steps))
    elif named:
        value = named[0]
    else:
        value = float(chance.randint(18, 60))
    return f"{value:g}"
