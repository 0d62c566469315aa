"""What a simulated study is to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

from demo.forms import FORMS
from study.agent_definitions import OpenAIDefinition
from study.forms import Form
from study.loader import LoadedStudy

# A Monday; not today, so that the same seed gives the same rows on any day.
BEGIN: Final = date(2026, 3, 2)
# What threads keep as the version that they ran on: no version has heard them.
APP_VERSION: Final = "simulated"
_MODEL: Final = "simulated-model"


@dataclass(frozen=True)
class Voice:
    """An agent of the study.

    Args:
        name: As in the study file.
        kind: As in the study file; of a model there are calls and prompts, of ELIZA no work is seen.
        model: The model's name, where one is asked.
    """

    name: str
    kind: str
    model: str = _MODEL


@dataclass(frozen=True)
class DemoPlan:
    """What is to be made.

    Args:
        study_id: The study's.
        study_fingerprint: As every thread keeps it.
        voices: Who answers; the first answers most.
        reasons: What may be ticked at a rating, by its value.
        threads: How many.
        messages_each: In the mean of all threads; None for as many as each dialog has.
        forms: What replies ask with.
        active_threads: How many a participant has with one agent in the list; more are archived.
        seed: The same gives the same rows.
        begin: The first day.
    """

    study_id: str
    study_fingerprint: str
    voices: tuple[Voice, ...]
    reasons: Mapping[int, tuple[str, ...]]
    forms: tuple[Form, ...] = FORMS
    active_threads: int = 5
    threads: int = 1000
    messages_each: int | None = None
    seed: int = 7
    begin: date = BEGIN

    @classmethod
    def of(cls, study: LoadedStudy, model: str | None = None, **columns: Any) -> Self:
        """A plan for a study.

        Args:
            study: Its agents answer; a model first, where it has one.
            model: Which is asked where the study names none.
            columns: What else is planned.
        """
        agents = sorted(study.definition.agents, key=lambda agent: not isinstance(agent, OpenAIDefinition))
        voices = [
            Voice(
                agent.name,
                agent.kind,
                (agent.model if isinstance(agent, OpenAIDefinition) else None) or model or _MODEL,
            )
            for agent in agents
        ]
        ratings = study.definition.ratings
        reasons = {1: tuple(ratings.good), 0: tuple(ratings.bad)}
        forms = study.definition.forms or FORMS
        return cls(study.definition.id, study.fingerprint, tuple(voices), reasons, forms, **columns)
