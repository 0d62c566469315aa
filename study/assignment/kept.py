"""A plan as JSON can hold it: a ledger is kept with the plan that its rows follow from."""

import json
from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256
from typing import Any

from study.assignment.conditions import PlannedCondition
from study.assignment.plan import AssignmentMethod, AssignmentPlan


def plan_to_json(plan: AssignmentPlan) -> dict[str, Any]:
    """Write a plan.

    Args:
        plan: One without complaints.
    """
    return {
        "method": plan.method.value,
        "conditions": [
            {"name": one.name, "weight": one.weight, "levels": dict(one.levels), "order": list(one.order)}
            for one in plan.conditions
        ],
        "lengths": list(plan.lengths),
        "strata": list(plan.strata),
        "target": plan.target,
        # As pairs: their order is that of the draws' inputs, and JSONB keeps none of an object's keys.
        "factors": [[name, str(weight)] for name, weight in plan.factors.items()],
        "probability": str(plan.probability),
        "urn": list(plan.urn),
    }


def plan_from_json(kept: Mapping[str, Any]) -> AssignmentPlan:
    """Read a plan again.

    Args:
        kept: As `plan_to_json` writes it.
    """
    return AssignmentPlan(
        AssignmentMethod(kept["method"]),
        tuple(
            PlannedCondition(one["name"], one["weight"], one["levels"], tuple(one["order"]))
            for one in kept["conditions"]
        ),
        tuple(kept["lengths"]),
        tuple(kept["strata"]),
        kept["target"],
        {name: Fraction(weight) for name, weight in kept["factors"]},
        Fraction(kept["probability"]),
        (kept["urn"][0], kept["urn"][1]),
    )


def ledger_name(study_id: str, plan: AssignmentPlan, seed_hash: str) -> str:
    """Name the ledger of a plan: another plan, or another seed, has another.

    Args:
        study_id: The study's.
        plan: Its plan.
        seed_hash: As `seal` gives it.

    Returns:
        A SHA-256.
    """
    told = json.dumps([study_id, plan_to_json(plan), seed_hash], sort_keys=True, ensure_ascii=False)
    return sha256(told.encode()).hexdigest()
