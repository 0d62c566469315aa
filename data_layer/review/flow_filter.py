"""Which participants a number of the flow is about, as a question to the database."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, select

from data_layer.database import schema
from data_layer.people.participants import IMPORTED, SIMULATED

_PEOPLE: Final = schema.participants
_STANDING: Final = schema.participations
# Instead of an ending: taking part goes on, or has ended however it did.
UNDER_WAY: Final = "none"
ANY_ENDING: Final = "any"


@dataclass(frozen=True)
class FlowFilter:
    """What is asked of participants; what is left empty does not narrow.

    Args:
        opened: "yes": who has opened a stage; "no": who has come in and opened none.
        stages: They stand, or ended, at one of these.
        ending: How taking part ended; or UNDER_WAY, or ANY_ENDING.
        usable: "yes" or "no", of those who have ended.
        inattentive: Whether only those who failed an attention check.
        simulated: "yes" or "no".
        condition: Theirs; only whoever sees conditions may ask.
    """

    opened: str = ""
    stages: tuple[str, ...] = ()
    ending: str = ""
    usable: str = ""
    inattentive: bool = False
    simulated: str = ""
    condition: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is asked."""
        return self != FlowFilter()


def flow_conditions(asked: FlowFilter) -> list[ColumnElement[bool]]:
    """The same in SQL. Who was imported is in no number, who has withdrawn in none but their own."""
    if not asked.narrows:
        return []
    found = [_PEOPLE.c.source != IMPORTED]
    if asked.simulated:
        is_it = _PEOPLE.c.source == SIMULATED
        found.append(is_it if asked.simulated == "yes" else ~is_it)
    here: list[ColumnElement[bool]] = []
    if asked.stages:
        here.append(_STANDING.c.stage_id.in_(asked.stages))
    if asked.ending:
        here.append(_ended_as(asked.ending))
    if asked.usable:
        not_usable = and_(_STANDING.c.ending.is_not(None), _STANDING.c.usable.is_not(True))
        here.append(_STANDING.c.usable.is_(True) if asked.usable == "yes" else not_usable)
    if asked.inattentive:
        here.append(_STANDING.c.attention_failed > 0)
    if asked.condition:
        here.append(_STANDING.c.condition == asked.condition)
    if here or asked.opened:
        gone = schema.withdrawals
        theirs = _STANDING.c.participant_id == _PEOPLE.c.participant_id
        standing = select(_STANDING.c.participant_id).where(theirs, *here).correlate(_PEOPLE).exists()
        left = select(gone.c.participant_id).where(gone.c.participant_id == _PEOPLE.c.participant_id)
        found += [~standing if asked.opened == "no" else standing, ~left.correlate(_PEOPLE).exists()]
    return found


def _ended_as(ending: str) -> ColumnElement[bool]:
    if ending == UNDER_WAY:
        return _STANDING.c.ending.is_(None)
    return _STANDING.c.ending.is_not(None) if ending == ANY_ENDING else _STANDING.c.ending == ending
