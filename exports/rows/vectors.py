"""Vectors in an export: as text, compared as any text is; lists of numbers in Parquet.

A text says its numbers in the fewest digits that lead back to the same 32 bits: whichever way a vector came,
its text is the same.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from exports.columns.field import LIST

_KEPT: Final = np.dtype("<f4")


def vector_texts(values: Sequence[bytes | str | None]) -> pa.Array:
    """Vectors as text.

    Args:
        values: As the database keeps them, or as text already.
    """
    if not any(isinstance(one, bytes) for one in values):
        return pa.array(values, pa.string())
    lists = [None if one is None else np.frombuffer(one, _KEPT) for one in values]  # type: ignore[arg-type]
    return texts_of_lists(pa.array(lists, LIST))


def texts_of_lists(lists: pa.Array) -> pa.Array:
    """Lists of numbers as text."""
    # What stands in the place of a missing list is not always empty; flatten leaves it out.
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32())
    numbers = pa.ListArray.from_arrays(offsets, lists.flatten().cast(pa.string()))
    texts = pc.binary_join_element_wise("[", pc.binary_join(numbers, ","), "]", "")
    return pc.if_else(lists.is_valid(), texts, pa.scalar(None, pa.string()))


def lists_of_texts(texts: pa.Array) -> pa.Array:
    """Texts as lists of numbers.

    Raises:
        ValueError: One is no list of numbers.
    """
    parts = pc.split_pattern(pc.utf8_trim(texts, "[]"), ",")
    lengths = pc.list_value_length(parts)
    ends = np.cumsum(lengths.fill_null(0).to_numpy(zero_copy_only=False))
    offsets = pa.array(np.concatenate([[0], ends]), pa.int32())
    numbers = parts.flatten().cast(pa.float32())
    return pa.ListArray.from_arrays(offsets, numbers, type=LIST, mask=texts.is_null())
