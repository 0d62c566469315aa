"""All tables, in the order in which they are written and described."""

from typing import Final

from exports.columns.table import ExportTable
from exports.options import ExportOptions
from exports.tables import (
    annotations,
    assignments,
    bookmarks,
    checks,
    codes,
    coding_tasks,
    connections,
    consent_texts,
    consents,
    elements,
    embeddings,
    endings,
    events,
    form_answers,
    form_answers_wide,
    forms,
    identities,
    import_origins,
    imports,
    intent_moves,
    intents,
    ledgers,
    llm_calls,
    messages,
    participants,
    participations,
    places,
    prompts,
    ratings,
    revisions,
    runs,
    scores,
    shares,
    stage_visits,
    steps,
    study_controls,
    survey_answers,
    survey_answers_wide,
    survey_changes,
    threads,
    withdrawals,
)
from study.errors import ExportError

TABLES: Final[tuple[ExportTable, ...]] = (
    participants.TABLE,
    threads.TABLE,
    messages.TABLE,
    steps.TABLE,
    revisions.TABLE,
    runs.TABLE,
    intents.TABLE,
    intent_moves.TABLE,
    llm_calls.TABLE,
    prompts.TABLE,
    forms.TABLE,
    form_answers.TABLE,
    form_answers_wide.TABLE,
    ratings.TABLE,
    bookmarks.TABLE,
    elements.TABLE,
    embeddings.TABLE,
    shares.TABLE,
    participations.TABLE,
    stage_visits.TABLE,
    consents.TABLE,
    consent_texts.TABLE,
    survey_answers.TABLE,
    survey_answers_wide.TABLE,
    survey_changes.TABLE,
    scores.TABLE,
    checks.TABLE,
    endings.TABLE,
    ledgers.TABLE,
    assignments.TABLE,
    places.TABLE,
    imports.TABLE,
    connections.TABLE,
    events.TABLE,
    codes.TABLE,
    coding_tasks.TABLE,
    annotations.TABLE,
    study_controls.TABLE,
    withdrawals.TABLE,
    identities.TABLE,
    import_origins.TABLE,
)


def tables_for(options: ExportOptions) -> tuple[ExportTable, ...]:
    """The tables that were asked for.

    Args:
        options: What was asked for.

    Returns:
        In the order of TABLES.

    Raises:
        ExportError: There is no such table, or it may not leave like that.
    """
    known = {table.name: table for table in TABLES}
    for name in options.tables:
        if name not in known:
            raise ExportError(
                f"--tables: there is no table {name!r}. Choose among: {', '.join(known)}. "
                "Write it like: --tables messages,threads"
            )
        if known[name].personal and not options.include_identities:
            raise ExportError(
                f"--tables: {name} says who participants are. "
                f"If that is meant to leave, write it like: --tables {name} --include-identities"
            )
    always = {table.name for table in TABLES if not table.personal and not table.on_request}
    wanted = set(options.tables) or always
    # What a table comes of is its proof.
    wanted |= {one for table in TABLES if table.name in wanted for one in table.comes_of}
    if options.include_identities:
        wanted |= {table.name for table in TABLES if table.personal}
    if options.include_vectors:
        wanted |= {table.name for table in TABLES if table.on_request}
    return tuple(table for table in TABLES if table.name in wanted)
