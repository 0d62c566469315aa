"""What an operator may say of embeddings: the types of three settings, which settings/ names."""

from pathlib import Path
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field, SecretStr

from agent.embedding.address import embedding_address

_WEIGHTS: Final = "model.safetensors"


def _checked_url(value: str | None) -> str | None:
    if value is not None:
        embedding_address(value)
    return value


def _checked_folder(value: Path | None) -> Path | None:
    if value is not None and not (value / _WEIGHTS).is_file():
        raise ValueError(f"there is no {_WEIGHTS} in {value}: it is not the folder of a static model")
    return value


EmbeddingUrl: TypeAlias = Annotated[
    str | None,
    Field(
        description="Address of the server whose embeddings a study's search by meaning uses "
        "(docs/how-to/search-by-meaning.md): any that speaks OpenAI's API. Left out, it is the model's, "
        "`OPENAI_BASE_URL`, with its key.",
        examples=["http://127.0.0.1:11434/v1"],
        repr=False,
    ),
    AfterValidator(_checked_url),
]
EmbeddingKey: TypeAlias = Annotated[
    SecretStr | None,
    Field(
        description="Key of that server. `OPENAI_API_KEY` is never sent to `VERBATIM_EMBEDDING_URL`.",
        examples=["sk-..."],
    ),
]
EmbeddingFolder: TypeAlias = Annotated[
    Path | None,
    Field(
        description="Folder with a static model of model2vec, in place of a server: nothing leaves the "
        "machine. Needs the package `model2vec`.",
        examples=["models/potion-multilingual-128M"],
    ),
    AfterValidator(_checked_folder),
]
