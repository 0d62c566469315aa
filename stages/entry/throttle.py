"""How often one address and one name may try to come in.

An address may be a whole school behind one router, so it is given much; a name is one person, and a
guessed code or password is tried often or not at all.
"""

from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from starlette.requests import Request

from data_layer.people.guesses import GuessLimit
from stages.entry.refusals import EntryRefused
from web.rate_limit import RateLimit, address_of

ATTEMPTS_A_NAME: Final = 10
GUESSES_A_NAME: Final = 5


class EntryThrottle:
    """Counts attempts of the last minute, in this process.

    Args:
        per_address: How many attempts one address has in a minute.
    """

    def __init__(self, per_address: int) -> None:
        self._limit = RateLimit()
        self._address = RateLimitItemPerMinute(per_address, namespace="address")
        self._name = RateLimitItemPerMinute(ATTEMPTS_A_NAME, namespace="name")
        self._guess = RateLimitItemPerMinute(GUESSES_A_NAME, namespace="guess")

    def by_address(self, request: Request) -> None:
        """Count an attempt of an address.

        Raises:
            EntryRefused: It had too many.
        """
        self._count(self._address, address_of(request))

    def by_name(self, key: str) -> None:
        """Count an attempt under a name, by who has not shown that it is theirs.

        Raises:
            EntryRefused: There were too many.
        """
        self._count(self._name, key)

    def guess(self, key: str) -> None:
        """Count a code or password, before it is compared: many at once are as many as one by one.

        Raises:
            EntryRefused: There were too many.
        """
        self._count(self._guess, key, wants_code=True)

    def guessed_right(self, key: str) -> None:
        """Forget the guesses: who knows it does not guess."""
        self._limit.forget(self._guess, key)

    def guesses_of(self, key: str) -> GuessLimit:
        """The same limit, as all processes together count it."""
        return GuessLimit(self._guess.namespace, key, GUESSES_A_NAME, self._guess.get_expiry())

    def _count(self, limit: RateLimitItem, key: str, *, wants_code: bool = False) -> None:
        if seconds := self._limit.wait_s((limit, key)):
            raise too_many(seconds, wants_code=wants_code)


def too_many(seconds: int, *, wants_code: bool = False) -> EntryRefused:
    """Make the refusal of who has tried too often.

    Args:
        seconds: How long they are to wait.
        wants_code: Whether the form asks for a code.
    """
    return EntryRefused(
        429, "entry.too_many", wants_code=wants_code, headers={"Retry-After": str(seconds)}, seconds=seconds
    )
