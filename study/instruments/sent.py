"""The scores of a survey that was sent: of each instrument in it, read off the survey as it was shown."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from study.instruments.definition import Instrument
from study.instruments.reading import shipped_instruments
from study.instruments.scales import ScoredScale
from study.instruments.scoring import ScaleScore, score


def asked_instruments(shown: Mapping[str, Any]) -> tuple[Instrument, ...]:
    """The instruments that a survey asks, in its order; those that are not here any more are passed over.

    Args:
        shown: The survey, as it is kept with a visit.
    """
    known = shipped_instruments()
    names = dict.fromkeys(item["instrument"] for item in shown["items"] if item.get("instrument"))
    return tuple(known[name] for name in names if name in known)


def scores_of(
    shown: Mapping[str, Any], numbers: Mapping[str, float]
) -> Iterator[tuple[Instrument, ScaleScore]]:
    """Score a survey.

    Args:
        shown: As it is kept with a visit.
        numbers: What was answered, as numbers, by the survey's items; others than the instruments' are passed
            over, and so is an answer that the key does not know.

    Yields:
        Each scale of each instrument.
    """
    for instrument in asked_instruments(shown):
        given = {
            item.id: numbers[form_id]
            for item in instrument.items
            if (form_id := instrument.form_id(item.id)) in numbers
            and instrument.answers.allows(numbers[form_id])
        }
        for found in score(instrument, given).values():
            yield instrument, found


@cache
def key_hash(instrument_id: str) -> str:
    """SHA-256 of a shipped instrument's key: its items, which of them are reversed, its scales and rules.

    Args:
        instrument_id: Which.
    """
    told = shipped_instruments()[instrument_id].model_dump(
        mode="json", include={"id", "key_version", "answers", "items", "scales"}
    )
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def missing_rule(scale: ScoredScale) -> str:
    """Say how many of a scale's items must be answered: "3 of 3"."""
    return f"{scale.least_answers} of {len(scale.items)}"
