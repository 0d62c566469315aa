"""From answers to scores. What was answered is never touched: reversal makes new values beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from study.instruments.definition import Instrument
from study.instruments.scales import How, ScoredScale

# As far as a worked example is compared: to four digits behind the point.
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class ScaleScore:
    """What the answers come to on one scale.

    Args:
        scale: Its name.
        value: None where too few of its items were answered.
        items_answered: How many of them were.
        items: How many it has.
        key_version: Of the key that it was reckoned with.
    """

    scale: str
    value: float | None
    items_answered: int
    items: int
    key_version: str


def score(instrument: Instrument, answers: Mapping[str, float | None]) -> dict[str, ScaleScore]:
    """Reckon the scales of an instrument.

    Fractions in between, so that the same answers give the same number on every machine.

    Args:
        instrument: With the key.
        answers: By the item's id there, as numbers; None, or nothing, where it was not answered.

    Returns:
        By the scale's name, each of them.

    Raises:
        ValueError: An answer is to no item, or no item can be answered so.
    """
    given = _checked(instrument, answers)
    turned = keyed_answers(instrument, given)
    return {
        name: _score(instrument, name, scale, turned if scale.reverses else given)
        for name, scale in instrument.scales.items()
    }


def keyed_answers(instrument: Instrument, answers: Mapping[str, float]) -> dict[str, float]:
    """Answers as they count: those to reversed items turned round, 2 of 1 to 5 into 4.

    Args:
        instrument: With the key.
        answers: By the item's id; they stay as they are.
    """
    ends = instrument.answers.least + instrument.answers.most
    turned = {item.id for item in instrument.items if item.reversed}
    return {item: ends - value if item in turned else value for item, value in answers.items()}


def example_problems(instrument: Instrument) -> list[str]:
    """Reckon an instrument's worked examples again.

    Args:
        instrument: With its examples.

    Returns:
        What does not come out, each with its place and the repair.
    """
    problems = []
    for place, example in enumerate(instrument.examples):
        scores = score(instrument, example.answers)
        for name, expected in example.scores.items():
            value = scores[name].value
            if _rounded(value) != _rounded(expected):
                problems.append(
                    f"examples[{place}].scores.{name}: is {_written(expected)}, and the key gives "
                    f"{_written(value)}. Correct the key, or the example."
                )
    return problems


def _checked(instrument: Instrument, answers: Mapping[str, float | None]) -> dict[str, float]:
    known = {item.id for item in instrument.items}
    given: dict[str, float] = {}
    for item, value in answers.items():
        if item not in known:
            raise ValueError(f"{instrument.id} has no item {item!r}. Its items: {', '.join(sorted(known))}.")
        if value is None:
            continue
        if isinstance(value, bool) or not instrument.answers.allows(value):
            raise ValueError(f"{value!r} is no answer to {item} of {instrument.id}. Give its number.")
        given[item] = value
    return given


def _score(instrument: Instrument, name: str, scale: ScoredScale, values: Mapping[str, float]) -> ScaleScore:
    counted = [Fraction(values[item]) for item in scale.items if item in values]
    value = None
    if len(counted) >= scale.least_answers:
        value = float(_moved(instrument, scale, Fraction(sum(counted), len(counted))))
    return ScaleScore(name, value, len(counted), len(scale.items), instrument.key_version)


def _moved(instrument: Instrument, scale: ScoredScale, mean: Fraction) -> Fraction:
    if scale.how == How.MEAN:
        return mean
    if scale.how == How.SUM:
        return mean * len(scale.items)
    # As they are written: 22.9 and not the floating number beside it.
    low, high = (Fraction(str(end)) for end in scale.range)
    least, most = instrument.answers.least, instrument.answers.most
    return low + (mean - least) / (most - least) * (high - low)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _written(value: float | None) -> str:
    return "none" if value is None else f"{round(value, _DIGITS):g}"
