"""Which embedder a study has, by what its operator has set."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from study.semantic_search import SemanticSearch

if TYPE_CHECKING:
    from agent.embedding.base import Embedder


@dataclass(frozen=True, slots=True)
class EmbeddingConnection:
    """How embeddings are come by.

    Args:
        folder: VERBATIM_EMBEDDING_FOLDER; goes before an address.
        base_url: VERBATIM_EMBEDDING_URL, or OPENAI_BASE_URL where that is empty.
        api_key: Of that server.
        proxy: The proxy on the way there; None for none.
    """

    folder: Path | None = None
    base_url: str | None = field(default=None, repr=False)
    api_key: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)


def build_embedder(wanted: SemanticSearch, connection: EmbeddingConnection) -> "Embedder | None":
    """Make the embedder of a study.

    Args:
        wanted: What the study says.
        connection: What the operator says.

    Returns:
        None where no server is named and no folder.

    Raises:
        ModelError: The folder cannot be read.
    """
    # Imported here: only studies that are searched by meaning need numpy, openai or model2vec for it.
    if connection.folder is not None:
        from agent.embedding.folder import FolderEmbedder

        return FolderEmbedder(wanted, connection.folder)
    if connection.base_url is None and connection.api_key is None:
        return None
    from agent.embedding.endpoint import EndpointEmbedder

    return EndpointEmbedder(
        wanted, base_url=connection.base_url, api_key=connection.api_key, proxy=connection.proxy
    )
