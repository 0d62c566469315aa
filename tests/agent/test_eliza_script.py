"""ELIZA's script holds together, and its patterns take any text apart at a bounded cost."""

import pytest

from agent.eliza_pattern import ANY, PatternPart, pattern_of, take_apart
from agent.eliza_script import Keyword, doctor


def links_of_all() -> dict[str, set[str]]:
    """Return where each keyword's rules may go on."""

    def of(keyword: Keyword) -> set[str]:
        replies = [reply for rule in keyword.rules for reply in rule.replies]
        return {link for link in [keyword.link, *(reply.link for reply in replies)] if link is not None}

    return {name: of(keyword) for name, keyword in doctor().keywords.items()}


def test_a_hostile_text_costs_little() -> None:
    """Where trying all possibilities would look 10,000,000,000 times, each word is looked at once."""
    looked_at: list[str] = []

    def is_i(word: str) -> bool:
        looked_at.append(word)
        return word == "I"

    def is_absent(word: str) -> bool:
        looked_at.append(word)
        return False

    pattern = [
        *[PatternPart(ANY), PatternPart(1, is_i)] * 4,
        PatternPart(ANY),
        PatternPart(1, is_absent),
        PatternPart(ANY),
    ]
    assert take_apart(pattern, ["I"] * 1_000) is None
    assert len(looked_at) == 1_000


@pytest.mark.parametrize(
    ("pattern", "text", "taken"),
    [
        ("0", "", [""]),
        ("0 A 0", "x A y A z", ["x", "A", "y A z"]),
        ("0 A 0 B", "x A y B z B", ["x", "A", "y B z", "B"]),
        ("A 0", "x A", None),
        ("0 A", "A x", None),
        ("A 2 B", "A x y B", ["A", "x y", "B"]),
        ("A 2 B", "A x B", None),
        ("0 (*A B) 0", "x B A", ["x", "B", "A"]),
        ("0 A B 0", "A A B", ["A", "A", "B", ""]),
        ("A 0 A", "A", None),
        ("1", "x", ["x"]),
        ("1", "x y", None),
    ],
)
def test_patterns_take_texts_apart(pattern: str, text: str, taken: list[str] | None) -> None:
    """Each 0 takes as few words as it can, the first ones first."""
    found = take_apart(pattern_of(pattern), text.split())
    assert taken == (None if found is None else [" ".join(words) for words in found])


def test_every_link_leads_somewhere() -> None:
    """Each keyword that the script goes on with is in it, and has rules or goes on itself."""
    assert [
        link for links in links_of_all().values() for link in links if not doctor().keywords[link].answers
    ] == []


def test_links_never_go_in_circles() -> None:
    """From no keyword do links lead back to it, so that an answer is always reached."""
    links = links_of_all()

    def reach(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, path
        for link in links[name]:
            reach(link, (*path, name))

    for name in links:
        reach(name, ())


def test_every_number_in_a_reply_has_its_part() -> None:
    """A reply names only parts that its pattern has."""
    rules = [rule for keyword in doctor().keywords.values() for rule in keyword.rules]
    for rule in [*rules, *doctor().memory_rules, doctor().none]:
        for reply in rule.replies:
            numbers = [int(word) for word in reply.text or () if word.isdigit()]
            assert all(1 <= number <= len(rule.pattern) for number in numbers)


def test_the_script_has_what_the_paper_printed() -> None:
    """66 keywords, four memory rules, the ranks of the paper."""
    script = doctor()
    ranked = {name: keyword.rank for name, keyword in script.keywords.items() if keyword.rank >= 10}
    assert (len(script.keywords), len(script.memory_rules), len(script.no_match)) == (66, 4, 4)
    assert ranked == {
        "COMPUTER": 50,
        "COMPUTERS": 50,
        "MACHINE": 50,
        "MACHINES": 50,
        "NAME": 15,
        "ALIKE": 10,
        "SAME": 10,
        "LIKE": 10,
    }
