"""Embeddings of a static model in a folder (model2vec): a table of words, numpy, nothing asked of anybody."""

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from agent.embedding.base import LONGEST_TEXT, FloatMatrix, kept_as, units_of
from study.errors import ModelError
from study.semantic_search import SemanticSearch
from study.text import beginning

_FILES: Final = ("model.safetensors", "tokenizer.json")


class FolderEmbedder:
    """A static model.

    Args:
        wanted: What the study says.
        folder: Where it lies; another one under the same name is another model.

    Raises:
        ModelError: model2vec is not installed, or the folder cannot be read.
    """

    at_once = 256

    def __init__(self, wanted: SemanticSearch, folder: Path) -> None:
        self._wanted = wanted
        self._static = _load(folder)
        self.model = kept_as(wanted.model, wanted.message_prefix, _fingerprint(folder))

    async def embed(self, texts: Sequence[str], *, is_query: bool = False) -> FloatMatrix:
        """See agent/embedding/base.py."""
        prefix = self._wanted.query_prefix if is_query else self._wanted.message_prefix
        given = [prefix + beginning(text, LONGEST_TEXT) for text in texts]
        rows = await asyncio.to_thread(self._static.encode, given)
        return units_of(rows, len(given))

    async def close(self) -> None:
        """See agent/embedding/base.py."""


def _load(folder: Path) -> Any:
    try:
        from model2vec import StaticModel
    except ImportError:
        raise ModelError(
            "VERBATIM_EMBEDDING_FOLDER names a static model, and what reads it is not installed. Install it "
            "like: pip install model2vec"
        ) from None
    try:
        return StaticModel.from_pretrained(folder)
    except Exception as error:  # Whatever its reader makes of a file that is none.
        raise ModelError(
            f"VERBATIM_EMBEDDING_FOLDER: {folder} cannot be read as a static model "
            f"({type(error).__name__}). It needs model.safetensors, tokenizer.json and config.json, as "
            "model2vec saves them."
        ) from error


def _fingerprint(folder: Path) -> str:
    digests = []
    for name in _FILES:
        with (folder / name).open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return "".join(digests)
