"""The disk, the data folder and the secret."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from commands.doctor.finding import Severity, Symptom
from data_layer.database.locations import LEAST_FREE_BYTES, existing
from data_layer.database.private import open_sentence, open_to_others
from secret_key import weakness

if TYPE_CHECKING:
    from settings import Settings

# As the room's overview warns (research/overview/upkeep.py).
_LITTLE: Final = 2 * 1024**3


def look_at_machine(settings: "Settings") -> Iterator[Symptom]:
    """Look at what is on this machine.

    Args:
        settings: As the environment says.
    """
    yield _disk(settings.data_dir)
    yield _folder(settings.data_dir)
    yield _secret(settings)


def _disk(folder: Path) -> Symptom:
    free = shutil.disk_usage(existing(folder)).free
    says = f"{free / 1e9:,.1f} GB are free."
    if free < LEAST_FREE_BYTES:
        return Symptom("disk", Severity.WRONG, f"{says} The server does not start: make room.")
    if free < _LITTLE:
        return Symptom("disk", Severity.WARNING, f"{says} Make room before nobody can write any more.")
    return Symptom("disk", Severity.OK, says)


def _folder(folder: Path) -> Symptom:
    of = "data folder"
    if not folder.exists():
        return Symptom(of, Severity.WARNING, f"{folder} is not there yet; the first start makes it.")
    if not os.access(folder, os.W_OK | os.X_OK):
        repair = f"This account cannot write to {folder}. Give it to the account that the server runs as."
        return Symptom(of, Severity.WRONG, repair)
    if open_to_others(folder):
        return Symptom(of, Severity.WARNING, open_sentence(folder, "which holds what participants said"))
    return Symptom(of, Severity.OK, f"{folder} is this account's alone.")


def _secret(settings: "Settings") -> Symptom:
    of, path = "secret", settings.data_dir / "secret"
    if settings.secret is not None:
        return Symptom(of, Severity.OK, "VERBATIM_SECRET is hard to guess.")
    try:
        secret = path.read_text("utf-8").strip()
    except FileNotFoundError:
        return Symptom(of, Severity.WARNING, f"There is none in {path} yet; the first start makes it.")
    except (OSError, UnicodeDecodeError):
        return Symptom(of, Severity.WRONG, f"{path} cannot be read by this account.")
    if reason := weakness(secret):
        repair = f"It {reason}. Delete {path}, and start again: everybody signs in anew."
        return Symptom(of, Severity.WRONG, repair)
    if open_to_others(path):
        return Symptom(of, Severity.WRONG, open_sentence(path, "which signs everybody's cookies"))
    return Symptom(of, Severity.OK, f"{path} is hard to guess, and this account's alone.")
