"""The part of a study file that switches the search by meaning on, and what a search may go by."""

from enum import StrEnum

from pydantic import Field, field_validator

from study.parts import StudyPart, Words, one_line_of

# As many numbers as pgvector's index over half-precision vectors takes.
MOST_DIMENSIONS = 4_000


class SearchMode(StrEnum):
    """What a search goes by."""

    TEXT = "text"
    SEMANTIC = "semantic"
    HYBRID = "hybrid"


class SemanticSearch(StudyPart):
    """Messages are also found by what they mean. Left out, nothing is embedded and nobody is asked."""

    model: Words = Field(
        max_length=200,
        description="The embedding model: the name by which its server knows it, or any name for a model "
        "folder (VERBATIM_EMBEDDING_FOLDER). Another name has every message embedded anew.",
        examples=["text-embedding-3-small"],
    )
    dimensions: int | None = Field(
        None,
        ge=8,
        le=MOST_DIMENSIONS,
        description="How many numbers its server is asked for, where the model can be asked. Left out, as "
        "many as it gives.",
        examples=[768],
    )
    participants: bool = Field(
        True,
        description="Participants may search their own conversations by meaning, too; false keeps it to "
        "researchers.",
        examples=[False],
    )
    query_prefix: str = Field(
        "",
        max_length=200,
        description="What the model wants to read before a search, as its page says.",
        examples=["query: "],
    )
    message_prefix: str = Field(
        "",
        max_length=200,
        description="What it wants to read before a message. Another one has every message embedded anew.",
        examples=["passage: "],
    )

    _model_is_one_line = field_validator("model")(one_line_of)
