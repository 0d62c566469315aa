"""The answers to a form in readable words: what the participant's message says, and what an agent reads."""

from collections.abc import Mapping
from typing import Any, Final

from study.forms.form import Form
from study.forms.item import OTHER, Item, ItemKind
from study.forms.texts import text_in
from study.strings import ENGLISH, strings_in

_ENDINGS: Final = ("?", "!", ".", ":", "…", "？", "！", "。", "：")  # Chinese ones among them


def summary(form: Form, values: Mapping[str, Any]) -> str:
    """Say what was answered.

    Args:
        form: As it was shown.
        values: What was answered, as `check` writes it.

    Returns:
        The answer alone where only one thing was asked; else a line an answer, each with its question.
    """
    language = form.language or ENGLISH
    answered = [item for item in form.asked if item.id in values]
    if not answered:
        return strings_in(language)("forms.nothing_answered")
    if len(form.asked) == 1:
        return words_of(answered[0], values, language)
    return "\n".join(
        f"{asked_in_line(text_in(item.label, language))} {words_of(item, values, language)}"
        for item in answered
    )


def asked_in_line(label: str) -> str:
    """A question as it stands before its answer."""
    return label if label.endswith(_ENDINGS) else f"{label}:"


def words_of(item: Item, values: Mapping[str, Any], language: str) -> str:
    """One answer in words, as a reader of the form's language writes it."""
    value = values[item.id]
    if isinstance(value, bool):
        return strings_in(language)("page.form_yes" if value else "page.form_no")
    if isinstance(value, list):
        if item.kind == ItemKind.RANKING:
            ranked = enumerate(value, start=1)
            return ", ".join(f"{place}. {_label(item, one, values, language)}" for place, one in ranked)
        if item.kind == ItemKind.FILE:
            return strings_in(language)("page.form_file_count", count=len(value))
        return ", ".join(_label(item, one, values, language) for one in value)
    if isinstance(value, str):
        return _label(item, value, values, language)
    unit = f" {text_in(item.unit, language)}" if item.unit else ""
    return f"{value}{unit}"


def _label(item: Item, value: str, values: Mapping[str, Any], language: str) -> str:
    if item.other and value == OTHER:
        return str(values[f"{item.id}_{OTHER}"])
    labels = {option.value: text_in(option.label, language) for option in item.options}
    return labels.get(value, value)


def text_of(value: Any) -> str | None:
    """An answer as the tables keep it: several values stand with a semicolon between them."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(value) if isinstance(value, list) else str(value)


def number_of(item: Item, value: Any) -> float | None:
    """An answer as a number: a choice's is its code, yes is 1 and no is 0; None where there is none."""
    if isinstance(value, bool | int | float):
        return float(value)
    codes = {option.value: option.code for option in item.options}
    code = codes.get(value) if isinstance(value, str) else None
    return None if code is None else float(code)
