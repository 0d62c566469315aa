"""The paragraph of methods that follows from the record; what only its author knows is marked."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from exports.assignment.kept import KeptLedger
from exports.report.counted import CountedStudy
from study.assignment import AssignmentMethod

TO_WRITE: Final = "**To be written.**"


def methods_md(study: CountedStudy, revealed: Collection[str]) -> bytes:
    """Write it.

    Args:
        study: The numbers.
        revealed: The ledgers whose seed lies in the export.
    """
    parts = [
        "# Methods, as far as the record says them\n",
        " ".join(_participants(study)),
        *(" ".join(_assignment(study, one, one.ledger_id in revealed)) for one in study.ledgers),
        *([_arms(study)] if study.arms else []),
        " ".join(_models(study)),
        f"Question, measures, analyses: {TO_WRITE}",
        "Numbers are those of the tables of this export, as in `flow.csv` and `models.csv`.",
    ]
    return ("\n\n".join(part for part in parts if part) + "\n").encode()


def _participants(study: CountedStudy) -> Iterator[str]:
    flow = study.flow
    days = f"On {study.first}" if study.first == study.last else f"Between {study.first} and {study.last}"
    yield f"{days} (UTC) {_people(flow.came)} came."
    for (version, decision), count in sorted(study.consents.items()):
        yield f"Of the consent's version {version}, {count:,} {decision}."
    if flow.unopened:
        yield f"{flow.unopened:,} opened no page of the study."
    if flow.withdrew:
        yield f"{flow.withdrew:,} withdrew, and their data were erased."
    yield f"Taking part ended as: {counts(flow.endings) or 'nobody has ended yet'}."
    if inside := sum(stage.here for stage in flow.stages):
        yield f"{inside:,} were still taking part."
    reasons = f"; {flow.not_usable:,} who ended do not ({counts(study.why_not)})" if study.why_not else ""
    yield f"{_people(flow.usable)} count for the analysis{reasons}."
    if flow.inattentive:
        yield f"{_people(flow.inattentive)} failed a check of attention."


def _assignment(study: CountedStudy, ledger: KeptLedger, is_revealed: bool) -> Iterator[str]:
    plan = ledger.plan
    conditions = ", ".join(
        f"{one.name} ({one.weight})" if len(set(plan.weights.values())) > 1 else one.name
        for one in plan.conditions
    )
    where = f" on coming to the stage {study.flow.assigned_at}" if study.flow.assigned_at else ""
    yield f"Participants were assigned{where} to one of {len(plan.conditions)} conditions ({conditions})"
    yield {
        AssignmentMethod.SIMPLE: "by independent draws.",
        AssignmentMethod.BLOCKS: f"in blocks of {_listed(plan.lengths)}, each length being drawn.",
        AssignmentMethod.MINIMISE: f"by minimisation over {', '.join(plan.factors)}, the condition that "
        f"balances best being taken with a probability of {float(plan.probability):g}.",
        AssignmentMethod.URN: f"by the urn design UD({plan.urn[0]}, {plan.urn[1]}).",
    }[plan.method]
    if len(plan.strata) > 1:
        yield f"Each of {len(plan.strata)} strata had blocks of its own ({', '.join(plan.strata)})."
    if plan.target is not None:
        yield f"The target was {plan.target:,} in each condition, for each one of its weight."
    if plan.method.has_places:
        yield "Places that somebody left were given to the next who came."
    known = "which the folder `assignment` shows" if is_revealed else "known to nobody before the study's end"
    yield f"It follows from a seed, {known}; the seed's SHA-256 is `{ledger.seed_hash}`."


def _arms(study: CountedStudy) -> str:
    told = [f"{name}: {arm.assigned:,} assigned, {arm.usable:,} usable" for name, arm in study.arms.items()]
    return f"{'; '.join(told)}. Dropout by condition: {study.dropout.sentence}"


def _models(study: CountedStudy) -> Iterator[str]:
    if not study.models:
        yield "No language model was asked."
        return
    served: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    for one in study.models:
        served.setdefault((one.provider, one.asked, one.served), []).append((one.day, one.calls))
    yield "Language models:"
    for (provider, asked, answered), days in served.items():
        dates = days[0][0] if len(days) == 1 else f"{days[0][0]} to {days[-1][0]}"
        as_served = f"served as {answered}" if answered else "the provider does not say as what"
        calls = sum(number for _, number in days)
        who = f"{asked or 'a model'} ({provider or 'provider not known'}, {as_served}"
        yield f"{who}; {dates}, {calls:,} calls)."
    for parameters, count in sorted(study.parameters.items()):
        yield f"{count:,} calls were sent with {_said(parameters)}."
    yield f"{study.prompts:,} different prompts were sent; the table `prompts` has each in full."


def counts(numbers: Mapping[str, int]) -> str:
    """Several counts in a line: "completed 12, timed_out 3"."""
    return ", ".join(f"{name} {count:,}" for name, count in numbers.items())


def _people(count: int) -> str:
    return f"{count:,} participant{'' if count == 1 else 's'}"


def _listed(lengths: tuple[int, ...]) -> str:
    return " or ".join(map(str, lengths))


def _said(parameters: str) -> str:
    told = json.loads(parameters)
    return (
        ", ".join(f"{name} {json.dumps(value)}" for name, value in told.items())
        or "the provider's own parameters"
    )
