"""An instrument as items of a form, and a form's answers as numbers for its key."""

from collections.abc import Mapping, Sequence
from typing import Any

from study.errors import StudyFileError
from study.forms import Item, ItemKind, Option
from study.forms.summary import number_of
from study.instruments.definition import Instrument
from study.instruments.reading import WordsFile
from study.instruments.words import InstrumentWords, ItemWords, with_about


def missing_words(instrument: Instrument, language: str, words: WordsFile | None = None) -> str | None:
    """Why an instrument cannot be asked in a language yet.

    Args:
        instrument: The instrument.
        language: One of LANGUAGES.
        words: What a study fills it with.

    Returns:
        A sentence with the repair; None where all is there.
    """
    found = _words(instrument, language, words)
    lacking = [item.id for item in instrument.items if found is None or item.id not in found.items]
    where = f"languages.{language}"
    if not lacking:
        assert found is not None
        if _has_answers(instrument, found):
            return None
        return (
            f"{instrument.id} has no words for its answers in {language!r}. Write 'labels' or 'ends' "
            f"below {where} into the file with its words."
        )
    what = ", ".join(lacking)
    if instrument.is_bare:
        return (
            f"{instrument.id} comes without the words of its items, and lacks in {language!r}: {what}. "
            f"Get them from: {instrument.get_texts_from} Write them into a file, below {where}.items, each "
            "by its id."
        )
    known = ", ".join(instrument.languages)
    return (
        f"{instrument.id} has no words in {language!r} for: {what}. It has: {known}. Write those of a "
        f"published translation into a file, below {where}.items, each by its id."
    )


def items_of(
    instrument: Instrument, language: str, about: str | None = None, words: WordsFile | None = None
) -> tuple[Item, ...]:
    """The items of a form that ask an instrument.

    Their order is the paper's. A form that shuffles moves them, except where the paper fixes the order.

    Args:
        instrument: The instrument.
        language: One of LANGUAGES.
        about: What stands for {about}; the instrument's own words where there are none.
        words: What a study fills it with.

    Returns:
        The instruction as a note, where there is one, and an item for each of the instrument's.

    Raises:
        StudyFileError: Words are missing; says where to get them.
    """
    if lacking := missing_words(instrument, language, words):
        raise StudyFileError(lacking)
    found = _words(instrument, language, words)
    assert found is not None
    put = about or found.about or ""
    items = [
        _item(instrument, item.id, found, found.items[item.id], with_about_in(found.items[item.id], put))
        for item in instrument.items
    ]
    if found.instruction is not None:
        note = with_about(found.instruction, put)
        items.insert(0, Item(id=instrument.form_id("instruction"), kind=ItemKind.NOTE, label=note))
    return tuple(items)


def codes_of(
    instrument: Instrument, items: Sequence[Item], values: Mapping[str, Any]
) -> dict[str, float | None]:
    """The answers to an instrument as numbers, as `score` takes them.

    Args:
        instrument: The instrument.
        items: Of the form that asked it, others among them.
        values: The form's answers, as `study.forms.check` writes them.
    """
    asked = {item.id: item for item in items}
    return {
        one.id: number_of(asked[form_id], values.get(form_id))
        for one in instrument.items
        if (form_id := instrument.form_id(one.id)) in asked
    }


def label_of(wording: ItemWords) -> str:
    """What stands above an item: its text, or both ends of a pair."""
    return wording.text if wording.text is not None else " – ".join(wording.ends or ())


def with_about_in(wording: ItemWords, about: str) -> ItemWords:
    """An item's words with what they are about in its place."""
    return ItemWords(
        text=None if wording.text is None else with_about(wording.text, about),
        ends=None
        if wording.ends is None
        else (with_about(wording.ends[0], about), with_about(wording.ends[1], about)),
    )


def _words(instrument: Instrument, language: str, words: WordsFile | None) -> InstrumentWords | None:
    own = instrument.languages.get(language)
    given = words.languages.get(language) if words is not None else None
    return own if given is None else given.over(own)


def _has_answers(instrument: Instrument, words: InstrumentWords) -> bool:
    everywhere = bool(words.labels or words.ends)
    return everywhere or all(words.items[item.id].ends is not None for item in instrument.items)


def _item(
    instrument: Instrument, item: str, words: InstrumentWords, written: ItemWords, said: ItemWords
) -> Item:
    answers = instrument.answers
    shape: dict[str, Any] = {
        "id": instrument.form_id(item),
        "label": label_of(said),
        "fixed": instrument.order == "fixed",
    }
    ends = said.ends or words.ends
    if words.labels and written.ends is None:
        codes = range(answers.least, answers.most + 1, answers.step)
        options = [
            Option(value=str(code), label=label, code=code)
            for code, label in zip(codes, words.labels, strict=True)
        ]
        return Item(kind=ItemKind.SCALE, options=tuple(options), **shape)
    assert ends is not None
    shape |= {"least": answers.least, "most": answers.most, "low": ends[0], "high": ends[1]}
    if answers.slider:
        return Item(kind=ItemKind.SLIDER, step=answers.step, **shape)
    return Item(kind=ItemKind.SCALE, **shape)
