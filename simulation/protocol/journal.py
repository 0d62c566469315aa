"""What one simulated participant did and saw on the way through a protocol."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from simulation.protocol.tempers import Temper

# How fast people read, in words a minute: 238 for English in a meta-analysis of 190 studies
# (Brysbaert 2019, https://doi.org/10.1016/j.jml.2019.104047); a little slower, for texts to agree to.
WORDS_A_MINUTE: Final = 220
# How long a turn takes that is read and written by a person: a guess that the report names as one.
TURN_S: Final = 40


@dataclass
class StageSeen:
    """A visit of a stage.

    Args:
        stage: Its id; that of a chat is not on its page, and stands as `chat`.
        visit: Which page of theirs it was.
        words: Words that stood there.
        turns: Messages that they wrote.
        sent: The fields that were taken.
        refusals: How often something was wrong.
        thread_id: Of a chat.
        said: Ids and words of the messages that were answered.
    """

    stage: str
    visit: str
    words: int = 0
    turns: int = 0
    sent: Sequence[tuple[str, str]] = ()
    refusals: int = 0
    thread_id: str = ""
    said: list[tuple[str, str]] = field(default_factory=list)

    @property
    def minutes(self) -> float:
        """How long a person would take at the least: what is read, and forty seconds a turn."""
        return self.words / WORDS_A_MINUTE + self.turns * TURN_S / 60


@dataclass
class WalkJournal:
    """One participant's way.

    Args:
        name: They came in under.
        temper: Theirs.
        visits: In their order.
        code: That was shown at the end, where one was.
        has_ended: Whether they saw the page of an ending.
        has_left: Whether they went away by themselves.
        is_out: Whether they were signed out, as who withdraws.
        complaints: What no participant should have met.
        again: Requests that were made again while the server was away.
    """

    name: str
    temper: Temper
    visits: list[StageSeen] = field(default_factory=list)
    code: str | None = None
    has_ended: bool = False
    has_left: bool = False
    is_out: bool = False
    complaints: list[str] = field(default_factory=list)
    again: int = 0
