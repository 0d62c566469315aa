"""Columns of scores: one for each scale of an instrument, in each stage that asked it."""

from collections.abc import Iterable

from data_layer.database import schema
from exports.columns.column import Column
from exports.columns.field import Kind
from exports.tables.survey_answers_wide.sent import SentSurvey
from study.instruments import missing_rule, scores_of, shipped_instruments

# Stage, instrument and scale.
Scored = tuple[str, str, str]


def score_columns(scored: Iterable[Scored], taken: set[str]) -> dict[Scored, Column]:
    """Make the columns.

    Args:
        scored: What is scored, in their order.
        taken: Names that are others': an item is not likely to be called so, but may.
    """
    found = dict[Scored, Column]()
    for stage_id, instrument_id, scale in scored:
        instrument = shipped_instruments()[instrument_id]
        name = f"{stage_id}.{instrument.prefix.rstrip('_')}.{scale}.score"
        while name in taken:
            name += "_2"
        rule = instrument.scales[scale]
        low, high = rule.range
        found[stage_id, instrument_id, scale] = Column(
            name,
            Kind.NUMBER,
            f"{instrument.title}, {rule.title}: {rule.how.value} from {low:g} to {high:g}, key version "
            f"{instrument.key_version}, missing unless {missing_rule(rule)} items were answered.",
            value=schema.survey_answers.c.number,
        )
        taken.add(name)
    return found


def scores_in(surveys: Iterable[SentSurvey]) -> dict[Scored, float | None]:
    """The scores of somebody's surveys.

    Args:
        surveys: What they sent.
    """
    return {
        (sent.stage_id, instrument.id, found.scale): found.value
        for sent in surveys
        for instrument, found in scores_of(sent.definition, sent.numbers)
    }
