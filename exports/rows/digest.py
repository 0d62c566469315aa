"""A digest of what rows say, whichever file or database they are read from."""

import hashlib
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from exports.columns.field import Field


class Digest:
    """SHA-256 over rows in their order.

    Each column is hashed as three streams: which values are there, their lengths (of text), their bytes. So
    the digest depends neither on how the rows were cut into batches nor on Arrow's padding.

    Args:
        columns: What the rows are made of; names and types go into the digest.
    """

    def __init__(self, columns: Sequence[Field]) -> None:
        self.rows = 0
        self._columns = columns
        self._streams = [tuple(hashlib.sha256() for _ in range(3)) for _ in columns]

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in rows; only the digest's columns are looked at."""
        self.rows += batch.num_rows
        for column, (there, lengths, data) in zip(self._columns, self._streams, strict=True):
            array = batch.column(column.name)
            there.update(_bytes(pc.is_valid(array).cast(pa.uint8())))
            if pa.types.is_string(array.type):
                filled = array.fill_null("") if array.null_count else array
                lengths.update(_bytes(pc.binary_length(filled)))
                data.update(bytes_of_text(filled))
            else:
                data.update(_fixed(array))

    def hexdigest(self) -> str:
        """The digest so far."""
        whole = hashlib.sha256()
        for column, streams in zip(self._columns, self._streams, strict=True):
            parts = (column.name, str(column.arrow_type), *(stream.hexdigest() for stream in streams))
            whole.update("\n".join(parts).encode() + b"\n\n")
        return whole.hexdigest()


def _fixed(array: pa.Array) -> memoryview:
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.uint8())
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    # What stands in the place of a missing value is undefined; zero is not.
    return _bytes(array.fill_null(0) if array.null_count else array)


def _bytes(array: pa.Array) -> memoryview:
    width = array.type.bit_width // 8
    buffer = array.buffers()[1]
    if buffer is None:
        return memoryview(b"")
    return memoryview(buffer)[array.offset * width : (array.offset + len(array)) * width]


def bytes_of_text(array: pa.Array) -> memoryview:
    """The bytes of an array of text, one value behind the other."""
    _, offsets, data = array.buffers()
    if data is None or len(array) == 0:
        return memoryview(b"")
    ends = memoryview(offsets).cast("i")
    return memoryview(data)[ends[array.offset] : ends[array.offset + len(array)]]
