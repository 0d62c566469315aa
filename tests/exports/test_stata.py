"""Tables for Stata, read again by the library that knows its files."""

import sys
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from exports.formats.dta import NAME_CHARACTERS, variable_names
from study.errors import ExportError
from tests.exports.conftest import export_to
from tests.exports.hard import hard
from tests.exports.proving import verify_export
from tests.exports.test_office import as_kept, milliseconds


def test_stata_reads_what_was_kept(sqlite_url: str, out: Path) -> None:
    """Every value, but that Stata has no empty text apart from a missing one; cuts are named."""
    hard().write(sqlite_url)
    tables = ("messages", "ratings")
    export_to(sqlite_url, out, formats=("dta", "parquet"), tables=tables)
    for table in tables:
        frame, meta = pyreadstat.read_dta(str(out / f"{table}.dta"))
        for name, values in as_kept(out, f"{table}.dta").items():
            read = [None if pd.isna(one) else milliseconds(one) for one in frame[name]]
            assert [one or None if isinstance(one, str) else one for one in values] == [
                None if one == "" else one for one in read
            ], name
        assert meta.column_names_to_labels["message_id"]
    assert verify_export(out, sqlite_url) == []


def test_names_are_stata_s_own() -> None:
    """Each once, of 32 characters, none of them a word of Stata's."""
    long = "before." + "x" * 60
    names = variable_names(["before.support", "before_support", long, long, "if", "1st", "ähnlich", "str12"])
    assert len(set(names)) == len(names)
    assert all(len(one) <= NAME_CHARACTERS for one in names)
    assert names[:2] == ["before_support", "before_support_2"]
    assert names[4:] == ["if_5", "_1st", "_hnlich", "str12_8"]


def test_who_lacks_the_library_is_told(sqlite_story: str, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the package and the repair, and nothing is left behind."""
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(ExportError, match=r"pyreadstat, which is not installed\. Write it like: pip install"):
        export_to(sqlite_story, out, formats=("dta",), tables=("ratings",))
    assert not out.exists()
