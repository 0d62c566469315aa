"""A mistake in an instrument file is told with its place and its repair."""

import pytest

from docs.study_tables import _PARTS
from study.instruments import Instrument, parse_instrument, parse_words, shipped_instruments
from study.instruments.reading import INSTRUMENT_PARTS, WordsFile
from study.parts import StudyPart
from tests.study.instruments.kept import read
from tests.study.instruments.test_scoring import OWN
from tests.study.test_complaints import parts_in

EXAMPLE = "examples:\n  - {source: By hand, answers: {a: 4, b: 1, c: 2, d: 0, e: 4}, scores: %s}\n"
WORDS = """\
instrument: sus
languages:
  en:
    source: The appendix
    about: the page
    items: {q1: "Item 1 of {about}."}
"""


def problem_of(text: str) -> str:
    """The one thing that is wrong with an instrument file."""
    _instrument, problems = parse_instrument(text, "own.yaml")
    assert len(problems) == 1, problems
    return problems[0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'key_version: "3"',
            'key_version: "3"\nkey: "3"',
            "line 4, key: is not a known key here. Known here: id, ti",
        ),
        ("id: own", "id: My own", "own.yaml, line 1, id: should match pattern"),
        ('key_version: "3"', "key_version: 3", 'Put it in quotes: key_version: "3"'),
        (
            "{citation: Unpublished}",
            "{citation: U, doi: doi.org/1}",
            "line 4, reference.doi: should match pattern",
        ),
        (
            "{words: Ours, said_by: Ourselves}",
            "{words: Ours}",
            "licence.said_by: is missing. Write it like:",
        ),
        (
            "{least: 0, most: 4}",
            "{least: 4, most: 0}",
            "line 6, answers: does not lead from its least",
        ),
        (
            "{least: 0, most: 4}",
            "{least: 0, most: 4, step: 3}",
            "in whole steps. Write it like: answers: {",
        ),
        (
            "{least: 0, most: 4}",
            "{least: 0, most: 4, step: 2}",
            "which only a slider can ask for. Write it",
        ),
        (
            "{least: 0, most: 4}",
            "{least: 0, most: 40}",
            "more than 11 points, which only a slider can",
        ),
        ("reversed: true", "reversed: maybe", "items[1].reversed: must be true or false, without quotes"),
        ("{id: b,", "{id: a,", "two of its items have the id a. Give each item an id of its own."),
        (
            "items: [a, b], how",
            "items: [a, f], how",
            "scales.strict names f twice, or it is none of its",
        ),
        ("items: [a, b], how", "items: [a, a], how", "scales.strict names a twice"),
        ("how: sum", "how: average", "scales.total.how: should be 'mean', 'sum' or 'rescaled'"),
        (
            "range: [0, 20]",
            "range: [0, 4]",
            "scales.total as a sum lies between 0 and 20, and its ran",
        ),
        (
            "range: [-1, 1]",
            "range: [1, -1]",
            "scales.strict has a range that is none. Write it like: r",
        ),
        ("range: [-1, 1]", "range: [1, 1]", "scales.strict has a range that is none"),
        ("range: [-1, 1]", "range: [1]", "scales.strict.range[1]: is missing"),
        (
            "{share: 0.7}",
            "{share: 7}",
            "scales.part.needs.share: should be less than or equal to 1. Writ",
        ),
        (
            "{share: 0.7}",
            "{}",
            "scales.part.needs: needs either 'share' or 'count'. Write it like: needs:",
        ),
        ("{count: 2}", "{count: 6}", "scales.total needs more answers than it has items"),
        ("  en:", "  fr:", "has words in fr, which the page does not speak; it speaks en, de, es, zh-Hans"),
        (
            "a: A,",
            "aa: A,",
            "languages.en.items names aa, which is none of its items: a, b, c, d, e. Corre",
        ),
        (
            "a: A, ",
            "",
            "languages.en.items lacks the words of a. Write them, or say with 'get_texts_",
        ),
        (
            "a: A,",
            "a: {},",
            "languages.en.items.a: needs a text, or the two ends of a pair. Write it like",
        ),
        (
            "a: A,",
            "a: {txt: A},",
            "languages.en.items.a.txt: is not a known key here. Did you mean 'text'",
        ),
        ("a: A,", "a: no,", "languages.en.items.a"),
        (
            "[Never, Seldom, Now and then, Often, Always]",
            "Never",
            "languages.en.labels: should be a valid list",
        ),
        ("Often, Always]", "Always]", "languages.en needs one label for each of 5 points, or two ends"),
        (
            "    about: the system\n",
            "",
            "languages.en has {about} in its words and no 'about' to put there. ",
        ),
        (
            "id: own",
            "id: own\nid: own",
            "own.yaml, line 2, id: stands already on line 1. Keep one of the",
        ),
        ("title: One of", "title: [One of", "is not YAML"),
    ],
)
def test_a_mistake_is_told(old: str, new: str, told: str) -> None:
    """Place, key, what is wrong, and how it is written rightly."""
    assert old in OWN
    assert told in problem_of(OWN.replace(old, new, 1))


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        (
            "{part: 2.6, total: 13, strict: 0.7}",
            "scores.strict: is 0.7, and the key gives 0.75. Correct",
        ),
        (
            "{part: 2.6, total: 13, strict: null}",
            "examples[0].scores.strict: is none, and the key gives 0.75.",
        ),
        ("{part: 2.6, total: 13}", "examples[0].scores must have each scale once: part, total, strict"),
        ("{part: 2.6, total: 13, strict: 0.75, more: 1}", "examples[0].scores must have each scale once"),
    ],
)
def test_an_example_that_does_not_come_out_is_told(scores: str, told: str) -> None:
    """A study's own instrument is reckoned as well."""
    assert told in problem_of(OWN + EXAMPLE % scores)
    read(OWN + EXAMPLE % "{part: 2.6, total: 13, strict: 0.75}")


