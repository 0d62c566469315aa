"""The table `codes`: the codebook, every version of it."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope
from exports.columns.shared import key, time
from exports.columns.table import ExportTable, Extract
from study.vocabulary import CodeColour

codes = schema.codes

COLUMNS = (
    key("code_id", "The code, the same through every version.", codes.c.code_id),
    Column(
        "codebook_version",
        Kind.INTEGER,
        "The version of the whole codebook since which it reads so: every change of any code is the next. "
        "As the codebook stood at version 7, it is of each code the row with the greatest version up to 7.",
        value=codes.c.codebook_version,
        required=True,
    ),
    Column("name", Kind.TEXT, "What it is called.", value=codes.c.name, required=True),
    Column(
        "definition",
        Kind.TEXT,
        "When it is to be given; empty for none.",
        value=codes.c.definition,
        required=True,
    ),
    Column(
        "colour",
        Kind.TEXT,
        "How it is drawn in the researchers' room.",
        value=codes.c.colour,
        levels=tuple(colour.value for colour in CodeColour),
        required=True,
        repeats=True,
    ),
    Column(
        "parent_id",
        Kind.ID,
        "The code that it stands under, retired or not; missing for one that stands by itself. What is asked "
        "of a code holds for those under it too.",
        value=codes.c.parent_id,
        references=("codes.code_id",),
        repeats=True,
    ),
    Column(
        "place",
        Kind.NUMBER,
        "Where it stands among the codes beside it: they are shown in this order. Missing for one that was "
        "never moved: then it is the version that added it.",
        value=codes.c.place,
    ),
    Column(
        "researcher_id",
        Kind.ID,
        "The researcher who made this version, as a pseudonym.",
        value=codes.c.researcher_id,
        required=True,
        repeats=True,
    ),
    time("created_at", "When this version was made.", codes.c.created_at, required=True),
    time(
        "retired_at",
        "When it was retired: with this version on it can be given no more; missing while it lives.",
        codes.c.retired_at,
    ),
)


def extract(scope: Scope) -> Extract:
    """Every version of every code, whichever threads are chosen: what is not given is a finding too."""
    return Extract(
        source=codes,
        where=(),
        order=(codes.c.code_id, codes.c.codebook_version),
        touched=(),
        moved=(codes.c.created_at,),
    )


TABLE = ExportTable(
    name="codes",
    description="The researchers' codebook; one row a version of a code.",
    columns=COLUMNS,
    key=("code_id", "codebook_version"),
    extract=extract,
)
