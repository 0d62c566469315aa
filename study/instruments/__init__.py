"""Instruments: published sets of items with their scoring keys, and worked examples that test these."""

from study.instruments.definition import Instrument
from study.instruments.items import codes_of, items_of, missing_words
from study.instruments.reading import WordsFile, parse_instrument, parse_words, shipped_instruments
from study.instruments.scoring import ScaleScore, keyed_answers, score
from study.instruments.wordings import wording_changed

__all__ = [
    "Instrument",
    "ScaleScore",
    "WordsFile",
    "codes_of",
    "items_of",
    "keyed_answers",
    "missing_words",
    "parse_instrument",
    "parse_words",
    "score",
    "shipped_instruments",
    "wording_changed",
]
