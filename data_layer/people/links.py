"""Personal links: an id and its signature. Whoever bears one comes in as whom it names."""

import csv
import hashlib
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from itsdangerous import BadSignature, Signer

from study.codes import make_code, read_code
from study.errors import AccountError

# 80 bits: links of one study never meet, however many are made.
_GROUPS: Final = 4
_LONGEST: Final = 200


@dataclass(frozen=True)
class Link:
    """One personal link.

    Args:
        link_id: Kept in `identities` when somebody comes by it, and shown as their name.
        url: The whole address.
    """

    link_id: str
    url: str


def make_links(count: int, base_url: str, *, secret: str, study_id: str) -> list[Link]:
    """Make links that nobody has yet. Nothing is kept: a link is known again by its signature.

    Args:
        count: How many.
        base_url: The page's public address.
        secret: The app's.
        study_id: The study that they open.

    Raises:
        AccountError: The address is none.
    """
    if not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", base_url):
        raise AccountError(
            f"{base_url!r} is not an address. Write it like: --base-url https://study.example.org"
        )
    base = base_url.rstrip("/")
    ids = [make_code(_GROUPS) for _ in range(count)]
    return [Link(one, f"{base}/enter/{link_token(one, secret=secret, study_id=study_id)}") for one in ids]


def write_links(links: Sequence[Link], out: Path | None) -> None:
    """Write them as CSV.

    Args:
        links: One a line.
        out: A new file, readable by this account alone; standard output when None.

    Raises:
        AccountError: The file is there already, or cannot be written.
    """
    if out is None:
        _write(links, sys.stdout)
        return
    try:
        out.touch(mode=0o600, exist_ok=False)
        with out.open("w", encoding="utf-8", newline="") as file:
            _write(links, file)
    except FileExistsError as error:
        raise AccountError(f"{out} is there already, and holds links perhaps. Name another file.") from error
    except OSError as error:
        raise AccountError(f"{out} cannot be written ({error.strerror}). Name another file.") from error


def _write(links: Sequence[Link], file: TextIO) -> None:
    lines = csv.writer(file, lineterminator="\n")
    lines.writerow(("number", "link_id", "url"))
    lines.writerows((number, link.link_id, link.url) for number, link in enumerate(links, 1))


def link_token(link_id: str, *, secret: str, study_id: str) -> str:
    """Sign an id.

    Args:
        link_id: As make_links makes it.
        secret: The app's.
        study_id: The link opens this study alone.

    Returns:
        The last part of the link's path.
    """
    return _signer(secret, study_id).sign(link_id).decode()


def link_in(token: str, *, secret: str, study_id: str) -> str | None:
    """Read the id of a token; None where we did not sign it for this study."""
    if len(token) > _LONGEST or not token.isascii():
        return None
    try:
        link_id = _signer(secret, study_id).unsign(token).decode()
    except BadSignature:
        return None
    return link_id if read_code(link_id) == link_id else None


def _signer(secret: str, study_id: str) -> Signer:
    # The salt keeps these signatures apart from whatever else the secret signs, and from other studies'.
    return Signer(secret, salt=f"personal link to {study_id}", key_derivation="hmac", digest_method=_sha256)


def _sha256(data: bytes = b"") -> Any:
    return hashlib.sha256(data)
