"""Tokens of the API: a sign-in, signed and with an end.

JSON Web Tokens (RFC 7519) under a key of their own: the page's cookie is none of them, and none of them is
the page's cookie. What a token is worth is its sign-in's to say, which is looked up with each request.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import jwt

from api.context import SignedIn

ACCESS_LASTS: Final = timedelta(hours=1)
_ALGORITHM: Final = "HS256"
_ISSUER: Final = "verbatim-api"

Use = Literal["access", "refresh"]


def make_token(secret: str, who: SignedIn, use: Use, now: datetime, lasts: timedelta) -> str:
    """Make a token.

    Args:
        secret: The server's.
        who: Whom it lets in.
        use: To ask with, or to get a new pair with.
        now: The time.
        lasts: For how long.
    """
    claims = {
        "iss": _ISSUER,
        "sub": who.participant_id,
        "sid": who.sign_in_id,
        "use": use,
        "iat": int(now.timestamp()),
        "exp": int((now + lasts).timestamp()),
    }
    return jwt.encode(claims, _key(secret), _ALGORITHM)


def read_token(secret: str, token: str, use: Use, now: datetime) -> SignedIn | None:
    """Whom a token lets in; None for one that is forged, has ended, or is for something else."""
    try:
        claims = jwt.decode(
            token,
            _key(secret),
            [_ALGORITHM],
            issuer=_ISSUER,
            options={"require": ["exp", "sub", "sid", "use"], "verify_exp": False, "verify_iat": False},
        )
    except (jwt.InvalidTokenError, ValueError):
        return None
    who = SignedIn(claims["sub"], claims["sid"])
    if (
        claims["use"] != use
        or claims["exp"] <= now.timestamp()
        or not all(isinstance(one, str) for one in who[:2])
    ):
        return None
    return who._replace(until=datetime.fromtimestamp(claims["exp"], UTC))


def _key(secret: str) -> bytes:
    """A key for this purpose alone: what signs the page's cookie signs no token."""
    return hmac.new(secret.encode(), _ISSUER.encode(), hashlib.sha256).digest()
