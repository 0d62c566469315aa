"""Which bucket a thread is in: by the first digits of its id, so that a bucket is one range of ids.

A range, not a remainder: the rows of a bucket lie together in the order that an index gives, and a database
finds its beginning. Ids are random or hashes, so ranges are as even as remainders (docs/decisions/0057).
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, and_, or_

from exports.columns.scope import Scope
from exports.columns.table import ExportTable, Extract
from study.errors import ExportError

MOST: Final = 256
# Hexadecimal digits of an id that decide: of 256 buckets the largest is then 1 in 256 larger than the rest.
_DIGITS: Final = 4
_IDS: Final = 16**_DIGITS
# A page goes through several threads, and its row names the last: it would move from bucket to bucket.
_WHOLE: Final = frozenset({"connections"})


@dataclass(frozen=True)
class Buckets:
    """The buckets of an export.

    Args:
        count: How many, 1 to 256.

    Raises:
        ExportError: There cannot be so many.
    """

    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST:
            raise ExportError(
                f"--partitions: {self.count} is not from 1 to {MOST}. Write it like: --partitions 16"
            )

    def folder(self, bucket: int) -> str:
        """The name of a bucket's folder, as Hive, DuckDB, Polars and Spark read it."""
        return f"bucket={bucket:0{len(str(self.count - 1)) if self.count > 10 else 2}d}"

    def path(self, table: str, bucket: int) -> str:
        """Where a table's rows of a bucket are, in the export."""
        return f"{table}/{self.folder(bucket)}/part-0.parquet"

    def first_id(self, bucket: int) -> str:
        """What the ids of a bucket begin with or come after."""
        return f"{-(-bucket * _IDS // self.count):0{_DIGITS}x}"

    def of(self, threads: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The bucket of each thread; what is in no thread is in the first."""
        known = np.array([self.first_id(bucket) for bucket in range(1, self.count)], dtype=f"U{_DIGITS}")
        prefixes = pc.utf8_slice_codeunits(threads.cast(pa.string()), 0, _DIGITS).fill_null("")
        found = np.searchsorted(known, prefixes.to_numpy(zero_copy_only=False).astype(f"U{_DIGITS}"), "right")
        numbers: np.ndarray[Any, np.dtype[np.int64]] = found.astype(np.int64)
        return numbers

    def pieces(self, batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Cut rows in the order of their thread at the ends of buckets."""
        threads = batch.column("thread_id")
        ends = self.of(threads.take([0, len(threads) - 1]))
        if ends[0] == ends[1]:
            yield int(ends[0]), batch
            return
        numbers = self.of(threads)
        cuts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
        for begin, end in itertools.pairwise(cuts):
            yield int(numbers[begin]), batch.slice(begin, end - begin)

    def rows_of(self, table: ExportTable, chosen: Sequence[int]) -> ExportTable:
        """A table's rows in some buckets alone, in the order of their threads.

        Args:
            table: One that is cut.
            chosen: The buckets.
        """
        ranges = list(_ranges(chosen))

        def extract(scope: Scope) -> Extract:
            whole, column = table.extract(scope), table.column("thread_id")
            thread = column.expression(scope)
            where = or_(*(self._between(thread, *one) for one in ranges))
            first = thread if column.required else thread.nulls_first()
            rest = whole.order[1:] if str(whole.order[0]) == str(thread) else whole.order
            return replace(whole, where=(*whole.where, where), order=(first, *rest))

        return replace(table, extract=extract)

    def _between(self, thread: ColumnElement[Any], first: int, last: int) -> ColumnElement[bool]:
        begin = thread >= self.first_id(first) if first else None
        end = thread < self.first_id(last + 1) if last + 1 < self.count else None
        if begin is not None:
            return begin if end is None else and_(begin, end)
        # What is in no thread is in the first bucket.
        return thread.is_(None) | (thread.is_not(None) if end is None else end)


def is_cut(table: ExportTable) -> bool:
    """Whether a table is cut into buckets: whether each of its rows stays in one thread."""
    return table.name not in _WHOLE and any(column.name == "thread_id" for column in table.columns)


def _ranges(chosen: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Buckets that follow each other, as first and last."""
    first = last = None
    for bucket in sorted(chosen):
        if last is None or bucket != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = bucket
        last = bucket
    if first is not None and last is not None:
        yield first, last
