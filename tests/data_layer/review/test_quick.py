"""A text that is asked as it is answers as its words do."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.database.text import WORD_LENGTH, search_words
from data_layer.review.index_query import matches, times
from data_layer.review.query import Phrase, parse, phrases
from data_layer.review.quick import Quick
from study.vocabulary import StepType

# Few letters, so that words are met; what lies between words; letters that are folded, or stand alone.
_LETTERS: Final = st.text("aAb1 _-.\nÄß中İ", max_size=24)
_QUERIES: Final = (
    "a",
    "aa",
    "ab*",
    '"a b"',
    '"a b*"',
    '"b a b"',
    "a NOT b",
    "a OR b",
    '(a OR ab) NOT "b a"',
    "a role:agent",
    "ä",
    "ss",
    "中",
    "1",
)


@pytest.mark.parametrize("query", _QUERIES)
@given(text=_LETTERS, said=st.sampled_from([StepType.USER_MESSAGE, StepType.ASSISTANT_MESSAGE]))
def test_a_text_answers_as_its_words_do(query: str, text: str, said: StepType) -> None:
    """Plain letters or others, whatever stands between the words."""
    node = parse(query)
    assert Quick(node).matches(text, said) == matches(node, search_words(text), said)


@given(text=_LETTERS)
def test_how_often_is_as_its_words_say(text: str) -> None:
    """A phrase of two words and a beginning, counted where they stand apart."""
    wanted = phrases(parse('"a b" ab* a'))
    assert Quick(parse('"a b" ab* a')).times(wanted, text) == [
        times(one, search_words(text)) for one in wanted
    ]


def test_a_word_longer_than_the_index_keeps_is_found_by_its_beginning() -> None:
    """As the search knows such words: two that begin alike are one to it."""
    node, other = parse("a" * (WORD_LENGTH + 3)), "a" * (WORD_LENGTH + 9)
    assert isinstance(node, Phrase)
    assert Quick(node).matches(other, "")
    assert Quick(node).times([node], f"{other} a") == [1]
