"""What a file is called on the page and in a header."""

import re
import unicodedata
from typing import Final

from study.text import beginning

LONGEST_NAME: Final = 200
# Control characters, and those that turn the direction of writing: "photo<RLO>gnp.exe" reads as a picture.
_UNSEEN: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff/\\]"
)
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")


def plain_name(name: str) -> str:
    """The name without what could steer a header, a path or the direction of writing; never empty."""
    bare = _UNSEEN.sub("", unicodedata.normalize("NFC", name)).strip(" .")
    if len(bare) > LONGEST_NAME:
        found = _ENDING.search(bare)
        ending = found[0] if found else ""
        bare = beginning(bare, LONGEST_NAME - len(ending)).rstrip(" .") + ending
    return bare or "file"


def last_part(name: str) -> str:
    """The name without the folders before it, as some browsers and every attacker send them."""
    return re.split(r"[/\\]", name)[-1]
