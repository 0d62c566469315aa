"""A sealed seed: drawn before the study, shown when it has ended, and proved in between by its hash.

While the study runs nobody needs the seed but the server, and whoever has only its hash cannot know a place
that nobody has taken yet. At the end the seed is published, and everybody can see that it is the one whose
hash stood in the preregistration. This is allocation concealment that can be checked (K. F. Schulz & D. A.
Grimes, Lancet 359, 2002, 614-618, on why the next condition has to be hidden from those who let people in).
"""

import hmac
import secrets
from hashlib import sha256
from typing import Final

BITS: Final = 256


def new_seed() -> str:
    """Draw a seed: 64 hexadecimal digits, from the system's own randomness."""
    return secrets.token_hex(BITS // 8)


def seal(seed: str) -> str:
    """Give the hash of a seed, which says nothing about it.

    It is the SHA-256 of the seed's text, so that `printf %s SEED | sha256sum` says the same.

    Args:
        seed: As `new_seed` gives it.
    """
    return sha256(seed.encode()).hexdigest()


def is_of(seed: str, hash_: str) -> bool:
    """Whether a seed is the one that was sealed.

    Args:
        seed: What is shown as the seed.
        hash_: What was published before.
    """
    return hmac.compare_digest(seal(seed).encode(), hash_.strip().lower().encode())
