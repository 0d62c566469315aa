"""One-time codes: RFC 6238 as every authenticator app speaks it (SHA-1, 6 digits, 30 seconds)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP_S: Final = 30
DIGITS: Final = 6
# A clock that is half a minute off, or a code that was typed slowly: RFC 6238, section 5.2.
DRIFT: Final = 1
# RFC 4226, section 4, R6: 160 bits are recommended.
_SECRET_BYTES: Final = 20


def new_secret() -> str:
    """A secret, in base32 as apps read it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def time_step_of(moment: datetime) -> int:
    """The time step that a moment lies in."""
    return int(moment.timestamp()) // STEP_S


def code_of(secret: str, step: int) -> str:
    """The code of a time step (RFC 4226, section 5.3)."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8), hashlib.sha1)
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of_code(secret: str, typed: str, now: datetime) -> int | None:
    """The time step that a code belongs to; None when it is of none that would be taken now.

    Args:
        secret: In base32.
        typed: By a person: spaces do not matter.
        now: The moment.
    """
    given = "".join(typed.split()).encode()
    right = None
    # All are compared, whichever is right: how long it takes tells nothing.
    for step in range(time_step_of(now) - DRIFT, time_step_of(now) + DRIFT + 1):
        if hmac.compare_digest(code_of(secret, step).encode(), given):
            right = step
    return right


def otpauth_address(secret: str, name: str, issuer: str) -> str:
    """What the QR code says to the app: whose code it is, and the secret.

    https://github.com/google/google-authenticator/wiki/Key-Uri-Format: no colon within a name.
    """
    issuer, name = issuer.replace(":", " "), name.replace(":", " ")
    parameters = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(name, safe='')}?{parameters}"
