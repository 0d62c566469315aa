"""The tables. Alembic's migrations make them; a test compares the two on both databases.

Three rules hold throughout:
- Rows are never destroyed. `deleted_at` and `deleted_by` take a row off the participant's screen.
- No foreign keys: Chainlit writes a step before its thread and an update before its create, and a
  record that may refuse a participant's words because another row is late would lose them
  (docs/decisions/0004). `exports verify` proves instead that every id joins.
- `seq` orders a thread totally. It is taken synchronously when a write is called for, in
  microseconds since 1970 and strictly increasing, so it also never repeats across restarts.
"""

from data_layer.database.tables.asked import form_answers, forms
from data_layer.database.tables.assigned import assignments, freezes, ledgers, seeds
from data_layer.database.tables.coding import annotations, codes, coding_assignments, saved_views
from data_layer.database.tables.conversation import elements, step_revisions, steps, threads
from data_layer.database.tables.governance import study_controls, withdrawals
from data_layer.database.tables.guessed import guesses
from data_layer.database.tables.happenings import connections, events, journal_applied, processes
from data_layer.database.tables.imports import imports
from data_layer.database.tables.intents import intent_moves, intents
from data_layer.database.tables.judgement import bookmarks, ratings, shares
from data_layer.database.tables.keyed import keyed_requests
from data_layer.database.tables.meaning import embeddings
from data_layer.database.tables.parts import metadata
from data_layer.database.tables.people import identities, participants, passwords, sign_ins
from data_layer.database.tables.provenance import llm_calls, prompts, runs
from data_layer.database.tables.research import (
    audit_log,
    exports,
    researcher_sessions,
    researcher_tokens,
    researchers,
)
from data_layer.database.tables.taking_part import (
    consent_texts,
    consents,
    participations,
    stage_visits,
    survey_answers,
    survey_changes,
)
from data_layer.database.tables.tools import tool_decisions, tool_records

__all__ = [
    "annotations",
    "assignments",
    "audit_log",
    "bookmarks",
    "codes",
    "coding_assignments",
    "connections",
    "consent_texts",
    "consents",
    "elements",
    "embeddings",
    "events",
    "exports",
    "form_answers",
    "forms",
    "freezes",
    "guesses",
    "identities",
    "imports",
    "intent_moves",
    "intents",
    "journal_applied",
    "keyed_requests",
    "ledgers",
    "llm_calls",
    "metadata",
    "participants",
    "participations",
    "passwords",
    "processes",
    "prompts",
    "ratings",
    "researcher_sessions",
    "researcher_tokens",
    "researchers",
    "runs",
    "saved_views",
    "seeds",
    "shares",
    "sign_ins",
    "stage_visits",
    "step_revisions",
    "steps",
    "study_controls",
    "survey_answers",
    "survey_changes",
    "threads",
    "tool_decisions",
    "tool_records",
    "withdrawals",
]
