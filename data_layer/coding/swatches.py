"""Colours of codes: which one the next code gets."""

from collections import Counter
from collections.abc import Sequence

from data_layer.coding.codebook import Code
from study.vocabulary import CodeColour


def next_colour(codes: Sequence[Code]) -> CodeColour:
    """The colour that the fewest codes bear, the first in their order among equals.

    Args:
        codes: Those that are there.
    """
    borne = Counter(code.colour for code in codes)
    return min(CodeColour, key=lambda colour: borne[colour])
