"""What an embedder is: texts in, unit vectors out."""

import hashlib
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from study.errors import AgentRefused, AgentUnavailable

FloatMatrix = NDArray[np.float32]

# Of a longer text its beginning stands for all of it: models read some hundreds to some thousands of tokens.
LONGEST_TEXT: Final = 6_000
_DIGITS: Final = 12
_GREATEST: Final = 1e30


class Embedder(Protocol):
    """Turns texts into unit vectors of one length.

    Attributes:
        model: What its vectors are kept under: those of another are never compared with them.
        at_once: How many texts it takes in one call.
    """

    model: str
    at_once: int

    async def embed(self, texts: Sequence[str], *, is_query: bool = False) -> FloatMatrix:
        """Embed texts.

        Args:
            texts: At most at_once, none of them empty.
            is_query: They are looked for, not looked through.

        Returns:
            A row for each, float32, of length one.

        Raises:
            TextRefused: It takes the server, but not one of these texts.
            AgentError: It could not be asked, or its answer could not be read.
        """

    async def close(self) -> None:
        """Let go of what it holds."""


class TextRefused(AgentRefused):
    """A text that the model does not take, as it says itself; others it may."""


def kept_as(model: str, *parts: str) -> str:
    """The name that vectors are kept under.

    Args:
        model: The study's name for it.
        parts: What else their numbers hang on; where there is any, a fingerprint of it is in the name.
    """
    if not any(parts):
        return model
    digest = hashlib.sha256("\x00".join(parts).encode()).hexdigest()
    return f"{model}#{digest[:_DIGITS]}"


def units_of(rows: object, count: int) -> FloatMatrix:
    """Check what came, and make each row's length one.

    Args:
        rows: Of numbers.
        count: How many there must be.

    Raises:
        AgentUnavailable: They are not so many rows of equally many finite numbers.
    """
    try:
        wide = np.asarray(rows, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise malformed("rows of different lengths, or of what is no number") from None
    if wide.ndim != 2 or wide.shape[0] != count or wide.shape[1] < 1:
        raise malformed(f"an array of the shape {wide.shape} for {count} texts")
    if not (np.abs(wide) < _GREATEST).all():
        raise malformed("numbers that are none, or out of all proportion")
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    # A static model knows no word of some texts, and says nothing of them: nothing is like nothing.
    return (wide / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


def malformed(what: str) -> AgentUnavailable:
    """The error of an answer that is no embeddings."""
    return AgentUnavailable(f"The server of embeddings answered with {what}.", error_type="malformed")
