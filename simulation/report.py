"""What a simulation measured and saw."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from simulation.screen import ShownMessage
from study.errors import SimulationError

FAULTS_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Turn:
    """One participant message and how it was answered.

    Args:
        participant: The name that was logged in with.
        thread_id: Where it was said.
        message_id: Its own id.
        sent_at: Seconds since the simulation began.
        first_token_s: From sending it to the first thing said in reply; None when nothing was.
        reply_s: From sending it until the input was allowed again.
        clean: Whether it went through at once: not sent again, not asked for again.
    """

    participant: str
    thread_id: str
    message_id: str
    sent_at: float
    first_token_s: float | None
    reply_s: float
    clean: bool


@dataclass(frozen=True, slots=True)
class SimulatedForm:
    """A form that a participant has sent, and that the server has said is kept.

    Args:
        thread_id: Where it was asked.
        form_id: Which.
        message_id: The message that says its answers.
        values: By item.
        refusals: How often answers were refused before.
    """

    thread_id: str
    form_id: str
    message_id: str
    values: dict[str, Any]
    refusals: int


@dataclass
class Report:
    """Everything that the participants measured, saw and complained of.

    Args:
        participants: How many took part.
        turns: Their messages, in the order in which the replies ended.
        logins_s: How long each log-in took.
        reads_s: How long each of the page's reads took.
        opens_s: How long each connection took until the server was through with it.
        reconnects: Connections that were made again after one was lost.
        sent_again: Messages that the server did not know after a reconnect.
        asked_again: Replies that were asked for by the page's Retry.
        forms: Those that were sent, in the order in which their replies ended.
        offers: Of each intent that was offered, whether it was gone on with.
        faults: What broke a promise, such as a message that was gone although its reply had begun.
        errors: Participants who gave up, and what each waited for.
        seen: What stood on the screen at the end of each thread.
        owners: Who each thread belongs to.
        longest_pause_s: The longest time in which this process did not look after its
            participants; a long one means that the generator was overloaded, not the server.
        held_back_s: How long participants have waited in all, so as to send and open no more than the
            page takes from one.
        duration_s: From the first participant's log-in to the last one's end.
    """

    participants: int
    turns: list[Turn] = field(default_factory=list)
    logins_s: list[float] = field(default_factory=list)
    reads_s: list[float] = field(default_factory=list)
    opens_s: list[float] = field(default_factory=list)
    reconnects: int = 0
    sent_again: int = 0
    asked_again: int = 0
    forms: list[SimulatedForm] = field(default_factory=list)
    offers: list[bool] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seen: dict[str, tuple[ShownMessage, ...]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    longest_pause_s: float = 0.0
    held_back_s: float = 0.0
    duration_s: float = 0.0

    def raise_for_errors(self) -> None:
        """Make an end of it when somebody gave up or a promise was broken.

        Raises:
            SimulationError: Naming the first of them.
        """
        troubles = [*self.errors, *self.faults]
        if troubles:
            shown = "\n".join(f"- {trouble}" for trouble in troubles[:FAULTS_SHOWN])
            raise SimulationError(f"{len(troubles)} things went wrong in the simulation:\n{shown}")


def quantile(values: Iterable[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of the values do not exceed.

    Args:
        values: In any order.
        share: Between 0 and 1, such as 0.95.

    Returns:
        One of the values (nearest rank, nothing interpolated); None when there are none.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    rank = max(1, -(-len(ordered) * round(share * 1000) // 1000))
    return ordered[rank - 1]
