"""What a study file may say, and whoever runs the study should know what it means."""

from collections.abc import Iterator
from typing import Final

from study.agent_definitions import OpenAIDefinition, ScriptedDefinition
from study.assignment import complaints_of
from study.instruments import shipped_instruments, wording_changed
from study.loader import STUDY_FILE, LoadedStudy
from study.model_families import refused_by
from study.participation import LoginMode
from study.protocol.assigning import plan_of
from study.protocol.consent_words import unmentioned_in
from study.protocol.languages import partly_spoken
from study.protocol.stages import SurveyDefinition

# Minutes, as Prolific counts.
_SHORT_MINUTES: Final = 5


def warnings_of(study: LoadedStudy, default_model: str | None = None) -> list[str]:
    """Look for what is right and yet may surprise.

    Args:
        study: The study.
        default_model: VERBATIM_MODEL, for agents that name no model; None where it is not known.

    Returns:
        A sentence for each, with its file and key; empty where there is nothing to say.
    """
    return [
        *_open_door(study),
        *_unanswered(study),
        *_not_taken(study, default_model),
        *_few_checks(study),
        *_reworded(study),
        *_partly_spoken(study),
        *_consent(study),
        *_plan(study),
    ]


def _open_door(study: LoadedStudy) -> Iterator[str]:
    if study.definition.login.mode == LoginMode.OPEN.value:
        yield (
            f"{study.folder / STUDY_FILE}, login.mode: with `open`, whoever writes a participant's name "
            "reads that participant's conversations and goes on with them in their place. Use it where that "
            "does no harm: in a laboratory, in a class. `claim` asks for a name alone as well, and keeps "
            "others out."
        )


def _unanswered(study: LoadedStudy) -> Iterator[str]:
    for agent in study.definition.agents:
        if not isinstance(agent, ScriptedDefinition) or agent.dialogs is None:
            continue
        where = study.folder / agent.dialogs
        for dialog in study.dialogs[agent.dialogs]:
            # The last one is answered by the closing line.
            for number, answer in enumerate(dialog.answers[:-1], start=1):
                if answer.text is None:
                    yield (
                        f"{where}, dialog {dialog.dialog_id!r}: the participant's line {number} has no "
                        "answer, and its participant will read that none came. Put an assistant's line "
                        "behind it, or join it with the participant's next."
                    )


def _few_checks(study: LoadedStudy) -> Iterator[str]:
    """Prolific: work may be refused for one failed check below five minutes, for two from five on.

    https://researcher-help.prolific.com, on attention and comprehension checks.
    """
    protocol = study.definition.protocol
    if protocol is None or protocol.recruit.service != "prolific" or protocol.recruit.minutes is None:
        return
    asked = [study.surveys[stage.file] for stage in protocol.stages if isinstance(stage, SurveyDefinition)]
    checks = sum(item.attention is not None for survey in asked for item in survey.items)
    needed = 1 if protocol.recruit.minutes < _SHORT_MINUTES else 2
    if 0 < checks < needed:
        yield (
            f"{study.folder / STUDY_FILE}, protocol: the surveys have {checks} check of attention. In a "
            f"study of {protocol.recruit.minutes:g} minutes Prolific lets work be refused after {needed} "
            "failed ones. Ask another, or refuse nobody for it."
        )


def _reworded(study: LoadedStudy) -> Iterator[str]:
    for name, survey in study.surveys.items():
        for instrument in dict.fromkeys(item.instrument for item in survey.items if item.instrument):
            changed = wording_changed(shipped_instruments()[instrument], survey.items)
            if changed:
                yield (
                    f"{study.folder / name}: {', '.join(changed)} of the instrument {instrument} are asked "
                    "in other words than the published ones. Say so where you report the scores."
                )


def _partly_spoken(study: LoadedStudy) -> Iterator[str]:
    protocol = study.definition.protocol
    if protocol is None or study.definition.language is not None:
        return
    for where, language, repair in partly_spoken(protocol, study.texts, study.surveys):
        yield (
            f"{study.folder / STUDY_FILE}, protocol: {where} cannot be read in {language!r}, and other "
            f"texts can: participants who read that language get a mixture. {repair}"
        )


def _not_taken(study: LoadedStudy, default_model: str | None) -> Iterator[str]:
    for number, agent in enumerate(study.definition.agents):
        if not isinstance(agent, OpenAIDefinition) or (model := agent.model or default_model) is None:
            continue
        for parameter, family in refused_by(model, agent.parameters.model_dump(exclude_none=True)):
            taken = family.refuses[parameter]
            kept = [f"write {taken:g}"] if taken is not None else []
            kept += [f"set {family.unless[0]} to {family.unless[1]}"] if family.unless else []
            yield (
                f"{study.folder / STUDY_FILE}, agents[{number}].parameters.{parameter}: models of the family "
                f"{family.name}, such as {model}, are documented to refuse it as it is. Take it out"
                f"{''.join(f', or {one}' for one in kept)}; `python cli.py check {study.folder} --ask` asks "
                "the model itself."
            )


def _consent(study: LoadedStudy) -> Iterator[str]:
    protocol = study.definition.protocol
    if protocol is None:
        return
    asks = any(isinstance(agent, OpenAIDefinition) for agent in study.definition.agents)
    found = unmentioned_in(protocol, study.texts, study.definition.language, asks_a_model=asks)
    for name, lacking in found:
        yield (
            f"{study.folder / name}: does not seem to mention {', '.join(one.name for one in lacking)}. "
            f"Write it like: {' '.join(one.example for one in lacking)}"
        )


def _plan(study: LoadedStudy) -> Iterator[str]:
    """What an assignment may do, and its author should know."""
    protocol = study.definition.protocol
    plan = plan_of(protocol, study.surveys) if protocol is not None else None
    for one in complaints_of(plan) if plan is not None else ():
        if not one.refuses:
            yield f"{study.folder / STUDY_FILE}, protocol.assign.{one}"
