"""Scores of a survey as it was kept: which instruments it asked, and what was answered to them."""

from study.instruments import asked_instruments, key_hash, missing_rule, scores_of, shipped_instruments

SHOWN = {
    "id": "after",
    "items": [
        {"id": "support", "kind": "slider"},
        {"id": "s_tias_confident", "kind": "scale", "instrument": "s-tias"},
        {"id": "s_tias_reliable", "kind": "scale", "instrument": "s-tias"},
        {"id": "s_tias_trust", "kind": "scale", "instrument": "s-tias"},
        {"id": "old_one", "kind": "scale", "instrument": "no-more"},
    ],
}


def test_each_scale_is_scored_from_its_own_items() -> None:
    """Other items of the survey, and an instrument that is not here any more, are passed over."""
    numbers = {
        "support": 80.0,
        "s_tias_confident": 2.0,
        "s_tias_reliable": 3.0,
        "s_tias_trust": 7.0,
        "old_one": 1.0,
    }
    ((instrument, found),) = scores_of(SHOWN, numbers)
    assert (instrument.id, found.scale, found.value) == ("s-tias", "trust", 4)
    assert [one.id for one in asked_instruments(SHOWN)] == ["s-tias"]


def test_a_number_that_is_no_answer_counts_as_missing() -> None:
    """What the key does not know is not reckoned with."""
    numbers = {"s_tias_confident": 2.0, "s_tias_reliable": 3.0, "s_tias_trust": 8.0}
    ((_, found),) = scores_of(SHOWN, numbers)
    assert (found.value, found.items_answered) == (None, 2)


def test_each_key_has_a_hash_of_its_own() -> None:
    """So that a score says which key it was reckoned with."""
    hashes = {key_hash(name) for name in shipped_instruments()}
    assert len(hashes) == len(shipped_instruments())


def test_an_instrument_has_an_item_for_each_of_its_scales() -> None:
    """Rows of scores are counted by these, before an export."""
    assert all(len(one.items) >= len(one.scales) for one in shipped_instruments().values())


def test_the_missing_rule_is_said_in_numbers() -> None:
    """How many of how many."""
    assert missing_rule(shipped_instruments()["s-tias"].scales["trust"]) == "3 of 3"
