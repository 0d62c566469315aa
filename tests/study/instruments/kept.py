"""The instrument files, as the tests take them apart."""

from typing import Final

from study.file_text import read_text
from study.instruments import Instrument, parse_instrument
from study.instruments.reading import SHIPPED

TEXTS: Final = {path.stem: read_text(path) for path in sorted(SHIPPED.glob("*.yaml"))}


def read(text: str) -> Instrument:
    """An instrument whose file is right."""
    instrument, problems = parse_instrument(text, "own.yaml")
    assert problems == []
    assert instrument is not None
    return instrument


INSTRUMENTS: Final = {name: read(text) for name, text in TEXTS.items()}
ITEMS: Final = [(name, item.id) for name, one in INSTRUMENTS.items() for item in one.items]
