"""What a survey file writes as one thing and asks as several: a row, a question, a row of the tables each."""

import pytest

from study.forms import check
from study.instruments import codes_of, score, shipped_instruments
from study.protocol.order import survey_in
from study.protocol.surveys import Survey, parse_survey

MATRIX = """\
items:
  - id: agree
    kind: matrix
    label: How far do you agree?
    rows:
      - {id: clear, label: It was clear.}
      - {id: long, label: It was long.}
      - {id: read, label: Choose disagree here., attention: disagree}
    options: [disagree, agree]
"""
INSTRUMENT = "items:\n  - {instrument: s-tias, about: the assistant, shuffle: true}\n"


def read(text: str, language: str | None = None) -> Survey:
    """A survey that is right."""
    survey, problems = parse_survey("surveys/x.yaml", text, "x.yaml", language)
    assert problems == []
    assert survey is not None
    return survey


def test_each_row_of_a_matrix_is_a_question() -> None:
    """With an id of its own, the matrix's answers and what stands above them all; a row may be a check."""
    items = read(MATRIX).items
    assert [item.id for item in items] == ["agree_clear", "agree_long", "agree_read"]
    assert {item.stem for item in items} == {"How far do you agree?"}
    assert [item.attention for item in items] == [None, None, "disagree"]
    assert [option.value for option in items[0].options] == ["disagree", "agree"]


def test_a_pair_is_a_scale_between_two_poles() -> None:
    """Its poles say what is asked, in each language; its points are the semantic differential's seven."""
    text = "items:\n  - {id: warm, kind: pair, low: {en: cold, de: kalt}, high: {en: warm, de: warm}}\n"
    [item] = survey_in(read(text), "de", "seed").items
    assert (item.label, item.low, item.high) == ("kalt – warm", "kalt", "warm")
    assert check(read(text), {"warm": "8"}).errors["warm"].values == {"most": 7}


def test_answers_to_an_instrument_come_to_its_scores() -> None:
    """Its items name it, their ids are the key's, and what they are about stands in their words."""
    survey = read(INSTRUMENT)
    instrument = shipped_instruments()["s-tias"]
    assert {item.instrument for item in survey.items} == {"s-tias"}
    values = {"s_tias_confident": "2", "s_tias_reliable": "3", "s_tias_trust": "7"}
    answered = check(survey, values)
    assert answered.errors == {}
    scores = score(instrument, codes_of(instrument, survey.items, answered.values))
    assert scores["trust"].value == 4
    assert survey_in(survey, "en", "1").item("s_tias_confident").label == "I am confident in the assistant."


def test_the_items_of_a_block_stay_together_in_an_order_that_is_drawn() -> None:
    """Two seeds draw two orders, the same seed the same, and what stands around stays where it is."""
    text = "items:\n  - {id: a, kind: text, label: a}\n" + INSTRUMENT.removeprefix("items:\n")
    survey = read(text + "  - {id: z, kind: text, label: z}\n")
    orders = {tuple(one.id for one in survey_in(survey, "en", str(seed)).items) for seed in range(40)}
    assert len(orders) == 6
    assert {(order[0], order[-1]) for order in orders} == {("a", "z")}
    assert survey_in(survey, "en", "1") == survey_in(survey, "en", "1")


def test_a_survey_as_it_was_shown_is_read_again() -> None:
    """It is kept with its visit, blocks and all."""
    shown = survey_in(read(MATRIX + "  - {instrument: s-tias}\n"), "en", "seed")
    assert Survey.model_validate(shown.model_dump(mode="json", by_alias=True, exclude_defaults=True)) == shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            MATRIX.replace("rows:", "row:"),
            "x.yaml, line 5, items[0].row: is not a known key here. Did you mean",
        ),
        (MATRIX.replace("id: long", "id: clear"), "two of its items have the id agree_clear"),
        (
            MATRIX.replace("    options: [disagree, agree]\n", "    least: 9\n"),
            "items[0]: its least, 9, is more than its most, 5",
        ),
        ("items:\n  - {id: w, kind: pair, low: cold}\n", "line 2, items[0].high: is missing"),
        ("items:\n  - {instrument: s-tia}\n", "which is not here: bfi-10"),
        ("items:\n  - {instrument: sus}\n", "The appendix of Brooke (1996)"),
        ("items:\n  - {instrument: s-tias, required: maybe}\n", "must be true, false or ask_once"),
        (MATRIX + "  - {id: x, kind: texts, label: X}\n", "line 10, items[1].kind"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(text: str, said: str) -> None:
    """By the key that its author wrote, and not by what it would have come to."""
    survey, problems = parse_survey("surveys/x.yaml", text, "x.yaml")
    assert survey is None
    assert any(said in problem for problem in problems), problems


def test_a_survey_that_asks_in_a_language_needs_an_instrument_s_words_in_it() -> None:
    """S-TIAS has English words alone: a German study is told to bring a published translation."""
    _, problems = parse_survey("surveys/x.yaml", INSTRUMENT, "x.yaml", "de")
    assert any("'de'" in problem and "words: surveys/words.yaml" in problem for problem in problems), problems
