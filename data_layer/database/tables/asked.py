"""Forms that stood under a reply, and what was answered in them."""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text

from data_layer.database.tables.parts import id_column, metadata
from data_layer.database.types import JsonColumn, UtcTime

forms = Table(
    "forms",
    metadata,
    id_column("form_id", primary_key=True),
    id_column("thread_id", nullable=False),
    id_column("run_id"),
    id_column("message_id", nullable=False),  # the reply that it stands under
    Column("seq", BigInteger, nullable=False),
    Column("turn", Integer),
    Column("name", Text, nullable=False),  # its id in the study, or as its agent calls it
    Column("definition", JsonColumn, nullable=False),  # as it was shown: language, order, seed
    Column("state", String(16), nullable=False),  # study.vocabulary.FormState
    Column("left_because", String(16)),  # "typed", or "moved": it left the screen with its branch
    Column("answers", JsonColumn),  # by item, as study/forms/checking.py writes them
    Column("shown_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    id_column("answered_by_message"),
    Index("ix_forms_thread_id", "thread_id"),
    Index("ix_forms_message_id", "message_id"),
)

# A row for each item that asks something, when the form was sent.
form_answers = Table(
    "form_answers",
    metadata,
    id_column("answer_id", primary_key=True),
    id_column("form_id", nullable=False),
    id_column("thread_id", nullable=False),
    id_column("message_id", nullable=False),  # the participant's, that says the answers in words
    id_column("connection_id"),
    Column("seq", BigInteger, nullable=False),
    Column("form", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("label", Text),  # the question, as it was shown
    Column("position", Integer, nullable=False),  # among the items as they were shown, from 1
    Column("state", String(16), nullable=False),  # study.vocabulary.AnswerState
    Column("value", Text),
    Column("number", Float),
    Column("value_label", Text),  # the answer, as it reads on the page
    Column("other", Text),
    Column("changes", Integer, nullable=False),  # of the answer, before it was sent
    Column("shown_at", UtcTime, nullable=False),
    Column("first_touched_at", UtcTime),
    Column("sent_at", UtcTime, nullable=False),
    Index("ix_form_answers_thread_id", "thread_id"),
    Index("ix_form_answers_form_id", "form_id"),
)
