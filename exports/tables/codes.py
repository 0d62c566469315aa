"""The columns of `codes`."""

from exports.column import Column, Kind
from exports.common import key, time
from study.vocabulary import CodeColour

COLUMNS = (
    key("code_id", "The code, the same through every version.", "codes.code_id"),
    Column(
        "codebook_version",
        Kind.INTEGER,
        "The version of the whole codebook since which it reads so: every change of any code is the next. "
        "As the codebook stood at version 7, it is of each code the row with the greatest version up to 7.",
        "codes.codebook_version",
        required=True,
    ),
    Column("name", Kind.TEXT, "What it is called.", "codes.name", required=True),
    Column(
        "definition", Kind.TEXT, "When it is to be given; empty for none.", "codes.definition", required=True
    ),
    Column(
        "colour",
        Kind.TEXT,
        "How it is drawn in the researchers' room.",
        "codes.colour",
        levels=tuple(colour.value for colour in CodeColour),
        required=True,
        repeats=True,
    ),
    Column(
        "researcher_id",
        Kind.ID,
        "The researcher who made this version, as a pseudonym.",
        "codes.researcher_id",
        required=True,
        repeats=True,
    ),
    time("created_at", "When this version was made.", "codes.created_at", required=True),
    time(
        "retired_at",
        "When it was retired: with this version on it can be given no more; missing while it lives.",
        "codes.retired_at",
    ),
)
