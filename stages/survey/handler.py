"""Shows a survey in the order that was drawn for its participant, and keeps what they answer."""

from collections.abc import Mapping
from typing import Any, Final, cast

from data_layer.database.rows import Row
from stages.protocol.handling import AtStage, Posted, Posting
from stages.survey.answers import answer_rows
from stages.survey.posted import drafts_in, values_in, values_of_drafts
from study.forms import check
from study.forms.checking import Flaw
from study.protocol.machine import SurveyAnswered
from study.protocol.order import survey_in
from study.protocol.stages import SurveyDefinition
from study.protocol.surveys import Survey
from study.strings import Strings
from study.text import storable_json

# The field of a page that names the answers that it reminds of.
REMINDED: Final = "reminded"
# Of a date or a time the least is the earliest.
_OF_TIME: Final = {"least": "earliest", "most": "latest"}


class SurveyHandler:
    """The stage of kind survey."""

    async def shown(self, here: AtStage) -> Mapping[str, Any]:
        """The questions, with what was answered before a crash or a reload."""
        survey = await shown_survey(here)
        return {
            "survey": survey,
            "values": await drafted(here),
            "known": await known_to(here, survey),
        }

    async def take(self, here: AtStage, posted: Posted) -> Posting:
        """Check the answers and keep them; what is wrong stands beside each question."""
        stage = cast(SurveyDefinition, here.stage)
        survey = await shown_survey(here)
        needs = {name for rule in stage.end_if for name in rule.items if "." in name}
        known = await known_to(here, survey, needs)
        answered = check(survey, values_in(survey, posted), known)
        if errors := not_let_be(answered.errors, posted):
            return Posting(problems=in_words(errors, here.strings), drafts=drafts_in(survey, posted))
        drafts = await here.record.participations.drafts(here.participant_id, here.position.visit)
        rows = answer_rows(here, survey, answered.values, drafts, known)
        failed = sum(row["check_kind"] == "attention" and not row["check_passed"] for _, row in rows)
        row = await here.record.participations.of(here.participant_id)
        before = row["attention_failed"] if row else 0
        move = SurveyAnswered({**known, **answered.values}, failed)
        return Posting(move, tuple(rows), changes={"attention_failed": before + failed})

    async def again(self, here: AtStage) -> Mapping[str, str]:
        """What is wrong with the answers as they stand."""
        return await wrong_drafts(here)

    def entering(self, here: AtStage) -> Row | None:
        """The survey as this participant is shown it: in their language, in an order of their own."""
        stage = cast(SurveyDefinition, here.stage)
        return as_shown(here, here.study.surveys[stage.file])


def as_shown(here: AtStage, survey: Survey) -> Row:
    """A survey as one participant is shown it, to be kept."""
    seed = f"{here.participant_id}/{here.stage.id}/{here.position.attempt}"
    shown = survey_in(survey, here.strings.language, seed)
    return cast(Row, storable_json(shown.model_dump(mode="json", by_alias=True, exclude_defaults=True)))


async def shown_survey(here: AtStage) -> Survey:
    """The survey of this visit as it was kept when it was entered, whatever became of the file since."""
    row = await here.record.participations.visit(here.participant_id, here.position.visit)
    if row is None or row["shown"] is None:
        raise LookupError("the visit has no survey")
    return Survey.model_validate(row["shown"])


async def known_to(
    here: AtStage, survey: Survey, needs: frozenset[str] | set[str] = frozenset()
) -> Mapping[str, Any]:
    """What was answered before, where a survey looks back; most look at nothing, and nothing is read."""
    looked = needs | set(survey.backward)
    if not looked:
        return {}
    found = await here.record.participations.answers(here.participant_id)
    return {name: value for name, value in found.items() if name in looked}


async def drafted(here: AtStage) -> dict[str, Any]:
    """What stands in the fields: the last that was written or sent, by item."""
    drafts = await here.record.participations.drafts(here.participant_id, here.position.visit)
    return {item: draft["value"] for item, draft in drafts.items()}


async def wrong_drafts(here: AtStage) -> dict[str, str]:
    """What is wrong with answers that were not taken yet, by item."""
    survey = await shown_survey(here)
    values = values_of_drafts(survey, await drafted(here))
    return in_words(check(survey, values, await known_to(here, survey)).errors, here.strings)


def not_let_be(errors: Mapping[str, Flaw], posted: Posted) -> dict[str, Flaw]:
    """What is wrong with answers but for those that lack, may lack, and were reminded of on the page."""
    reminded = posted.get(REMINDED, ("",))[0].split()
    return {item: flaw for item, flaw in errors.items() if flaw.code != "once" or item not in reminded}


def in_words(errors: Mapping[str, Flaw], strings: Strings) -> dict[str, str]:
    """What is wrong with answers, by item, as the page says it."""
    said = {item: (_OF_TIME.get(flaw.code, flaw.code), flaw) for item, flaw in errors.items()}
    return {
        item: strings(f"page.form_{code if isinstance(_first(flaw), str) else flaw.code}", **flaw.values)
        for item, (code, flaw) in said.items()
    }


def _first(flaw: Flaw) -> int | float | str | None:
    return next(iter(flaw.values.values()), None)
