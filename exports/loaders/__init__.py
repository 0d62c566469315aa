"""The loaders that lie in each export: read it without Verbatim, each column of its right type."""

from importlib.resources import files
from typing import Final

LOADERS: Final = ("load.R", "load.py")


def loader(name: str) -> bytes:
    """A loader as it lies in an export; it learns from the files beside it what there is to read.

    Args:
        name: One of LOADERS.
    """
    # Kept under another name here: load.py imports nothing of ours, and is no module of ours.
    return (files(__name__) / f"{name}.txt").read_bytes()
