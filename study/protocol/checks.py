"""What can be wrong with a protocol once its surveys are read: references, quizzes, groups."""

from collections.abc import Iterator, Mapping

from study.assignment import complaints_of
from study.forms.bounds import bounds_of
from study.forms.item import Item, ItemKind
from study.protocol.assigning import makes_groups, plan_of
from study.protocol.definition import Protocol
from study.protocol.stages import InstructionsDefinition, SurveyDefinition
from study.protocol.surveys import Survey, SurveyItem

_COMPARED = {ItemKind.NOTE, ItemKind.FILE, ItemKind.RANKING}


def problems_of(
    protocol: Protocol, surveys: Mapping[str, Survey], _texts: Mapping[str, str], source: str
) -> list[str]:
    """Look for what a protocol and its surveys do not agree on.

    Args:
        protocol: The study's.
        surveys: The files that it names, read.
        source: The study file's name, for messages.

    Returns:
        What is wrong, each with its stage and repair.
    """
    asked = dict(_asked(protocol, surveys))
    order = [stage.id for stage in protocol.stages]
    found = []
    for stage, survey in _surveys_of(protocol, surveys):
        here = order.index(stage)
        for reference in survey.backward:
            where = f"{source}, protocol, the stage {stage}: a condition looks at {reference}"
            found += _reference(where, reference, asked, order[:here])
    for definition in protocol.stages:
        found += _end_rules(definition, surveys, asked, order, source)
        found += _quiz(definition, surveys, source)
    for name, survey in surveys.items():
        found += _attention(survey, name)
    found += _assignment(protocol, surveys, asked, source)
    return found


def _assignment(
    protocol: Protocol, surveys: Mapping[str, Survey], asked: Mapping[str, Item], source: str
) -> Iterator[str]:
    rule = protocol.assign
    if rule is None:
        return
    unfit = [one for one in rule.looked_at if one not in asked or not makes_groups(asked[one])]
    for reference in unfit:
        key = "within" if reference in rule.within else "factors"
        yield (
            f"{source}, protocol.assign.{key}: {reference} is no choice or yes_no that must be answered."
            " Name one: each of its answers is a group."
        )
    if not unfit and (plan := plan_of(protocol, surveys)) is not None:
        yield from (f"{source}, protocol.assign.{one}" for one in complaints_of(plan) if one.refuses)


def _asked(protocol: Protocol, surveys: Mapping[str, Survey]) -> Iterator[tuple[str, Item]]:
    for stage, survey in _surveys_of(protocol, surveys):
        yield from ((f"{stage}.{item.id}", item) for item in survey.asked)


def _surveys_of(protocol: Protocol, surveys: Mapping[str, Survey]) -> Iterator[tuple[str, Survey]]:
    for stage in protocol.stages:
        if isinstance(stage, SurveyDefinition) and stage.file in surveys:
            yield stage.id, surveys[stage.file]


def _reference(where: str, reference: str, asked: Mapping[str, Item], before: list[str]) -> list[str]:
    stage = reference.partition(".")[0]
    if reference not in asked:
        known = ", ".join(asked) or "none"
        return [f"{where}, which no survey asks. Asked: {known}."]
    if stage not in before:
        return [f"{where}, which is not asked before it. Look at an earlier stage."]
    if asked[reference].kind in _COMPARED:
        return [f"{where}, whose answer cannot be compared. Look at another item."]
    return []


def _end_rules(
    stage: object, surveys: Mapping[str, Survey], asked: Mapping[str, Item], order: list[str], source: str
) -> Iterator[str]:
    if not isinstance(stage, SurveyDefinition) or stage.file not in surveys:
        return
    own = {item.id for item in surveys[stage.file].asked}
    for rule in stage.end_if:
        where = f"{source}, protocol, the stage {stage.id}, end_if"
        for name in rule.items:
            if "." in name:
                yield from _reference(
                    f"{where}: looks at {name}", name, asked, order[: order.index(stage.id)]
                )
            elif name not in own:
                yield f"{where}: looks at {name}, which it does not ask. It asks: {', '.join(sorted(own))}."


def _attention(survey: Survey, name: str) -> Iterator[str]:
    """Who reads finds the answer of a check among those that are offered; who does not, no way out."""
    for item in survey.items:
        if item.attention is None:
            continue
        where = f"{name}, the item {item.id}: a check of attention"
        points = points_of(item)
        if points is None:
            yield (
                f"{where} needs answers to choose from. Write it as a choice, like: "
                "options: [agree, disagree], attention: disagree"
            )
        elif item.attention not in points:
            known = ", ".join(str(point) for point in points)
            yield f"{where} waits for {item.attention}, which is none of its answers: {known}."
        elif item.kind == ItemKind.SCALE and len(points) % 2:
            yield (
                f"{where} on a scale with a middle is passed or failed by who did not decide. Take an even "
                "number of points, as recruiting services ask."
            )


def points_of(item: SurveyItem) -> list[str] | list[int] | None:
    """The answers that are offered; None where one writes one's own."""
    if item.options:
        return [option.value for option in item.options]
    if item.kind != ItemKind.SCALE:
        return None
    least, most = bounds_of(item)
    return list(range(int(least or 0), int(most or 0) + 1))


def _quiz(stage: object, surveys: Mapping[str, Survey], source: str) -> Iterator[str]:
    if not isinstance(stage, InstructionsDefinition) or stage.quiz is None or stage.quiz not in surveys:
        return
    if not any(item.right is not None for item in surveys[stage.quiz].items):
        yield (
            f"{source}, protocol, the stage {stage.id}: {stage.quiz} has no item with a right answer. "
            'Write it like: right: "true"'
        )
