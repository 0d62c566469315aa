"""What was asked in forms that were sent: read off the forms themselves, as each was shown."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from exports.columns.derived import ReadColumns
from exports.tables import forms
from study.forms.item import OTHER, ItemKind

# Words as they were shown, with their language: how often.
Words = Counter[tuple[str, str]]
_POINTS: Final = (1, 5)  # of a scale that says nothing else


@dataclass
class AskedOption:
    """One that was offered.

    Args:
        place: Among all that were ever offered, as they came.
        codes: The numbers that it had.
        labels: What stood beside it.
    """

    place: int
    codes: set[int] = field(default_factory=set)
    labels: Words = field(default_factory=Counter)

    @property
    def number(self) -> int:
        """Its lowest number, or its place where it has none."""
        return min(self.codes, default=self.place)


@dataclass
class AskedItem:
    """An item, in whatever way it was asked.

    Args:
        form: The form's id.
        item: Its own.
        kinds: What it asked for, and whether it had options.
        labels: Its question.
        units: What stood behind its number.
        options: What was offered, by value.
        other: What an "other" was called.
        ends: What the ends of a scale meant, by place.
        places: Its places in the form, added up.
        asked: In how many forms.
    """

    form: str
    item: str
    kinds: set[tuple[str, bool]] = field(default_factory=set)
    labels: Words = field(default_factory=Counter)
    units: Words = field(default_factory=Counter)
    options: dict[str, AskedOption] = field(default_factory=dict)
    other: Words = field(default_factory=Counter)
    ends: dict[float, Words] = field(default_factory=dict)
    places: int = 0
    asked: int = 0

    def take(self, shown: Mapping[str, Any], place: int, language: str) -> None:
        """Take in one form that it stood in.

        Args:
            shown: The item, as it was shown.
            place: Among the items.
            language: Of the form.
        """
        self.asked += 1
        self.places += place
        self.kinds.add((shown["kind"], bool(shown.get("options"))))
        self.labels[language, _line(shown["label"])] += 1
        for words, name in ((self.units, "unit"), (self.other, OTHER)):
            if shown.get(name):
                words[language, _line(shown[name])] += 1
        for option in shown.get("options", ()):
            known = self.options.setdefault(option["value"], AskedOption(len(self.options) + 1))
            if option.get("code") is not None:
                known.codes.add(option["code"])
            known.labels[language, _line(option["label"])] += 1
        if shown["kind"] == ItemKind.SCALE and not shown.get("options"):
            for name, bound, usual in zip(("low", "high"), ("least", "most"), _POINTS, strict=True):
                if shown.get(name):
                    words = self.ends.setdefault(float(shown.get(bound, usual)), Counter())
                    words[language, _line(shown[name])] += 1


@dataclass(frozen=True)
class FormCells:
    """What was answered in one form.

    Args:
        form: The form's id.
        answers: By item, as study/forms/checking.py writes them.
        codes: The numbers of an item's options, by value, as this form had them.
    """

    form: str
    answers: Mapping[str, Any]
    codes: Mapping[str, Mapping[str, int | None]]


@dataclass
class AskedForms:
    """All that was asked.

    Args:
        items: By form and item; forms in the order in which they were sent first.
        times: How often each form was sent.
        languages: How often each language was shown.
    """

    items: dict[str, dict[str, AskedItem]] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    @property
    def language(self) -> str:
        """The language that was shown most."""
        return max(self.languages, key=lambda one: (self.languages[one], one), default="")

    def take(self, name: str, definition: Mapping[str, Any]) -> None:
        """Take in a form that was sent."""
        language = str(definition.get("language", ""))
        self.times[name] += 1
        self.languages[language] += 1
        of = self.items.setdefault(name, {})
        for place, shown in enumerate(definition["items"], 1):
            if shown["kind"] != ItemKind.NOTE:
                of.setdefault(shown["id"], AskedItem(name, shown["id"])).take(shown, place, language)

    def words(self, words: Words) -> str:
        """The words that were shown most often, in the language that was shown most where there are any."""
        language = self.language
        return max(words, key=lambda one: (one[0] == language, words[one], one), default=("", ""))[1]

    def order(self, first: Mapping[str, int]) -> None:
        """Put forms in the order in which they were sent first.

        Args:
            first: When that was, by the form's id.
        """
        self.items = {
            name: self.items[name] for name in sorted(self.items, key=lambda one: (first[one], one))
        }


def cells_of(form: str, definition: Mapping[str, Any], answers: Mapping[str, Any]) -> FormCells:
    """What was answered in a form.

    Args:
        form: Its id.
        definition: As it was shown.
        answers: By item, as study/forms/checking.py writes them.
    """
    codes = {
        shown["id"]: {option["value"]: option.get("code") for option in shown["options"]}
        for shown in definition["items"]
        if shown.get("options")
    }
    return FormCells(form, answers, codes)


def asked_in(sent: frozenset[str], read: ReadColumns) -> AskedForms:
    """What was asked in forms that were sent.

    Args:
        sent: Their ids.
        read: Reads the table of forms.
    """
    columns = tuple(forms.TABLE.column(name) for name in ("form_id", "name", "seq", "definition"))
    asked, first = AskedForms(), dict[str, int]()
    for batch in read(columns):
        for form_id, name, seq, definition in zip(*(one.to_pylist() for one in batch.columns), strict=True):
            if form_id in sent:
                asked.take(name, json.loads(definition))
                first[name] = min(seq, first.get(name, seq))
    asked.order(first)
    return asked


def _line(text: object) -> str:
    """Words on one line."""
    return re.sub(r"\s+", " ", str(text)).strip()
