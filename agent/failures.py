"""What went wrong with a model, in this project's terms: would trying again help?"""

from collections.abc import Mapping
from typing import Any, Final

from agent.provider_words import LONGEST_WORDS, provider_words
from study.errors import AgentError, AgentRefused, AgentUnavailable
from study.masking import masked
from study.text import beginning

LONGEST_MESSAGE: Final = 2_000  # some servers answer with a page of HTML

# Statuses below 500 that pass by themselves: time-out, conflict, too early, too many.
_PASSING: Final = frozenset({408, 409, 425, 429})
# Too many requests, but for good: the account has no money left.
_QUOTA: Final = "insufficient_quota"
_LONGEST_CODE: Final = 200


class Malformed(ValueError):
    """The server sent something that is not a chunk of a chat completion."""


class ProviderError(Exception):
    """The server says within its answer that something went wrong.

    Args:
        body: What it says, in whatever shape.
    """

    def __init__(self, body: Any) -> None:
        super().__init__(provider_words(body) or "the provider gave no reason")
        self.body = body

    @property
    def code(self) -> Any:
        """The provider's own name of it."""
        named = self.body if isinstance(self.body, Mapping) else {}
        return named.get("code") or named.get("type") or "provider_error"


def brief_failure(words: str, length: int) -> str:
    """The beginning of what somebody else says, without secrets.

    Masked before it is cut: of a key that the cut goes through, the first half would stand.

    Args:
        words: Theirs.
        length: How many characters there is room for.
    """
    return beginning(masked(words[:LONGEST_WORDS]), length)


def failure_of(error: Exception) -> AgentError:
    """Translate an error of the client, its connection or the server's answer.

    Args:
        error: What was raised. The client's errors carry `status_code` when the server answered with
            one, and `code` when its answer named one. What they say may repeat the API key.

    Returns:
        The error to raise, with the original as its cause; one of ours as it is.
    """
    if isinstance(error, AgentError):
        return error
    status = getattr(error, "status_code", None)
    code = getattr(error, "code", None)
    error_type = brief_failure(str(code or type(error).__name__), _LONGEST_CODE)
    refused = status is not None and status < 500 and (status not in _PASSING or code == _QUOTA)
    message = str(error) or "the server said nothing for too long"
    words = provider_words(getattr(error, "body", None))
    if status is not None and words not in message:
        # The client knows one shape of an error; of all others it says the status alone.
        message = f"Error code: {status} - {words}"
    if status is None and error.__cause__ is not None and str(error.__cause__) not in message:
        message = f"{message} {error.__cause__}".strip()  # "Connection error." alone says little
    kind = AgentRefused if refused else AgentUnavailable
    failure = kind(brief_failure(message, LONGEST_MESSAGE), error_type=error_type)
    failure.__cause__ = error
    return failure
