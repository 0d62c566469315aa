"""Small files of an export, on the disk before they are counted on."""

import json
from pathlib import Path
from typing import Any

from data_layer.database.durable import make_folder, sync_folder
from exports.documents.manifest import FileEntry
from exports.formats.base import HashingFile


def write_file(part: Path, name: str, content: bytes) -> FileEntry:
    """Write a new file.

    Args:
        part: The export's folder.
        name: Its path there.
        content: What is in it.

    Returns:
        Its entry in the manifest.
    """
    path = part / name
    make_folder(path.parent)
    with HashingFile(path) as file:
        file.write(content)
    if path.parent != part:
        sync_folder(path.parent)
    return FileEntry(path=name, bytes=file.size, sha256=file.sha256)


def json_bytes(value: Any) -> bytes:
    """JSON for people and programs: indented, UTF-8, a line end at the end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
