"""The key that signs participants' cookies: made once, kept in a file, refused when it is weak.

And what a key of anybody's must be, to be sent.
"""

import os
import re
import secrets
from pathlib import Path
from typing import Final

from data_layer.database.durable import sync_folder
from study.errors import SettingsError, StartError
from study.file_text import read_text

# RFC 7518, section 3.2: a key of HS256, which signs the cookies, has 256 bits at least: 32 bytes.
SHORTEST: Final = 32
# Of 32 random hexadecimal digits, 9 or fewer different ones come up once in 10,000 times.
FEWEST_DIFFERENT: Final = 10
# What files and web pages leave around a key: white space of any kind, the byte order mark, joiners.
AROUND: Final = " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029\ufeff\u200b\u200c\u200d\u2060\0"
_PLACEHOLDERS: Final = (
    "changeme",
    "changethis",
    "replaceme",
    "placeholder",
    "yoursecret",
    "mysecret",
    "password",
)


def weakness(secret: str) -> str | None:
    """Say why a secret is easy to guess, or None when nothing shows that it is."""
    if re.search("[\ud800-\udfff]", secret):
        return "holds bytes that are no UTF-8, which sign nothing"
    letters = re.sub(r"[^a-z]", "", secret.lower())
    if any(word in letters for word in _PLACEHOLDERS):
        return "is a placeholder out of an example"
    if len(secret) < SHORTEST:
        return f"is shorter than {SHORTEST} characters"
    if len(set(secret)) < FEWEST_DIFFERENT or secret in (secret + secret)[1:-1]:
        return "repeats the same few characters"
    return None


def unsendable(key: str) -> str | None:
    """Say why no request can carry a key in its header, or None where it can; never with the key itself."""
    odd = re.search("[^ -~]", key)
    if odd is None:
        return None
    kind = "a control character" if odd[0] < " " or odd[0] == "\x7f" else "a letter that is not ASCII"
    return f"its character {odd.start() + 1} is {kind} (U+{ord(odd[0]):04X}), which no request can carry"


def read_or_make(path: Path) -> str:
    """Give the secret of a file; where there is none, make it, readable by this account alone.

    Args:
        path: The file; its folder exists.

    Raises:
        SettingsError: The secret in it is weak or cannot be read.
        StartError: It cannot be written.
    """
    if not path.exists():
        _make(path)
    try:
        secret = read_text(path).strip()
        # A copied data folder may have come with wider rights.
        path.chmod(0o600)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The secret in {path} cannot be read. {_REPAIR}") from error
    if reason := weakness(secret):
        raise SettingsError(f"The secret in {path} {reason}. {_REPAIR}")
    return secret


_REPAIR: Final = (
    "Delete that file, and a good one is made at the next start; participants then sign in again."
)


def _make(path: Path) -> None:
    """Write a whole file and link it into place: of two processes that start at once, one wins."""
    draft = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(descriptor)
        _put_in_place(draft, path)
    except OSError as error:
        raise StartError(
            f"The secret cannot be written to {path} ({error.strerror}). "
            "Give this account the right to write there, or name another folder in VERBATIM_DATA_DIR."
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _put_in_place(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:
        # exFAT and some network disks have no links.
        draft.replace(path)
    # Links that are sent out are signed with it: its name must survive a power cut too.
    sync_folder(path.parent)
