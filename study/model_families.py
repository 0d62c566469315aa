"""Families of models that are documented to refuse some parameters.

Sources, of July 2026: platform.openai.com/docs/guides/reasoning and .../latest-model (parameter
compatibility), learn.microsoft.com/azure/ai-foundry/openai/how-to/reasoning (what is not supported).
A model of another name may refuse as well: `python cli.py check STUDY --ask` asks it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

# Each with the one value that is taken all the same.
_SAMPLING: Final[Mapping[str, float]] = {
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
}


@dataclass(frozen=True, slots=True)
class Family:
    """Models that refuse the same.

    Args:
        name: The family's, for people.
        models: Their names, behind whatever a gateway writes before a slash.
        refuses: Parameters, each with the value that is taken all the same; None where none is.
        unless: A parameter and its value with which they are taken.
    """

    name: str
    models: re.Pattern[str]
    refuses: Mapping[str, float | None]
    unless: tuple[str, str] | None = None


FAMILIES: Final = (
    Family("o1, o3 and o4", re.compile(r"o[134](-|$)"), _SAMPLING),
    Family("gpt-5", re.compile(r"gpt-5(-(?!chat)|$)"), _SAMPLING),
    Family(
        "gpt-5.1 and later",
        re.compile(r"gpt-5\.\d+(-(?!chat)|$)"),
        {"temperature": 1, "top_p": 1},
        ("reasoning_effort", "none"),
    ),
    Family("gpt-3.5 and gpt-4", re.compile(r"gpt-(3\.5|4|4o|4\.\d)(-|$)"), {"reasoning_effort": None}),
)


def refused_by(model: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, Family]]:
    """Find what a model is documented to refuse.

    Args:
        model: Its name, as it is asked for.
        parameters: What is to be sent; those that are not are left out.

    Yields:
        Each parameter that it refuses, and its family.
    """
    name = model.rpartition("/")[2].lower()
    for family in FAMILIES:
        if not family.models.match(name):
            continue
        if family.unless is not None and parameters.get(family.unless[0]) == family.unless[1]:
            continue
        for parameter, taken in family.refuses.items():
            if parameter in parameters and parameters[parameter] != taken:
                yield parameter, family
