"""The codes of a codebook, from whatever an export has them in: as CSV, which the room and cli.py import."""

import csv
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from study.errors import CodingError

# In this order: CSV is read as it is.
NAMES: Final = ("codes.csv", "codes.parquet")
# A codebook of 2,000 long definitions has less.
LARGEST: Final = 16 * 2**20
_TOO_LARGE: Final = "The file is larger than 16 MB. A codebook of so much is none."
# Every version of every code; what is packed well may be a great deal more than its file.
MOST_ROWS: Final = 100_000
_COLUMNS: Final = (
    "code_id",
    "codebook_version",
    "name",
    "definition",
    "colour",
    "parent_id",
    "place",
    "retired_at",
)
_NOT_THERE: Final = (
    "There is no codes.csv or codes.parquet in it. Choose an export that has the table codes, as CSV or as "
    "Parquet."
)


def codes_at(path: Path) -> bytes:
    """The codes of a file, of the folder of an export, or of its zip: as CSV.

    Raises:
        CodingError: There are none, or they cannot be read; says what to do.
    """
    if path.is_dir():
        found = next((path / name for name in NAMES if (path / name).is_file()), None)
        if found is None:
            raise CodingError(_NOT_THERE)
        return codes_at(found)
    if not path.is_file():
        raise CodingError(f"There is no file {path}.")
    with path.open("rb") as file:
        if file.read(4) in (b"PK\x03\x04", b"PK\x05\x06"):  # the other is of an empty one
            return codes_in(_unzipped(path))
        file.seek(0)
        return codes_in(_limited(file.read))


def codes_in(content: bytes) -> bytes:
    """The codes of a file's content: of Parquet as CSV, of anything else as it is.

    Raises:
        CodingError: They cannot be read.
    """
    if not content.startswith(b"PAR1"):
        return content
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        names = [name for name in _COLUMNS if name in file.schema_arrow.names]
        if file.metadata.num_rows > MOST_ROWS:
            raise CodingError(f"The file has more than {MOST_ROWS:,} lines. A codebook of so many is none.")
        table = file.read(columns=names)
        if table.nbytes > LARGEST:
            raise CodingError(_TOO_LARGE)
        rows = table.to_pylist()
    # Of a damaged file a library says what it stumbles over: also a year, or letters, that are none.
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise CodingError(f"The file is damaged, and cannot be read as Parquet: {error}") from error
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(names)
    writer.writerows(["" if one is None else one for one in row.values()] for row in rows)
    return lines.getvalue().encode()


def _unzipped(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            ends = {info.filename.rpartition("/")[2]: info for info in archive.infolist()}
            found = next((ends[name] for name in NAMES if name in ends), None)
            if found is None:
                raise CodingError(_NOT_THERE)
            with archive.open(found) as file:
                return _limited(file.read)
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise CodingError(f"The zip cannot be read: {error}. Unpack it, and choose codes.csv.") from error


def _limited(read: Callable[[int], bytes]) -> bytes:
    content = read(LARGEST + 1)
    if len(content) > LARGEST:
        raise CodingError(_TOO_LARGE)
    return content
