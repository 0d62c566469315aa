"""The address of a server of embeddings, as people paste it."""

from typing import Final

from agent.model_address import ModelAddress, model_address

_ASKED: Final = "/embeddings"


def embedding_address(value: str) -> ModelAddress:
    """Read an address, with or without the path that embeddings are asked for at.

    Args:
        value: As an operator pasted it.

    Raises:
        ValueError: What is wrong with it and how it is written, as the end of a sentence that begins
            with its name; never with a password.
    """
    path, sign, query = value.strip().partition("?")
    return model_address(path.rstrip("/").removesuffix(_ASKED) + sign + query)
