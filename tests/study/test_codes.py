"""Codes that people copy by hand."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.codes import ALPHABET, make_code, read_code


def test_codes_differ() -> None:
    """Sixty bits each: of ten thousand, no two are alike, and each character of the alphabet comes up."""
    codes = {make_code() for _ in range(10_000)}
    assert len(codes) == 10_000
    assert set("".join(codes)) == {*ALPHABET, "-"}


@pytest.mark.parametrize(("asked", "groups"), [((), 3), ((4,), 4)], ids=["as usual", "four groups"])
def test_a_code_is_written_in_groups_of_four(asked: tuple[int, ...], groups: int) -> None:
    """Three of them where nothing else is asked for: 60 bits."""
    assert re.fullmatch(f"[{ALPHABET}]{{4}}(-[{ALPHABET}]{{4}}){{{groups - 1}}}", make_code(*asked))


@given(st.sampled_from([make_code(groups) for groups in (1, 3, 4) for _ in range(20)]))
def test_a_code_is_read_as_it_was_made(code: str) -> None:
    """Also in small letters, without dashes, in full-width letters."""
    for typed in (code, code.lower(), code.replace("-", ""), " ".join(code.split("-"))):
        assert read_code(typed) == code
    assert read_code("".join(chr(ord(c) + 0xFEE0) for c in code)) == code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("KOIL", "K011"), ("koil-2o", "K011-20"), ("", ""), ("--- ", ""), ("U", "U"), ("0" * 1000, None)],
)
def test_what_looks_alike_is_alike(typed: str, meant: str | None) -> None:
    """O is 0, I and L are 1. What is no code stays none, and a long one is not read to its end."""
    read = read_code(typed)
    assert read == meant if meant is not None else len(read) <= 250


@given(st.text())
def test_any_text_can_be_typed(typed: str) -> None:
    """Reading never fails, and reading again changes nothing."""
    assert read_code(read_code(typed)) == read_code(typed)
