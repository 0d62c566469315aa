"""Numbers that stand for rows while two sides are compared: of whole columns at once."""

import secrets
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

_Numbers = np.ndarray[Any, np.dtype[np.uint64]]
# Another in each process, and both sides are numbered in this one: nobody can make a text up that has the
# number of another.
_KEY: Final = secrets.token_hex(8)
_WEIGHTS: Final = np.frombuffer(secrets.token_bytes(8 * 256), np.uint64) | np.uint64(1)


def row_numbers(columns: Sequence[pa.Array], rows: int) -> pa.Array:
    """A number a row, the same for the same values.

    Args:
        columns: At most 128.
        rows: How many there are, also where there is no column.
    """
    numbers = np.zeros(rows, np.uint64)
    for place, column in enumerate(columns):
        numbers += _of(column) * _WEIGHTS[2 * place]
        if column.null_count:
            # What stands in the place of a missing value is a value too.
            numbers += column.is_null().to_numpy(zero_copy_only=False) * _WEIGHTS[2 * place + 1]
    return pa.array(numbers.view(np.int64))


def _of(column: pa.Array) -> _Numbers:
    if pa.types.is_string(column.type):
        texts = column.fill_null("").to_numpy(zero_copy_only=False)
        of_texts: _Numbers = pd.util.hash_array(texts, hash_key=_KEY, categorize=False)
        return of_texts
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    numbers: _Numbers = pd.util.hash_array(column.fill_null(0).to_numpy(zero_copy_only=False))
    return numbers
