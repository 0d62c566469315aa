"""Codes that people read aloud, copy by hand and type again."""

import secrets
import unicodedata
from typing import Final

# Crockford's base 32 (https://www.crockford.com/base32.html): no letter that looks like a digit.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP: Final = 4
_READ_AS: Final = str.maketrans("OIL", "011")


def make_code(groups: int = 3) -> str:
    """Make a code that nobody can guess.

    Args:
        groups: Of four characters, 20 bits each: three are 60 bits.

    Returns:
        Such as "K7QM-2RXD-9F4T".
    """
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(groups))


def read_code(typed: str) -> str:
    """Read a code as it was meant.

    Args:
        typed: Any string: small letters, O for 0, I or L for 1, spaces and dashes anywhere.

    Returns:
        The code as make_code writes it; what is no code comes back in a shape that no code has, or is "".
    """
    letters = unicodedata.normalize("NFKC", typed[:200]).upper().translate(_READ_AS)
    kept = "".join(letter for letter in letters if letter.isalnum())
    return "-".join(kept[start : start + GROUP] for start in range(0, len(kept), GROUP))
