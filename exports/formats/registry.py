"""All formats, by name."""

from collections.abc import Mapping
from typing import Final

from exports.formats.base import Format
from exports.formats.csv import Csv
from exports.formats.dta import Dta
from exports.formats.jsonl import Jsonl
from exports.formats.parquet import Parquet
from exports.formats.sav import Sav
from exports.formats.xlsx import Xlsx

FORMATS_BY_NAME: Final[Mapping[str, Format]] = {
    one.name: one for one in (Parquet(), Csv(), Jsonl(), Xlsx(), Sav(), Dta())
}
