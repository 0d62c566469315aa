"""What the tables keep of a form and of an answer in it, whoever asked and gave it."""

from collections.abc import Mapping
from typing import Any

from study.forms.conditions import is_shown
from study.forms.form import Form
from study.forms.item import Item
from study.forms.summary import number_of, text_of, words_of
from study.strings import ENGLISH
from study.text import storable_json
from study.vocabulary import AnswerState, FormState


def asked_row(shown: Form) -> dict[str, Any]:
    """What is kept of a form that is asked: columns of `forms`, without those that say where and when.

    Args:
        shown: As its participant gets it (`shown_form`).
    """
    definition = shown.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"name": shown.id, "definition": storable_json(definition), "state": FormState.OPEN.value}


def answer_row(
    item: Item, place: int, form: Form, values: Mapping[str, Any], known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What is kept of an answer: columns of `form_answers`, without those that name where it was given.

    Args:
        item: What was asked.
        place: Among the form's items, from 1.
        form: As it was shown.
        values: All answers, as `check` writes them.
        known: What was answered before the form, where its conditions look back.
    """
    state = AnswerState.ANSWERED
    if item.id not in values:
        state = AnswerState.SKIPPED if is_shown(item, {**(known or {}), **values}) else AnswerState.HIDDEN
    return {
        "item": item.id,
        "kind": item.kind.value,
        "label": str(item.label),
        "position": place,
        "state": state.value,
        "value": text_of(values.get(item.id)),
        "number": number_of(item, values.get(item.id)),
        "value_label": words_of(item, values, form.language or ENGLISH) if item.id in values else None,
        "other": values.get(f"{item.id}_other"),
    }
