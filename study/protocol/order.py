"""A survey as one participant gets it: in one language, its items, options and rows in one order."""

from itertools import groupby

from study.forms import shown_form
from study.forms.shown import shuffled
from study.forms.texts import text_in
from study.protocol.surveys import Survey, SurveyItem


def survey_in(survey: Survey, language: str, seed: str) -> Survey:
    """Write a survey in one language and put it in the order in which it is shown.

    Args:
        survey: As the study writes it.
        language: One of LANGUAGES; a text that lacks it is shown in the first that it has.
        seed: What the order is drawn with: the same seed draws the same order on every machine.
    """
    shown = shown_form(survey, language, seed)
    items: list[SurveyItem] = []
    for block, together in groupby(shown.items, key=lambda item: item.block):
        members = list(together)
        if block is not None:
            held = [not item.mixed for item in members]
            members = shuffled(members, [item.id for item in members], held, f"{seed}/{block}")
        items += members
    stems = [
        item if item.stem is None else item.model_copy(update={"stem": text_in(item.stem, language)})
        for item in items
    ]
    return shown.model_copy(update={"items": tuple(stems)})
