"""How often an address and a name may try to come in."""

from typing import Final

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute

from data_layer.people.guesses import GuessLimit
from web.rate_limit import RateLimit

GUESSES_A_NAME: Final = 5
# Researchers are few: a lab behind one router is one address.
ATTEMPTS_AN_ADDRESS: Final = 30
# Three codes of a million are right at a moment: at five a minute, one guess of fifty a day would hit for
# whoever has the password; at twenty an hour, one of seven hundred.
CODES_AN_HOUR: Final = 20


class SignInThrottle:
    """Counts attempts of the last minute, and of codes in the last hour, in this process."""

    def __init__(self) -> None:
        self._limit = RateLimit()
        self._address = RateLimitItemPerMinute(ATTEMPTS_AN_ADDRESS, namespace="research address")
        self._name = RateLimitItemPerMinute(GUESSES_A_NAME, namespace="research name")
        self._code = RateLimitItemPerMinute(GUESSES_A_NAME, namespace="research code")
        self._codes = RateLimitItemPerHour(CODES_AN_HOUR, namespace="research codes")

    def wait_s(self, address: str, name_key: str) -> int:
        """Count an attempt, before its password is compared: many at once are as many as one by one.

        Returns:
            How many seconds to wait; 0 when the attempt may be made.
        """
        return self._limit.wait_s((self._address, address), (self._name, name_key))

    def guesses_of(self, address: str, name_key: str) -> tuple[GuessLimit, ...]:
        """The same limits, as all processes together count them."""
        return self._shared((self._address, address), (self._name, name_key))

    def codes_of(self, researcher_id: str) -> tuple[GuessLimit, ...]:
        """Those of one-time codes likewise."""
        return self._shared((self._code, researcher_id), (self._codes, researcher_id))

    def _shared(self, *limits: tuple[RateLimitItem, str]) -> tuple[GuessLimit, ...]:
        return tuple(GuessLimit(one.namespace, whose, one.amount, one.get_expiry()) for one, whose in limits)

    def forget(self, name_key: str) -> None:
        """Forget a name's attempts: who knows the password does not guess."""
        self._limit.forget(self._name, name_key)

    def wait_for_code_s(self, address: str, researcher_id: str) -> int:
        """The same for a one-time code; a right password does not set it back, only a right code does."""
        return self._limit.wait_s(
            (self._address, address), (self._code, researcher_id), (self._codes, researcher_id)
        )

    def forget_codes(self, researcher_id: str) -> None:
        """Forget a researcher's attempts at codes."""
        for limit in (self._code, self._codes):
            self._limit.forget(limit, researcher_id)
