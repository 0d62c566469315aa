"""Who gets which condition: places from a seed, draws by SHA-256, a ledger that can be replayed.

Plain functions without a database and without a clock. See docs/explanation/assignment.md.
"""

from study.assignment.assigning import Assignment, NoPlace, next_assignment
from study.assignment.conditions import PlannedCondition, crossed, strata_of, stratum_of, with_orders
from study.assignment.draws import exact
from study.assignment.dropout import Dropout, dropout_by_condition
from study.assignment.kept import ledger_name, plan_from_json, plan_to_json
from study.assignment.ledger import LedgerEvent, LedgerRow, OpenedBecause
from study.assignment.orders import OrderKind, orders_of
from study.assignment.places import AssignmentPlace, block_of
from study.assignment.plan import AssignmentMethod, AssignmentPlan, PlanComplaint, complaints_of, plan_rows
from study.assignment.replay import differing_places, replay, replay_script
from study.assignment.seeds import is_of, new_seed, seal
from study.assignment.state import LedgerStanding, LedgerState, OpenPlace
from study.assignment.turns import TurnLevel, level_of_turn

__all__ = [
    "Assignment",
    "AssignmentMethod",
    "AssignmentPlace",
    "AssignmentPlan",
    "Dropout",
    "LedgerEvent",
    "LedgerRow",
    "LedgerStanding",
    "LedgerState",
    "NoPlace",
    "OpenPlace",
    "OpenedBecause",
    "OrderKind",
    "PlanComplaint",
    "PlannedCondition",
    "TurnLevel",
    "block_of",
    "complaints_of",
    "crossed",
    "differing_places",
    "dropout_by_condition",
    "exact",
    "is_of",
    "ledger_name",
    "level_of_turn",
    "new_seed",
    "next_assignment",
    "orders_of",
    "plan_from_json",
    "plan_rows",
    "plan_to_json",
    "replay",
    "replay_script",
    "seal",
    "strata_of",
    "stratum_of",
    "with_orders",
]
