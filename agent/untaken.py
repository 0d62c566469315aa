"""What a model does not take of what is sent with each request, learned from its refusals.

A model says in its first refusal what it wants otherwise, and each reply after it is asked so at once,
for as long as the process lives. What a study chose on purpose is never left out: only its limit of
tokens goes under the other of its two names, and our own wish to have tokens counted is given up.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from agent.provider_words import provider_words
from study.agent_definitions import Parameters

# Under which name it is sent instead; None to leave it out.
INSTEAD: Final[Mapping[str, str | None]] = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
    "stream_options": None,
}
# Every parameter that a refusal may be about: a study's, and our own.
NAMES: Final = (*Parameters.model_fields, "stream_options", "stream")
# What servers answer a parameter with that they do not take.
STATUSES: Final = frozenset({400, 422})
# Of the parameter itself or of its value; never of a value that is only too large.
_NOT_TAKEN: Final = re.compile(
    r"not support|unsupported|unrecognized|unknown|unexpected|not permitted|not allowed|extra_forbidden"
    r"|only the default",
    re.IGNORECASE,
)


def refused_parameter(error: BaseException) -> str | None:
    """Name the parameter that a model does not take.

    Args:
        error: What the client raised: with `status_code`, where the server answered with one, and `param`,
            where its answer named one.

    Returns:
        The parameter, or None when the error is about something else.
    """
    if getattr(error, "status_code", None) not in STATUSES:
        return None
    # The client's own sentence has the words of one shape of an error, and for others its status alone.
    named = [getattr(error, name, "") for name in ("param", "code")]
    return parameter_in(f"{named[0]} {error} {named[1]} {provider_words(getattr(error, 'body', None))}")


def parameter_in(words: str) -> str | None:
    """Name the parameter that these words of a server refuse; None where they refuse none that we know."""
    if not _NOT_TAKEN.search(words):
        return None
    # "'max_tokens' is not supported ... Use 'max_completion_tokens' instead": the first is meant.
    found = [(match.start(), name) for name in NAMES if (match := re.search(rf"\b{name}\b", words))]
    return min(found)[1] if found else None


class Untaken:
    """What of an agent's parameters its model does not take.

    Args:
        wanted: What is to be sent, under the API's names.
    """

    def __init__(self, wanted: Mapping[str, Any]) -> None:
        self._wanted = dict(wanted)
        self._refused: list[str] = []

    @property
    def sent(self) -> dict[str, Any]:
        """What is sent, as far as is known by now."""
        sent = dict(self._wanted)
        for name in self._refused:
            value, instead = sent.pop(name), INSTEAD[name]
            if instead is not None:
                sent[instead] = value
        return sent

    @property
    def details(self) -> dict[str, Any]:
        """For a call's row: each parameter that is sent otherwise than the study says, and how."""
        said = {name: f"sent as {INSTEAD[name]}" if INSTEAD[name] else "left out" for name in self._refused}
        return {"not_taken": said} if said else {}

    def learn(self, error: BaseException, sent: Mapping[str, Any]) -> bool:
        """Learn from a refusal.

        Args:
            error: As for `refused_parameter`.
            sent: What the request that was refused held.

        Returns:
            Whether asking again would send something else.
        """
        name = refused_parameter(error)
        if name is None or name not in INSTEAD or name not in sent:
            return False
        if name in self._wanted and name not in self._refused and INSTEAD[name] not in self._wanted:
            self._refused.append(name)
        return self.sent != dict(sent)
