"""Agents that do not answer: what their models said, and what to change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.repairs import repair_of
from data_layer.review.overview import Overview


@dataclass(frozen=True, slots=True)
class Refused:
    """An agent whose replies failed at its model lately.

    Args:
        agent: As participants read it.
        model: The requested one.
        provider: Whose it is.
        failures: Replies that failed within the last seven days.
        in_a_row: Of them, those since the model last answered.
        since: The first of these; None where it answers again.
        last_at: The newest failure.
        kind: What it is called.
        said: The provider's or the client's words of it.
        repair: What to change.
    """

    agent: str
    model: str
    provider: str
    failures: int
    in_a_row: int
    since: datetime | None
    last_at: datetime
    kind: str
    said: str
    repair: str

    @property
    def goes_on(self) -> bool:
        """Whether it has not answered since."""
        return self.in_a_row > 0


def refused(found: Overview) -> Sequence[Refused]:
    """Those that do not answer first, then those that have answered again."""
    rows = [
        Refused(
            agent=row["agent"] or "An agent",
            model=row["gen_ai_request_model"],
            provider=row["gen_ai_provider_name"],
            failures=row["failures"],
            in_a_row=row["in_a_row"],
            since=row["since"],
            last_at=row["last_at"],
            kind=row["error_type"] or "",
            said=row["error_message"] or "",
            repair=repair_of(row["error_type"], row["error_message"]),
        )
        for row in found.refusals
    ]
    return sorted(rows, key=lambda one: not one.goes_on)