def test_an_example_answers_as_people_can() -> None:
    """An example with an answer that nobody can give is a mistake of the file."""
    assert "examples[0].answers.a is no item, or 5.0 is no answer to it" in problem_of(
        OWN + (EXAMPLE % "{part: 2.6, total: 13, strict: 0.75}").replace("a: 4", "a: 5.0")
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "instrument: sus",
            "instrument: suss",
            "words.yaml, instrument: there is no 'suss'. There are: bfi-10, bfi-2-xs, ",
        ),
        (
            "source: The appendix",
            "sources: The appendix",
            "languages.en.sources: is not a known key here.",
        ),
        ("q1:", "q11:", "languages.en.items names q11, which is none of its items: q1, q2"),
        ("    about: the page\n", "", "languages.en has {about} in its words and no 'about' to put there"),
        (
            "    items:",
            "    labels: [Ah, Oh]\n    items:",
            "languages.en needs one label for each of 5 points",
        ),
        ("  en:", "  fr:", "has words in fr, which the page does not speak"),
    ],
)
def test_a_mistake_in_words_is_told(old: str, new: str, told: str) -> None:
    """A file of words is held against its instrument."""
    assert old in WORDS
    _words, problems = parse_words(WORDS.replace(old, new, 1), "words.yaml", shipped_instruments())
    assert any(problem.startswith("words.yaml") and told in problem for problem in problems), problems


def test_words_that_are_right_have_no_problems() -> None:
    """A file of words may have a part of them; whether all is there is seen where it is asked."""
    words, problems = parse_words(WORDS, "words.yaml", shipped_instruments())
    assert problems == []
    assert words is not None
    assert words.languages["en"].items["q1"].text == "Item 1 of {about}."


