"""What went wrong with a model, in this project's terms: would trying again help?"""

from typing import Final

from study.errors import AgentError, AgentRefused, AgentUnavailable

LONGEST_MESSAGE: Final = 2_000  # some servers answer with a page of HTML

# Statuses below 500 that pass by themselves: time-out, conflict, too early, too many.
_PASSING: Final = frozenset({408, 409, 425, 429})
# Too many requests, but for good: the account has no money left.
_QUOTA: Final = "insufficient_quota"


class Malformed(ValueError):
    """The server sent something that is not a chunk of a chat completion."""


def failure_of(error: Exception, *, secret: str) -> AgentError:
    """Translate an error of the client, its connection or the server's answer.

    Args:
        error: What was raised. The client's errors carry `status_code` when the server answered with
            one, and `code` when its answer named one.
        secret: The API key, which some servers repeat in their messages.

    Returns:
        The error to raise, with the original as its cause.
    """
    status = getattr(error, "status_code", None)
    code = getattr(error, "code", None)
    error_type = code or type(error).__name__
    refused = status is not None and status < 500 and (status not in _PASSING or code == _QUOTA)
    message = str(error) or "the server said nothing for too long"
    if status is None and error.__cause__ is not None:
        message = f"{message} {error.__cause__}".strip()  # "Connection error." alone says little
    message = message.replace(secret, "***")[:LONGEST_MESSAGE]
    failure = (AgentRefused if refused else AgentUnavailable)(message, error_type=error_type)
    failure.__cause__ = error
    return failure
