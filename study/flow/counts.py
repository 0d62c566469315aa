"""What became of everybody who came, as counts: each participant stands in exactly one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from study.protocol.definition import COMPLETED


@dataclass(frozen=True)
class StageFlow:
    """What became of those who entered a stage: they went on, stand there, or ended there.

    Args:
        stage_id: Which.
        kind: Of the stage.
        entered: Participants who came so far.
        went_on: To the next stage.
        here: Who stand there now.
        ended: Whose taking part ended there, by ending.
        median: Seconds that half of them took at most; None where nobody has left it.
        p90: Seconds that nine in ten took at most.
    """

    stage_id: str
    kind: str
    entered: int
    went_on: int
    here: int
    ended: Mapping[str, int]
    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True)
class Flow:
    """Everybody who came, each in exactly one place.

    Args:
        came: All of them.
        unopened: Who came in, and has opened no stage.
        withdrew: Who has withdrawn: at which stage is erased with the rest.
        elsewhere: Who stand or ended at a stage that the study has no more.
        stages: Each stage.
        endings: How taking part ended, of all of them.
        usable: Participants whose data are meant to be analysed.
        not_usable: Who have ended and are not.
        inattentive: Who failed an attention check.
        stop_at: Usable participants after whom nobody new comes in; None: there is no such number.
        simulated: Whether all these are simulated ones.
        left_out: Participants of the other sort.
        assigned: How many were assigned to a condition.
        assigned_at: On coming to which stage; "" where that is not known.
    """

    came: int
    unopened: int
    withdrew: int
    elsewhere: int
    stages: Sequence[StageFlow]
    endings: Mapping[str, int]
    usable: int
    not_usable: int
    inattentive: int
    stop_at: int | None = None
    simulated: bool = False
    left_out: int = 0
    assigned: int = 0
    assigned_at: str = ""

    @property
    def completed(self) -> int:
        """Who came to the end."""
        return self.endings.get(COMPLETED, 0)
