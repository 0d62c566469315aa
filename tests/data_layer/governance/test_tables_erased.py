"""Which tables a withdrawal erases from."""

from data_layer.writing.erasure import TABLES


def test_every_table_that_names_a_participant_is_erased_from() -> None:
    """A new table is found by its columns; this list makes whoever adds one think about it."""
    assert {table.name for table in TABLES} == {
        "annotations",
        "bookmarks",
        "coding_assignments",
        "connections",
        "consents",
        "elements",
        "embeddings",
        "events",
        "form_answers",
        "forms",
        "identities",
        "imports",
        "intent_moves",
        "intents",
        "keyed_requests",
        "llm_calls",
        "participations",
        "passwords",
        "ratings",
        "runs",
        "shares",
        "sign_ins",
        "stage_visits",
        "step_revisions",
        "steps",
        "survey_answers",
        "survey_changes",
        "tool_decisions",
        "tool_records",
    }