def test_every_part_is_known() -> None:
    """A misspelt key is answered with the keys of its own part, and each part has its table."""
    waiting: list[type[StudyPart]] = [Instrument, WordsFile]
    found: set[type[StudyPart]] = set()
    while waiting:
        part = waiting.pop()
        for field in part.model_fields.values():
            new = [one for one in parts_in(field.annotation) if one not in found]
            found.update(new)
            waiting += new
    assert found == set(INSTRUMENT_PARTS.values())
    assert found | {Instrument, WordsFile} <= set(_PARTS.values())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "own.yaml, line 1, id: is missing. Write it like: id: "),
        ("id: [own\n", "own.yaml, line 2: is not YAML"),
        ("id: &own own\n", "own.yaml, line 1: & and * (anchors) are not used here"),
        ("id: own\n...\n--- \nid: two\n", "own.yaml, line 3: is not YAML"),
        (f"id: {'9' * 5000}\n", "own.yaml: holds a value that cannot be read"),
    ],
)
def test_what_is_no_instrument_file_is_told(text: str, told: str) -> None:
    """An empty file, and what is not YAML of the kind that is read here, with its line."""
    instrument, problems = parse_instrument(text, "own.yaml")
    assert instrument is None
    assert any(problem.startswith(told) for problem in problems), problems


def test_a_text_that_cannot_be_kept_is_told() -> None:
    """NUL in an item's words would be another text in the record than on the page."""
    told = problem_of(OWN.replace("a: A,", 'a: "A\\0",'))
    assert told.startswith("own.yaml, line 13, languages.en.items.a: holds NUL or half of a character")


def test_words_beside_the_instruments_own_are_held_against_both() -> None:
    """An item's words need no 'about' of their own where the instrument has one in that language."""
    own = {"own": read(OWN)}
    text = 'instrument: own\nlanguages:\n  en:\n    source: Ourselves\n    items: {a: "A of {about}"}\n'
    assert parse_words(text, "words.yaml", own)[1] == []
    other = parse_words(text.replace("en:", "de:"), "words.yaml", own)[1]
    assert other == [
        "words.yaml: languages.de has {about} in its words and no 'about' to put there. "
        "Write it like: about: the system"
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "items: [a, b], how",
            "items: [a, f], how",
            "scales.strict names f twice, or it is none of its items: a, b, c, d, e. "
            "Name each of its items once.",
        ),
        (
            "range: [0, 20]",
            "range: [0, 4]",
            "scales.total as a sum lies between 0 and 20, and its range says otherwise. "
            "Write it like: range: [1, 7]",
        ),
        (
            "{count: 2}",
            "{count: 6}",
            "scales.total needs more answers than it has items. Write it like: needs: {share: 0.8}",
        ),
        (
            "a: A, b:",
            "b:",
            "languages.en.items lacks the words of a. "
            "Write them, or say with 'get_texts_from' where they are.",
        ),
        (
            'a: A, b: "B of {about}", c: C,',
            "",
            "languages.en.items lacks the words of a, b, c. "
            "Write them, or say with 'get_texts_from' where they are.",
        ),
        (
            "  en:",
            "  fr:",
            "has words in fr, which the page does not speak; it speaks en, de, es, zh-Hans. "
            "Take another language, or leave it out.",
        ),
        (
            "Often, Always]",
            "Always]",
            "languages.en needs one label for each of 5 points, or two ends. "
            "Write it like: ends: [Not at all, Extremely]",
        ),
        (
            "scales:",
            "examples: [{source: I, answers: {f: 1}, scores: {}}]\nscales:",
            "examples[0].answers.f is no item, or 1 is no answer to it. "
            "Write it like: {source: By hand, answers: {q1: 2}, scores: {trust: 2}}",
        ),
        (
            "scales:",
            "examples: [{source: I, answers: {a: 1}, scores: {}}]\nscales:",
            "examples[0].scores must have each scale once: part, total, strict. "
            "Write it like: {source: By hand, answers: {q1: 2}, scores: {trust: 2}}",
        ),
    ],
)
def test_what_does_not_hold_together_is_told_in_whole_sentences(old: str, new: str, told: str) -> None:
    """What concerns the file as a whole names its key and the repair, and nothing else."""
    assert old in OWN
    assert problem_of(OWN.replace(old, new, 1)) == f"own.yaml, line 1: {told}"
