"""How a researcher's search is read: any text is legal, or gets a sentence that names the repair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.database.text import search_words
from data_layer.review.index_query import index_query, matches
from data_layer.review.query import parse
from study.errors import QueryError

AGENT, PARTICIPANT = "assistant_message", "user_message"


def finds(query: str, text: str, said: str = AGENT) -> bool:
    """Whether a search finds a message."""
    return matches(parse(query), search_words(text), said)


@pytest.mark.parametrize(
    ("query", "found", "passed"),
    [
        ("long walks", "walks are long", "long"),
        ('"long walks"', "I like long walks.", "walks are long"),
        ("“long walks”", "Long walks!", "walks are long"),
        ("walk*", "two walkers", "a wa lk"),
        ('"long wa"*', "long walks", "wa long"),
        ("river OR sea", "by the sea", "by the lake"),
        ("walks NOT river", "walks by the sea", "walks by the river"),
        ("long AND walks OR sea", "the sea", "long"),
        ("long (walks OR sea)", "long sea", "walks sea"),
        ("walks NOT (river OR sea)", "walks", "walks, sea"),
        ("don't", "I don't", "don and t"),
        ("天気", "いい天気", "気天"),
        ("STRASSE", "Straße", "Strand"),
        ("and or not", "not and or", "and or"),
    ],
)
def test_operators_mean_what_they_say(query: str, found: str, passed: str) -> None:
    """Words, phrases, beginnings, AND, OR, NOT and brackets; in small letters they are words."""
    assert finds(query, found)
    assert not finds(query, passed)


def test_a_role_says_of_which_messages() -> None:
    """The participant's, or the agent's."""
    assert finds("walks role:agent", "walks", AGENT)
    assert not finds("walks role:agent", "walks", PARTICIPANT)
    assert finds("walks role:PARTICIPANT", "walks", PARTICIPANT)
    assert finds("role:agent AND walks", "walks", AGENT)


def test_a_role_holds_for_the_whole_search_unless_in_brackets() -> None:
    """Whoever writes it behind an OR means both sides."""
    assert not finds("river OR sea role:agent", "river", PARTICIPANT)
    assert finds("river OR (sea role:agent)", "river", PARTICIPANT)
    assert not finds("river OR (sea role:agent)", "sea", PARTICIPANT)


@pytest.mark.parametrize(
    ("query", "repair"),
    [
        ('"long walks', '"long walks"'),
        ("(walks", "“)” at the end"),
        ("walks)", "Take the “)” out"),
        ("walks OR", "river OR sea"),
        ("AND walks", "river AND sea"),
        ("NOT", "NOT walks"),
        ("role:me", "role:participant, role:agent"),
        ("NOT walks", "walks NOT river"),
        ("role:agent", "walks NOT river"),
        ("walks OR NOT sea", "walks NOT river"),
        ("🙂 !?", "Write a word"),
        ("", "Write a word"),
        ("w*", "two letters or more"),
        ("(" * 500, "flatter"),
        ("NOT " * 50 + "a", "flatter"),
        ("a " * 40, "Leave some out"),
        ("a" * 501, "shorter part"),
    ],
)
def test_what_cannot_be_read_gets_its_repair(query: str, repair: str) -> None:
    """A sentence that shows how to write it."""
    with pytest.raises(QueryError) as refused:
        index_query(parse(query), "sqlite")
    assert repair in str(refused.value)


@given(
    st.lists(
        st.sampled_from(['"', "(", ")", "AND", "OR", "NOT", "role:agent", "a*", "b", "é", "🙂", "'", ":"])
    )
)
def test_any_text_is_read_or_refused(tokens: list[str]) -> None:
    """Nothing else comes of it, whatever is typed."""
    for query in ("".join(tokens), " ".join(tokens)):
        try:
            node = parse(query)
            index_query(node, "postgresql")
        except QueryError:
            continue
        matches(node, ["a", "b"], AGENT)
