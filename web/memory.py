"""What the garbage collector need not look at, and how often it looks."""

import gc
from typing import Final

# New objects between two looks at them, instead of 700. Nearly all go by their counts, without the collector:
# a batch of 500 messages was looked at seventeen times while it was written, which was an eighth of its time.
# A look at so many takes some milliseconds.
_BETWEEN_LOOKS: Final = 20_000


def spare_loaded() -> None:
    """Leave what is loaded by now out of later garbage collections, and let these be fewer.

    Modules, classes and statements stay for as long as the process does. A full collection walks all of them,
    and stops everybody for a seventh of a second (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    gc.freeze()
    gc.set_threshold(_BETWEEN_LOOKS, *gc.get_threshold()[1:])
