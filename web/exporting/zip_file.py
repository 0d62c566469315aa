"""An export as one file to download: a zip with a folder in it that says what it is."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from data_layer.database.private import make_file
from data_layer.database.rows import Row

_READ_AT_ONCE: Final = 1_048_576
MANIFEST: Final = "manifest.json"

Told = Callable[[int, int], None]


def name_of(study_id: str, row: Row) -> str:
    """The name of an export's zip and of the folder in it, such as example-2026-03-02-0815."""
    return f"{study_id}-{row['created_at']:%Y-%m-%d-%H%M}"


def pack(folder: Path, target: Path, name: str, told: Told) -> Row:
    """Put an export into one file, whole or not at all.

    Args:
        folder: The export.
        target: The file.
        name: Of the folder in it.
        told: Hears how many bytes of how many are packed.

    Returns:
        row_count, table_count, zip_bytes and zip_sha256.
    """
    part, paths = target.with_suffix(".part"), sorted(one for one in folder.rglob("*") if one.is_file())
    done, of = 0, sum(path.stat().st_size for path in paths)
    make_file(part)
    with zipfile.ZipFile(part, "w") as archive:
        for path in paths:
            # Parquet is compressed already.
            how = zipfile.ZIP_STORED if path.suffix == ".parquet" else zipfile.ZIP_DEFLATED
            entry = zipfile.ZipInfo.from_file(path, f"{name}/{path.relative_to(folder).as_posix()}")
            entry.compress_type = how
            with path.open("rb") as file, archive.open(entry, "w", force_zip64=True) as packed:
                while piece := file.read(_READ_AT_ONCE):
                    packed.write(piece)
                    done += len(piece)
                    told(done, of)
    digest = hashlib.sha256()
    with part.open("rb") as file:
        while piece := file.read(_READ_AT_ONCE):
            digest.update(piece)
    size = part.stat().st_size
    part.replace(target)
    tables = json.loads((folder / MANIFEST).read_bytes())["tables"]
    return {
        "row_count": sum(table["rows"] for table in tables),
        "table_count": len(tables),
        "zip_bytes": size,
        "zip_sha256": digest.hexdigest(),
    }
