"""Files of dialogs: what participants and an agent are to say, one dialog a line.

The scripted agent speaks one half of such a file and simulated participants the other. Both
find the place of a thread in the file by the thread's id alone: `simulated_thread_id` writes the
dialog's number into it, `dialog_of_thread` reads it back.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from study.dialog import Dialog, dialog_from
from study.errors import DialogFileError
from study.file_text import read_text

__all__ = [
    "Dialog",
    "dialog_of_thread",
    "parse_dialogs",
    "read_dialogs",
    "simulated_message_id",
    "simulated_thread_id",
]

NUMBER_BITS: Final = 48  # the node field of a UUID: all its bits are free in version 4
CHECK_BITS: Final = 14  # the clock sequence beside the variant's two bits


def read_dialogs(path: Path) -> list[Dialog]:
    """Read a file of dialogs.

    Args:
        path: JSON lines, in the form that docs/reference/study-file.md describes.

    Returns:
        The dialogs, in the order of the file.

    Raises:
        DialogFileError: The file cannot be read or a line is wrong; names line and repair.
    """
    try:
        text = read_text(path)
    except OSError as error:
        raise DialogFileError(
            f"{path}: cannot be read ({error.strerror}). Give the path of a file of dialogs."
        ) from error
    except UnicodeDecodeError as error:
        raise DialogFileError(
            f"{path}: byte {error.start} is not UTF-8. Save the file with the encoding UTF-8."
        ) from error
    return parse_dialogs(text, str(path))


def parse_dialogs(text: str, source: str) -> list[Dialog]:
    """Read dialogs from the text of a file.

    Args:
        text: The file's text.
        source: The file's name, for messages.

    Returns:
        The dialogs, in order; at least one.

    Raises:
        DialogFileError: A line is wrong, or there is none; names line and repair.
    """
    dialogs: list[Dialog] = []
    line_of_id: dict[str, int] = {}
    # Only "\n" ends a line of JSON; str.splitlines also splits at U+2028, which JSON text may hold.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{source}, line {number}"
        dialog = dialog_from(_parsed(line, where), where)
        if dialog.dialog_id in line_of_id:
            raise DialogFileError(
                f"{where}: conversation_id {dialog.dialog_id!r} is already on line "
                f"{line_of_id[dialog.dialog_id]}. Give each dialog an id of its own."
            )
        line_of_id[dialog.dialog_id] = number
        dialogs.append(dialog)
    if not dialogs:
        raise DialogFileError(f"{source}: there is no dialog in it. Write one JSON object a line.")
    return dialogs


def simulated_thread_id(dialog: Dialog, number: int, round_: int) -> str:
    """Name the thread in which a simulated participant speaks a dialog.

    Args:
        dialog: The dialog.
        number: Its index in the file, from 0.
        round_: How many times the file was spoken before, so that each time has its own threads.

    Returns:
        A UUID of version 4's shape. The same arguments give the same one.
    """
    if not 0 <= number < 1 << NUMBER_BITS:
        raise ValueError(f"dialog number {number} does not fit into {NUMBER_BITS} bits")
    bits = int.from_bytes(hashlib.sha256(f"{dialog.dialog_id}/{round_}".encode()).digest()[:16])
    bits = bits >> (NUMBER_BITS + CHECK_BITS) << CHECK_BITS | _check(dialog)
    return str(UUID(int=bits << NUMBER_BITS | number, version=4))


def simulated_message_id(thread_id: str, index: int) -> str:
    """Name a simulated participant's message.

    Args:
        thread_id: Its thread.
        index: The place of its line in the dialog, from 0.

    Returns:
        A UUID of version 4's shape. The same arguments give the same one.
    """
    digest = hashlib.sha256(f"{thread_id}/{index}".encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))


def dialog_of_thread(dialogs: Sequence[Dialog], thread_id: str) -> Dialog | None:
    """Find the dialog that a simulated thread speaks.

    Args:
        dialogs: The dialogs of the file, in order.
        thread_id: Any thread's id.

    Returns:
        The dialog, or None when the thread was not named by `simulated_thread_id` for this file.
    """
    try:
        bits = UUID(thread_id).int
    except ValueError:
        return None
    number = bits & ((1 << NUMBER_BITS) - 1)
    if number >= len(dialogs):
        return None
    dialog = dialogs[number]
    check = bits >> NUMBER_BITS & ((1 << CHECK_BITS) - 1)
    return dialog if check == _check(dialog) else None


def _check(dialog: Dialog) -> int:
    digest = hashlib.sha256(dialog.dialog_id.encode()).digest()
    return int.from_bytes(digest[:2]) & ((1 << CHECK_BITS) - 1)


def _parsed(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DialogFileError(
            f"{where}: is not JSON ({error}). Write one whole JSON object on each line."
        ) from error
