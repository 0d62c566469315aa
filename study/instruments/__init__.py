"""Instruments: published sets of items with their scoring keys, and worked examples that test these."""

from study.instruments.definition import Instrument
from study.instruments.items import codes_of, items_of, missing_words
from study.instruments.reading import WordsFile, parse_instrument, parse_words, shipped_instruments
from study.instruments.scoring import ScaleScore, keyed_answers, score
from study.instruments.sent import asked_instruments, key_hash, missing_rule, scores_of
from study.instruments.wordings import wording_changed

__all__ = [
    "Instrument",
    "ScaleScore",
    "WordsFile",
    "asked_instruments",
    "codes_of",
    "items_of",
    "key_hash",
    "keyed_answers",
    "missing_rule",
    "missing_words",
    "parse_instrument",
    "parse_words",
    "score",
    "scores_of",
    "shipped_instruments",
    "wording_changed",
]
