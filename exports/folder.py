"""The folder of an export or a backup: hidden beside its place until it is whole."""

import os
import platform
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_layer.database.durable import sync_folder
from study.errors import ExportError


@contextmanager
def part_folder(out: Path, what: str = "an export") -> Iterator[Path]:
    """Give a folder to fill; it takes its place when the block ends well, and vanishes when it does not.

    A killed process leaves the hidden folder behind, which nothing takes for an export: it has another
    name, and its manifest, written last, is missing. The next export to the same place clears it away.

    Args:
        out: Where the export will stand.
        what: "an export" or "a backup", for the sentences.

    Yields:
        The folder to fill.

    Raises:
        ExportError: There is something at `out`, or its place cannot be written to.
    """
    refuse_what_is_there(out, what)
    with _filled(out, what) as part:
        yield part
        sync_folder(part)
        _put_in_place(part, out, what)


@contextmanager
def replaced_folder(out: Path) -> Iterator[Path]:
    """Give a folder to fill that takes the place of an export when the block ends well.

    Until then the export stays as it is. A process that is killed between the two renames leaves it under a
    hidden name, from which the next update brings it back.

    Args:
        out: Where the export stands.

    Yields:
        The folder to fill.

    Raises:
        ExportError: Its place cannot be written to.
    """
    before = out.with_name(f".{out.name}.before-update")
    with _filled(out, "an export") as part:
        if before.exists() and not out.exists():
            before.rename(out)
        shutil.rmtree(before, ignore_errors=True)
        yield part
        sync_folder(part)
        out.rename(before)
        part.rename(out)
        sync_folder(out.parent)
        shutil.rmtree(before)


@contextmanager
def _filled(out: Path, what: str) -> Iterator[Path]:
    """A hidden folder beside a place, that vanishes with the block."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        clear_leftovers(out)
        part = out.parent / f"{_prefix(out)}{os.getpid()}-{uuid.uuid4().hex[:8]}"
        # What participants said is for this account alone until somebody decides otherwise.
        part.mkdir(mode=0o700)
    except OSError as error:
        raise ExportError(
            f"{out} cannot be made ({error.strerror}). Name a folder where this account may write."
        ) from error
    try:
        yield part
    except OSError as error:
        raise ExportError(
            f"The {what.split()[-1]} could not be written ({error.strerror or error}). Free some space or "
            "name another folder, and try again; nothing was left behind."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def refuse_what_is_there(out: Path, what: str = "an export") -> None:
    """Make sure that an export would overwrite nothing.

    Raises:
        ExportError: There is a file, or a folder that is not empty.
    """
    if out.is_dir():
        if any(out.iterdir()):
            raise ExportError(
                f"{out} is there and not empty; {what} never overwrites. Name a new folder, such as "
                f"{out.with_name(out.name + '-2')}, or remove it first."
            )
    elif out.exists() or out.is_symlink():
        raise ExportError(f"{out} is a file. Name a new folder, such as {out.with_name(out.name + '-2')}")


def clear_leftovers(out: Path) -> list[Path]:
    """Remove what killed exports to the same place have left.

    Returns:
        The folders that were removed. Those of processes that still run stay.
    """
    gone = []
    for folder in sorted(out.parent.glob(f"{_escaped(_prefix(out))}*")):
        owner = folder.name.removeprefix(_prefix(out)).partition("-")[0]
        if owner.isdigit() and not _runs(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
            gone.append(folder)
    return gone


def _put_in_place(part: Path, out: Path, what: str) -> None:
    # Somebody may have put something there meanwhile; rename() itself refuses a folder that is not empty.
    refuse_what_is_there(out, what)
    part.rename(out)
    sync_folder(out.parent)


def _prefix(out: Path) -> str:
    # On a shared disk another machine's process cannot be asked whether it still runs: its name is apart.
    return f".{out.name}.part-{platform.node()}-"


def _escaped(text: str) -> str:
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in text)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
