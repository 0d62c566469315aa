"""Shows instructions, and says whether a quiz on them was answered right."""

from collections.abc import Mapping
from typing import Any, cast

from data_layer.database.rows import Row
from stages.protocol.handling import AtStage, Posted, Posting
from stages.survey.answers import answer_rows
from stages.survey.handler import as_shown, drafted, in_words, not_let_be, shown_survey, wrong_drafts
from stages.survey.posted import drafts_in, values_in
from study.forms import check
from study.protocol.machine import WasRead
from study.protocol.stages import InstructionsDefinition


class InstructionsHandler:
    """The stage of kind instructions."""

    async def shown(self, here: AtStage) -> Mapping[str, Any]:
        """The text, and the quiz; after a wrong try both once more, with a word on it."""
        stage = cast(InstructionsDefinition, here.stage)
        if stage.quiz is None:
            return {"text": here.text(stage.text), "survey": None, "values": {}, "known": {}, "again": False}
        return {
            "text": here.text(stage.text),
            "survey": await shown_survey(here),
            "values": await drafted(here),
            "known": {},
            "again": here.position.attempt > 1,
        }

    async def take(self, here: AtStage, posted: Posted) -> Posting:
        """Keep the answers to the quiz; which of them is wrong is not told."""
        stage = cast(InstructionsDefinition, here.stage)
        if stage.quiz is None:
            return Posting(WasRead())
        survey = await shown_survey(here)
        answered = check(survey, values_in(survey, posted))
        if errors := not_let_be(answered.errors, posted):
            return Posting(problems=in_words(errors, here.strings), drafts=drafts_in(survey, posted))
        drafts = await here.record.participations.drafts(here.participant_id, here.position.visit)
        rows = answer_rows(here, survey, answered.values, drafts, {})
        right = all(row["check_passed"] for _, row in rows if row["check_kind"] == "comprehension")
        return Posting(WasRead(right), tuple(rows))

    async def again(self, here: AtStage) -> Mapping[str, str]:
        """What is wrong with the answers to the quiz: that one is missing, not that one is not right."""
        stage = cast(InstructionsDefinition, here.stage)
        return {} if stage.quiz is None else await wrong_drafts(here)

    def entering(self, here: AtStage) -> Row | None:
        """The quiz as it is shown this time."""
        stage = cast(InstructionsDefinition, here.stage)
        return None if stage.quiz is None else as_shown(here, here.study.surveys[stage.quiz])
