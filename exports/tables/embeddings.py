"""The table `embeddings`: what a model made of each message, where a study is searched by meaning."""

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.columns.scope import Scope, with_thread
from exports.columns.shared import seq, thread_id, time
from exports.columns.table import ExportTable, Extract

embeddings = schema.embeddings

COLUMNS = (
    Column(
        "message_id",
        Kind.ID,
        "The message.",
        value=embeddings.c.step_id,
        references=("messages.message_id",),
        required=True,
    ),
    Column(
        "model",
        Kind.TEXT,
        "The model that made the vector, and how it was asked: vectors of two models do not compare.",
        value=embeddings.c.model,
        required=True,
        repeats=True,
    ),
    thread_id(embeddings),
    Column(
        "revision",
        Kind.INTEGER,
        "Which revision of the message it was made of; the vector of an earlier one is not kept.",
        value=embeddings.c.revision,
        required=True,
    ),
    Column(
        "dimension",
        Kind.INTEGER,
        "How many numbers the vector has; missing where there is none.",
        value=embeddings.c.dimension,
    ),
    Column(
        "vector",
        Kind.VECTOR,
        "The numbers, of length one together, as 32 bits hold them: their products are cosines. A list in "
        "Parquet, else a JSON array; missing where the model did not take the message.",
        value=embeddings.c.vector,
    ),
    Column(
        "error_type",
        Kind.TEXT,
        "Why the model did not take the message; missing where it did.",
        value=embeddings.c.error_type,
        repeats=True,
    ),
    seq(embeddings),
    time("created_at", "When it was made.", embeddings.c.created_at, required=True),
)


def extract(scope: Scope) -> Extract:
    """What was made of the exported messages."""
    steps = schema.steps
    return Extract(
        source=with_thread(embeddings).outerjoin(steps, steps.c.step_id == embeddings.c.step_id),
        where=(*scope.living(steps), *scope.threads()),
        order=(embeddings.c.step_id, embeddings.c.model),
        # It is made anew when its message says something else.
        touched=(embeddings.c.seq, embeddings.c.created_at),
        moved=(steps.c.version, steps.c.deleted_at),
        fixed=frozenset({"message_id", "model", "thread_id"}),
    )


TABLE = ExportTable(
    name="embeddings",
    description="What a model made of messages, as numbers, where the study is searched by meaning; one row "
    "a message. Large, and left out unless it is asked for.",
    columns=COLUMNS,
    key=("message_id", "model"),
    extract=extract,
    on_request=True,
    remade=True,
)
