"""What a study file says of its assignment, as study/assignment takes it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from study.assignment import (
    AssignmentMethod,
    AssignmentPlan,
    OpenedBecause,
    PlannedCondition,
    exact,
    strata_of,
    stratum_of,
)
from study.forms.item import OTHER, Item, ItemKind
from study.protocol.conditions import AssignRule
from study.protocol.definition import COMPLETED, TIMED_OUT, WITHDREW, Protocol
from study.protocol.stages import ChatDefinition, ConsentDefinition, SurveyDefinition
from study.protocol.surveys import Survey

_YES_NO: Final = ("yes", "no")


def makes_groups(item: Item) -> bool:
    """Whether everybody gives one of few answers to it, so that each is a group."""
    return item.kind in {ItemKind.CHOICE, ItemKind.YES_NO} and item.required is True and item.show_if is None


def plan_of(protocol: Protocol, surveys: Mapping[str, Survey]) -> AssignmentPlan | None:
    """Make the plan; None where nothing is assigned.

    Args:
        protocol: The study's.
        surveys: The files that it names, read.
    """
    rule, conditions = protocol.assign, protocol.conditions
    if rule is None or conditions is None:
        return None
    planned = tuple(
        PlannedCondition(name, rule.weights.get(name, 1), conditions.levels_of(name))
        for name in conditions.names
    )
    groups = {reference: _answers_of(protocol, surveys, reference) for reference in rule.within}
    plan = AssignmentPlan(
        AssignmentMethod(rule.method),
        planned,
        rule.lengths,
        strata_of(groups),
        rule.target,
        {name: exact(weight) for name, weight in rule.factors.items()},
        exact(rule.probability),
        (rule.urn.alpha, rule.urn.beta),
    )
    if plan.method is AssignmentMethod.BLOCKS and not plan.lengths:
        whole = sum(plan.weights.values())
        return replace(plan, lengths=(2 * whole, 4 * whole))
    return plan


def group_of(rule: AssignRule, answers: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Say where somebody belongs.

    Args:
        rule: The study's.
        answers: Theirs, by stage and item.

    Returns:
        Their stratum, and their level of each factor.

    Raises:
        KeyError: One of the items was not answered.
    """
    said = {reference: _level(answers[reference]) for reference in rule.looked_at}
    return stratum_of(rule.within, said), {reference: said[reference] for reference in rule.factors}


def fills(rule: AssignRule, ending: str, usable: bool) -> bool:
    """Whether somebody who ends so fills their place for good."""
    if rule.filled_by == "usable":
        return usable
    return rule.filled_by == "started" or ending == COMPLETED


def opened_because(protocol: Protocol, ending: str) -> OpenedBecause:
    """Why the place of somebody who ended so, and does not fill it, is open again."""
    stages = protocol.stages
    technical = {one.on_failure for one in stages if isinstance(one, ChatDefinition)}
    screened = {rule.ending for one in stages if isinstance(one, SurveyDefinition) for rule in one.end_if}
    refused = {one.otherwise for one in stages if isinstance(one, ConsentDefinition)}
    if ending == TIMED_OUT:
        return OpenedBecause.TIMED_OUT
    if ending == WITHDREW or ending in refused:
        return OpenedBecause.WITHDREW
    if ending in technical:
        return OpenedBecause.TECHNICAL
    return OpenedBecause.SCREENED_OUT if ending in screened else OpenedBecause.FAILED


def _answers_of(protocol: Protocol, surveys: Mapping[str, Survey], reference: str) -> tuple[str, ...]:
    stage_id, _, name = reference.partition(".")
    stage = protocol.stage(stage_id)
    items = surveys[stage.file].items if isinstance(stage, SurveyDefinition) else ()
    item = next(one for one in items if one.id == name)
    if item.kind is ItemKind.YES_NO:
        return _YES_NO
    return (*(option.value for option in item.options), *((OTHER,) if item.other else ()))


def _level(answer: Any) -> str:
    if isinstance(answer, bool):
        return _YES_NO[0] if answer else _YES_NO[1]
    return str(answer)
