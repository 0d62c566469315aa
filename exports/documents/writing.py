"""Small files of an export, on the disk before they are counted on."""

import json
from pathlib import Path
from typing import Any

from exports.documents.manifest import FileEntry
from exports.formats.base import HashingFile


def write_file(path: Path, content: bytes) -> FileEntry:
    """Write a new file.

    Returns:
        Its entry in the manifest.
    """
    with HashingFile(path) as file:
        file.write(content)
    return FileEntry(path=path.name, bytes=file.size, sha256=file.sha256)


def json_bytes(value: Any) -> bytes:
    """JSON for people and programs: indented, UTF-8, a line end at the end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
