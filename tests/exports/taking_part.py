"""Rows of participants of a study with a protocol: where they stand, what they agreed to and answered."""

import hashlib
import json
from typing import Any, Final

from study.assignment import (
    Assignment,
    AssignmentMethod,
    AssignmentPlan,
    LedgerRow,
    LedgerState,
    PlannedCondition,
    ledger_name,
    next_assignment,
    plan_to_json,
    seal,
)
from tests.exports.seed import FINGERPRINT, Row, Seed, at, id_of, order


def participation(seed: Seed, name: str, seconds: float, stage: str, visit: int, /, **columns: Any) -> str:
    """Where somebody stands in the protocol."""
    row: Row = {
        "participant_id": id_of(name),
        "study_id": "example",
        "study_fingerprint": FINGERPRINT,
        "stage_id": stage,
        "visit": visit,
        "attempt": 1,
        "began_at": at(seconds),
        "entered_at": columns.get("ended_at", at(seconds)),
        "seen_at": at(seconds),
        "attention_failed": 0,
    }
    seed.rows["participations"].append(row | columns)
    return id_of(name)


def stage_visit(seed: Seed, name: str, stage: str, visit: int, seconds: float, /, **columns: Any) -> str:
    """A page of the protocol that somebody left after a second."""
    row: Row = {
        "visit_id": id_of(f"{name} at {visit}"),
        "participant_id": id_of(name),
        "stage_id": stage,
        "kind": "survey",
        "visit": visit,
        "attempt": 1,
        "entered_at": at(seconds),
        "left_at": at(seconds + 1),
        "outcome": "passed",
    }
    seed.rows["stage_visits"].append(row | columns)
    return str(row["visit_id"])


def consent(seed: Seed, name: str, seconds: float, *, agrees: bool = True) -> str:
    """What somebody decided, at their first page."""
    ended = {} if agrees else {"outcome": "ended", "ending": "refused"}
    stage_visit(seed, name, "consent", 1, seconds, kind="consent", **ended)
    text = json.dumps({"text": "May we keep what you say?", "boxes": {"take_part": "Yes."}})
    text_hash = hashlib.sha256(text.encode()).hexdigest()
    shown = {"text_hash": text_hash, "version": "1"}
    if not seed.rows["consent_texts"]:
        seed.rows["consent_texts"].append(shown | {"text": text, "first_shown_at": at(seconds)})
    row: Row = {
        "consent_id": id_of(f"{name}'s consent"),
        "participant_id": id_of(name),
        "stage_id": "consent",
        "language": "en",
        "decision": "agreed" if agrees else "refused",
        "boxes": {"take_part": agrees},
        "shown_at": at(seconds),
        "decided_at": at(seconds + 1),
    }
    seed.rows["consents"].append(shown | row)
    return str(row["consent_id"])


def survey(
    seed: Seed, name: str, stage: str, visit: int, seconds: float, support: float, /, **columns: Any
) -> None:
    """A survey of a slider that was sent, or changed and left with another outcome."""
    label = "How far do you support it?"
    ends = {"least": 0, "most": 100, "low": "Not at all", "high": "Completely"}
    item = {"id": "support", "kind": "slider", "label": label, **ends}
    shown = {"id": stage, "language": "en", "items": [item]}
    stage_visit(seed, name, stage, visit, seconds, shown=shown, **columns)
    first: Row = {"participant_id": id_of(name), "stage_id": stage, "visit": visit, "item": "support"}
    change = {"change_id": id_of(f"{name}'s change at {visit}"), "seq": order(at(seconds + 0.5))}
    value = {"value": [str(support)], "changed_at": at(seconds + 0.5)}
    seed.rows["survey_changes"].append(first | change | value)
    if columns.get("outcome", "passed") != "passed":
        return
    row: Row = {
        "answer_id": id_of(f"{name}'s answer at {visit}"),
        "seq": order(at(seconds + 1)),
        "attempt": columns.get("attempt", 1),
        "survey": stage,
        "kind": "slider",
        "label": label,
        "position": 1,
        "state": "answered",
        "value": f"{support:g}",
        "number": support,
        "value_label": f"{support:g}",
        "answer": support,
        "changes": 1,
        "shown_at": at(seconds),
        "first_touched_at": at(seconds + 0.5),
        "sent_at": at(seconds + 1),
    }
    seed.rows["survey_answers"].append(first | row)


def whole_way(seed: Seed, name: str, seconds: float, condition: str, before: float, after: float) -> None:
    """Somebody from the consent to the code, who began the first survey anew, having been away."""
    consent(seed, name, seconds)
    survey(seed, name, "before", 2, seconds + 2, 99, outcome="restarted")
    survey(seed, name, "before", 3, seconds + 4, before, attempt=2)
    survey(seed, name, "after", 4, seconds + 6, after)
    ended = {"ending": "completed", "ended_at": at(seconds + 8), "usable": True}
    shown = {"code_shown_at": at(seconds + 9)}
    participation(seed, name, seconds, "after", 5, condition=condition, **ended, **shown)


SEED: Final = "the story's seed 3"
PLAN: Final = AssignmentPlan(
    AssignmentMethod.BLOCKS, (PlannedCondition("warm"), PlannedCondition("cold")), (2, 4), target=4
)


def ledger(seed: Seed, seconds: float, **told: Any) -> str:
    """The ledger that people are assigned by, with its seed."""
    kept: Row = {"seed_id": id_of("the seed"), "study_id": "example", "created_at": at(seconds)}
    seed.rows["seeds"].append(kept | {"seed": SEED, "seed_hash": seal(SEED), "sealed": True} | told)
    ledger_id = ledger_name("example", PLAN, seal(SEED))
    seed.rows["ledgers"].append(kept | {"ledger_id": ledger_id, "plan": plan_to_json(PLAN)})
    return ledger_id


def usable(seed: Seed, ledger_id: str, name: str, seconds: float) -> None:
    """Somebody is assigned to the next place, and fills it."""
    so_far = seed.rows["assignments"]
    columns = ("seq", "event", "place_id", "condition", "participant_id", "reason", "inputs", "draw")
    known = [LedgerRow(*(one[column] for column in columns)) for one in so_far]
    given = next_assignment(PLAN, SEED, LedgerState.of(known).standing("all"), "all")
    assert isinstance(given, Assignment)
    row: Row = {
        "ledger_id": ledger_id,
        "place_id": given.place.id,
        "condition": given.place.condition,
        "participant_id": id_of(name),
        "reason": "",
        "draw": "",
    }
    first = {"event": "assigned", "seq": given.seq, "inputs": dict(given.inputs), "living": False}
    then = {"event": "filled", "seq": given.seq + 1, "inputs": {}, "living": True}
    for at_, said in ((at(seconds), first), (at(seconds + 2), then)):
        named = {"assignment_id": id_of(f"{name} {said['event']}"), "created_at": at_}
        so_far.append(row | said | named)
