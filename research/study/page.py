"""The study's protocol, to be read: each stage as a participant reads it, and what `check` warns of."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from research.routing import ResearchRequest, ResearchRoutes
from study.forms.item import Condition
from study.forms.texts import text_in
from study.loader import LoadedStudy
from study.protocol.definition import Protocol
from study.protocol.stages import (
    ChatDefinition,
    ConsentDefinition,
    InstructionsDefinition,
    StageDefinition,
    SurveyDefinition,
)
from study.protocol.surveys import SurveyItem
from study.roles import ResearcherRole, Right
from study.strings import ENGLISH
from study.warnings import warnings_of
from web.numbers import counted
from web.problem import HttpProblem

# As long whatever the code is: not even its length is told.
MASKED: Final = "••••••••"
_OTHER: Final = "Other"


def routes(doors: ResearchRoutes) -> list[BaseRoute]:
    """The page."""
    return [doors.route("/study", _show, Right.OVERVIEW)]


async def _show(visit: ResearchRequest) -> Response:
    study = visit.room.study
    protocol = study.definition.protocol
    if protocol is None:
        raise HttpProblem(404, "This study has no protocol: its participants talk, and that is all.")
    shows_codes = visit.researcher.role is ResearcherRole.OWNER
    return visit.draw(
        "study.html",
        protocol=protocol,
        stages=[_stage(stage, study) for stage in protocol.stages],
        warnings=warnings_of(study),
        endings=_endings(protocol, study, shows_codes=shows_codes),
        shows_codes=shows_codes,
        factors=_factors(protocol),
    )


def _words(study: LoadedStudy) -> Callable[[Any], str]:
    language = study.definition.language or ENGLISH
    return lambda words: text_in(words, language) if words else ""


def _stage(stage: StageDefinition, study: LoadedStudy) -> dict[str, Any]:
    words = _words(study)
    shown: dict[str, Any] = {
        "id": stage.id,
        "kind": stage.kind,
        "title": words(stage.title),
        "text": "",
        "boxes": [],
        "items": [],
        "rules": list(_rules(stage)),
    }
    if isinstance(stage, ConsentDefinition):
        shown["boxes"] = [(words(said), name in stage.needed) for name, said in stage.boxes.items()]
    if isinstance(stage, ChatDefinition):
        shown["text"] = study.texts[stage.opening] if stage.opening else ""
        shown["opens"] = bool(stage.opening)
    elif not isinstance(stage, SurveyDefinition):
        shown["text"] = study.texts[stage.text]
    name = stage.file if isinstance(stage, SurveyDefinition) else getattr(stage, "quiz", None)
    if name is not None:
        survey = study.surveys[name]
        shown["title"] = shown["title"] or words(survey.title)
        shown["items"] = [_item(item, words) for item in survey.items]
    return shown


def _item(item: SurveyItem, words: Callable[[Any], str]) -> dict[str, Any]:
    other = _OTHER if item.other is True else words(item.other)
    notes = [
        f"shown only if {_holds(item.show_if)}" if item.show_if else "",
        f"a check of attention: {item.attention}" if item.attention is not None else "",
        f"right: {item.right}" if item.right is not None else "",
        "reminded of once, and need not be answered" if item.required == "ask_once" else "",
        "its options come in another order for each" if item.shuffle else "",
    ]
    return {
        "id": item.id,
        "kind": item.kind.value,
        "label": words(item.label),
        "stem": words(item.stem),
        "help": words(item.help),
        "required": item.required,
        "options": [words(option.label) for option in item.options] + ([other] if other else []),
        "least": item.least,
        "most": item.most,
        "low": words(item.low),
        "high": words(item.high),
        "unit": words(item.unit),
        "notes": [note for note in notes if note],
    }


def _holds(condition: Condition) -> str:
    """A condition in words."""
    if condition.all_ is not None:
        return " and ".join(map(_holds, condition.all_))
    if condition.any_ is not None:
        return " or ".join(map(_holds, condition.any_))
    tests = (
        ("is", condition.is_),
        ("is not", condition.is_not),
        ("is at least", condition.at_least),
        ("is at most", condition.at_most),
    )
    return " and ".join(f"{condition.item} {test} {value}" for test, value in tests if value is not None)


def _rules(stage: StageDefinition) -> list[str]:
    """What the stage decides, a sentence each."""
    if isinstance(stage, ConsentDefinition):
        return [f"Version {stage.version}.", f"Who does not agree ends as {stage.otherwise}."]
    if isinstance(stage, InstructionsDefinition) and stage.quiz is not None:
        return [f"{stage.attempts} attempts at the quiz; then it ends as {stage.otherwise}."]
    if isinstance(stage, SurveyDefinition):
        found = [f"Ends as {rule.ending} if {_holds(rule)}." for rule in stage.end_if]
        if stage.fails is not None:
            failed = counted(stage.fails.attention, "failed attention check")
            found.append(f"Ends as {stage.fails.ending} at {failed}.")
        return found
    if isinstance(stage, ChatDefinition):
        return _chat_rules(stage)
    if getattr(stage, "may_withdraw", False):
        return ["Asks once more whether the answers may stay; a no withdraws."]
    return []


def _chat_rules(stage: ChatDefinition) -> list[str]:
    found = [f"With {stage.agent}."] if stage.agent else []
    for bounds, unit in ((stage.turns, "messages"), (stage.minutes, "minutes")):
        if bounds.least is not None:
            found.append(f"At least {bounds.least:g} {unit}.")
        if bounds.most is not None:
            found.append(f"At most {bounds.most:g} {unit}.")
    if stage.on_failure is not None:
        found.append(f"Ends as {stage.on_failure} when the agent fails.")
    return found


def _endings(protocol: Protocol, study: LoadedStudy, *, shows_codes: bool) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "text": study.texts[ending.text],
            "code": None if ending.code is None else ending.code if shows_codes else MASKED,
        }
        for name, ending in protocol.endings.items()
    ]


def _factors(protocol: Protocol) -> Mapping[str, list[str]]:
    """What differs between participants; not who is in which."""
    between = protocol.conditions.between if protocol.conditions is not None else {}
    return {factor: list(levels) for factor, levels in between.items()}
