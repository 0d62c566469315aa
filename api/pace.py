"""How fast a participant may do something that costs more than a request: what is too fast is refused."""

import math

from api.context import ApiContext, SignedIn
from api.problem import ApiProblem
from study.pace import RateLimiter


def check_pace(
    context: ApiContext, who: SignedIn, pace: RateLimiter, detail: str, *, refused: str | None = None
) -> None:
    """See that a participant does something no faster than they may.

    Args:
        context: What the API stands on.
        who: Who does it.
        pace: How fast they may.
        detail: What is answered else; `{seconds}` in it is how long to wait.
        refused: What the record calls it; None where it keeps nothing of it.

    Raises:
        ApiProblem: They do.
    """
    if pace.allows(who.participant_id):
        return
    seconds = str(max(1, math.ceil(pace.wait_s(who.participant_id))))
    if refused is not None and context.told.allows(who.participant_id):
        context.record.refused(refused, "too much in a short time", who.participant_id)
    said = detail.replace("{seconds}", seconds)
    raise ApiProblem(429, "too_fast", said, headers={"Retry-After": seconds})
