"""The glossary in the room: a word that opens its meaning, and the page of all words."""

import re
from typing import Final

from markupsafe import Markup

from study.vocabulary import BORROWED, WORDS
from web.addresses import below_path

MEANINGS: Final = WORDS | BORROWED
# A button and a popover need neither a script nor a pointer: keys and fingers open it, Esc closes it.
_TERM: Final = Markup(
    '<button type="button" class="term" popovertarget="{place}">{shown}</button>'
    '<span class="meaning" id="{place}" popover><b>{word}</b>: {meaning}. '
    '<a href="{all}#{own}">All words</a></span>'
)


def term(word: str, shown: str = "") -> Markup:
    """A word of the glossary, for the place on a page where it first stands.

    Args:
        word: As the glossary has it; one that it has not is a mistake of a template.
        shown: As the sentence has it; the word itself when empty.
    """
    return _TERM.format(
        place=f"term-{anchor(word)}",
        own=anchor(word),
        word=word,
        shown=shown or word,
        meaning=MEANINGS[word],
        all=below_path("/research/glossary"),
    )


def term_if_known(word: str) -> Markup | str:
    """A word with its meaning where the glossary has it, else as it is."""
    return term(word) if word in MEANINGS else word


def anchor(word: str) -> str:
    """What a word is called in addresses."""
    return re.sub(r"[^a-z0-9]+", "-", word.lower())
