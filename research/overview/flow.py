"""The flow of participants through the protocol, as reports of trials draw it, and what goes beside it.

Reports show how many came, how many left at which step and why, and how many are analysed (CONSORT 2010,
K. F. Schulz, D. G. Altman & D. Moher, BMJ 340, 2010, c332).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from data_layer.database.rows import Row
from data_layer.review.flow import FlowRows
from study.assignment import AssignmentPlan, Dropout, dropout_by_condition
from study.flow.counts import Flow, StageFlow
from study.protocol.definition import COMPLETED, Protocol

LIST: Final = "/research/participants"


@dataclass(frozen=True)
class RoomFlow(Flow):
    """The flow with the lists that its numbers lead to."""

    def address(self, **asked: str) -> str:
        """The list of the participants of a number."""
        # Of who has withdrawn it is not known whether they were simulated.
        sort = {} if "standing" in asked else {"simulated": "yes" if self.simulated else "no"}
        return f"{LIST}?{urlencode({**asked, **sort})}"


@dataclass(frozen=True)
class ConditionFlow:
    """What became of those of one condition."""

    condition: str
    assigned: int
    under_way: int
    endings: Mapping[str, int]
    usable: int


@dataclass(frozen=True)
class PlacesOf:
    """The places of one condition."""

    condition: str
    wanted: int
    held: int
    filled: int

    @property
    def open(self) -> int:
        """Those that nobody holds or has filled. More than are wanted may be held: some will leave."""
        return max(0, self.wanted - self.held - self.filled)


@dataclass(frozen=True)
class ByCondition:
    """The conditions beside each other.

    Args:
        conditions: Each, in the study's order.
        endings: Of any of them.
        dropout: Whether people left more often in one.
        places: Of each; none where nobody is assigned.
    """

    conditions: Sequence[ConditionFlow]
    endings: Sequence[str] = field(default_factory=tuple)
    dropout: Dropout = field(default_factory=lambda: dropout_by_condition({}))
    places: Sequence[PlacesOf] = ()


def flow_of(protocol: Protocol, found: FlowRows, *, simulated: bool = False) -> RoomFlow:
    """Add up where participants stand.

    Args:
        protocol: Of the study.
        found: As they were counted.
        simulated: Whether simulated participants are shown; else all others are.
    """
    rows = _of(found.standings, simulated)
    inside = [row for row in rows if not row["withdrawn"]]
    opened = [row for row in inside if row["stage_id"] is not None]
    known = {stage.id for stage in protocol.stages}
    return RoomFlow(
        came=_sum(rows),
        unopened=_sum(row for row in inside if row["stage_id"] is None),
        withdrew=_sum(row for row in rows if row["withdrawn"]),
        elsewhere=_sum(row for row in opened if row["stage_id"] not in known),
        stages=_stages(protocol, opened, found.minutes, simulated),
        endings=_endings(opened),
        usable=_sum(row for row in opened if row["usable"]),
        not_usable=_sum(row for row in opened if row["ending"] is not None and not row["usable"]),
        inattentive=_sum(row for row in opened if row["inattentive"]),
        stop_at=protocol.recruit.stop_at,
        simulated=simulated,
        left_out=_sum(found.standings) - _sum(rows),
    )


def by_condition(
    protocol: Protocol, found: FlowRows, *, simulated: bool = False, plan: AssignmentPlan | None = None
) -> ByCondition:
    """Put the conditions beside each other: for whoever may see who is in which.

    Args:
        protocol: Of the study; it has conditions.
        found: As they were counted.
        simulated: Whether simulated participants are shown. Places are everybody's.
        plan: How conditions are assigned; None where nobody is.
    """
    goals = (plan.goals or {}) if plan is not None else {}
    rows = [row for row in _of(found.standings, simulated) if row["condition"] and not row["withdrawn"]]
    written = protocol.conditions.names if protocol.conditions is not None else ()
    names = tuple(dict.fromkeys((*written, *(row["condition"] for row in rows))))
    conditions, left = [], {}
    for name in names:
        own = [row for row in rows if row["condition"] == name]
        ended = _endings(own)
        inside = _sum(row for row in own if row["ending"] is None)
        conditions.append(
            ConditionFlow(name, _sum(own), inside, ended, _sum(row for row in own if row["usable"]))
        )
        left[name] = (sum(ended.values()) - ended.get(COMPLETED, 0), sum(ended.values()))
    endings = tuple(_endings(rows))
    return ByCondition(conditions, endings, dropout_by_condition(left), _places(goals, found.places))


def _places(goals: Mapping[str, int], places: Sequence[Row]) -> list[PlacesOf]:
    def of(condition: str, *, filled: bool) -> int:
        own = (row for row in places if row["condition"] == condition and bool(row["filled"]) is filled)
        return sum(row["places"] for row in own)

    return [
        PlacesOf(condition, wanted, of(condition, filled=False), of(condition, filled=True))
        for condition, wanted in goals.items()
    ]


def _stages(
    protocol: Protocol, opened: Sequence[Row], minutes: Sequence[Row], simulated: bool
) -> list[StageFlow]:
    times = {row["stage_id"]: row for row in _of(minutes, simulated)}
    stages: list[StageFlow] = []
    further = 0
    # From the last one on: who stands at a stage has entered all before it.
    for stage in reversed(protocol.stages):
        own = [row for row in opened if row["stage_id"] == stage.id]
        took = times.get(stage.id, {})
        stages.append(
            StageFlow(
                stage.id,
                stage.kind,
                entered=further + _sum(own),
                went_on=further,
                here=_sum(row for row in own if row["ending"] is None),
                ended=_endings(own),
                median=took.get("median"),
                p90=took.get("p90"),
            )
        )
        further += _sum(own)
    return stages[::-1]


def _of(rows: Iterable[Row], simulated: bool) -> list[Row]:
    return [row for row in rows if bool(row["simulated"]) is simulated]


def _sum(rows: Iterable[Row]) -> int:
    return sum(row["participants"] for row in rows)


def _endings(rows: Iterable[Row]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for row in rows:
        if row["ending"] is not None:
            counts[row["ending"]] += row["participants"]
    return dict(sorted(counts.items(), key=lambda pair: (pair[0] != COMPLETED, -pair[1], pair[0])))
