"""What the garbage collector need not look at."""

import gc


def spare_loaded() -> None:
    """Leave what is loaded by now out of later garbage collections.

    Modules, classes and statements stay for as long as the process does. A full collection walks all of them,
    and stops everybody for a seventh of a second (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    gc.freeze()
