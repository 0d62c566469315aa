"""Whether an instrument is asked in other words than those that were published."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from study.forms import Item
from study.forms.texts import text_in
from study.instruments.definition import Instrument
from study.instruments.items import label_of
from study.instruments.words import ABOUT, ABOUT_FIRST, ItemWords


def wording_changed(instrument: Instrument, items: Sequence[Item]) -> tuple[str, ...]:
    """The items whose text is another than the published one.

    What a study puts for {about} is no change, as long as it is the same in all of them. Of words
    that are not here nothing can be said.

    Args:
        instrument: The instrument, as it is here.
        items: Of a form that asks it, others among them; in one language, or in several.

    Returns:
        The form's ids of the changed items, in the instrument's order.
    """
    by_id = {item.id: item for item in items}
    asked = {
        one.id: by_id[form_id] for one in instrument.items if (form_id := instrument.form_id(one.id)) in by_id
    }
    changed = {
        language: _changed(words.items, asked, language)
        for language, words in instrument.languages.items()
        if words.items
    }
    if not changed:
        return ()
    written = {name for item in asked.values() if isinstance(item.label, dict) for name in item.label}
    if several := written & set(changed):
        found = set().union(*(changed[language] for language in several))
    else:
        # Written in one language, and in which is not said: the one that they come nearest to.
        found = min(changed.values(), key=len)
    return tuple(instrument.form_id(item) for item in asked if item in found)


def _changed(published: Mapping[str, ItemWords], asked: Mapping[str, Item], language: str) -> set[str]:
    """The items that are not what was published in a language."""
    put = {item: _put(published[item], said, language) for item, said in asked.items() if item in published}
    counted = Counter(about for about in put.values() if about)
    common = max(counted, key=lambda about: counted[about], default="")
    return {item for item, about in put.items() if about not in ("", common)}


def _put(published: ItemWords, said: Item, language: str) -> str | None:
    """What was put for {about} in an item: "" where it has none, None where it is not the published one."""
    texts = [text_in(said.label, language)]
    expected = [label_of(published)]
    if published.ends is not None:
        texts += [text_in(end or "", language) for end in (said.low, said.high)]
        expected += published.ends
    found = set()
    for one, other in zip(expected, texts, strict=True):
        match = _pattern(one).fullmatch(other.strip())
        if match is None:
            return None
        if match.groups():
            found.add(match[1].lower() + match[2])
    return None if len(found) > 1 else next(iter(found), "")


def _pattern(text: str) -> re.Pattern[str]:
    """What a text may read like: anything for {about}, and the same wherever it stands again."""
    first, *others = re.split("|".join(map(re.escape, (ABOUT, ABOUT_FIRST))), text)
    written = re.escape(first)
    for place, other in enumerate(others):
        # Its first letter may be a great one or not.
        written += (r"(?i:\1)\2" if place else "(.)(.*)") + re.escape(other)
    return re.compile(written)
