"""A static model in a folder: the real reader, a tiny model made here, no network."""

from pathlib import Path

import numpy as np
import pytest
from model2vec import StaticModel
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from agent.embedding.choose import EmbeddingConnection, build_embedder
from agent.embedding.folder import FolderEmbedder
from study.errors import ModelError
from study.semantic_search import SemanticSearch

WANTED = SemanticSearch(model="static")


def make_folder(folder: Path, seed: int = 1, numbers: int = 8) -> Path:
    """A static model of four words."""
    words = {"[UNK]": 0, "dog": 1, "puppy": 2, "coffee": 3}
    vectors = np.random.default_rng(seed).standard_normal((len(words), numbers)).astype(np.float32)
    vectors[2] = vectors[1]
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    StaticModel(vectors, tokenizer, normalize=False).save_pretrained(str(folder))
    return folder


async def test_a_folder_embeds(tmp_path: Path) -> None:
    """Texts become unit vectors, near where their words are."""
    embedder = FolderEmbedder(WANTED, make_folder(tmp_path / "model"))
    vectors = await embedder.embed(["dog", "puppy", "coffee"])
    assert vectors.shape == (3, 8)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    assert vectors[0] @ vectors[1] > 0.999 > vectors[0] @ vectors[2]


async def test_a_text_of_unknown_words_harms_nobody(tmp_path: Path) -> None:
    """An emoji, or whatever the model knows no word of, gets numbers that are finite."""
    embedder = FolderEmbedder(WANTED, make_folder(tmp_path / "model"))
    assert np.isfinite(await embedder.embed(["🙂", "\u200b", "dog"])).all()


def test_another_folder_is_another_model(tmp_path: Path) -> None:
    """The model that vectors are kept under tells two folders apart, whatever the study calls them."""
    first = FolderEmbedder(WANTED, make_folder(tmp_path / "one"))
    again = FolderEmbedder(WANTED, tmp_path / "one")
    other = FolderEmbedder(WANTED, make_folder(tmp_path / "two", seed=2))
    assert first.model == again.model != other.model


def test_a_folder_that_is_none_says_so(tmp_path: Path) -> None:
    """What cannot be read as a model is refused at the start, with what it needs."""
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        build_embedder(WANTED, EmbeddingConnection(folder=tmp_path))


def test_without_a_server_or_a_folder_there_is_none() -> None:
    """A study that names a model alone has no search by meaning."""
    assert build_embedder(WANTED, EmbeddingConnection()) is None
