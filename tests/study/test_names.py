"""Names: any string, one person a name."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from study.names import LONGEST_NAME, Name, NameRefused, normalise_name
from study.strings import strings_in

any_text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60)
spaces = st.sampled_from([" ", "\t", "\n", "\u00a0", "\u2003", "\u202f", "\u3000", "\u2800", "  "])
unseen = st.sampled_from(["\u200b", "\u2060", "\ufeff", "\u00ad", "\u200e", "\u202e", "\u3164", "\ufe0f"])


def usable(raw: str) -> Name:
    """Normalise, or tell hypothesis that this text makes no name."""
    try:
        return normalise_name(raw)
    except NameRefused:
        assume(False)
        raise


@given(any_text)
def test_a_shown_name_is_its_own_normal_form(raw: str) -> None:
    """What the page shows can be typed in again and is the same person."""
    name = usable(raw)
    assert normalise_name(name.shown) == name


@given(any_text)
def test_the_key_of_a_key_is_that_key(raw: str) -> None:
    """A key is settled: folding it again changes nothing."""
    key = usable(raw).key
    try:
        assert normalise_name(key).key == key
    except NameRefused:  # casefolding may lengthen a name beyond what may be typed
        assert len(key) > LONGEST_NAME


@given(any_text, any_text, spaces, spaces)
def test_look_alike_spaces_make_one_person(left: str, right: str, one: str, other: str) -> None:
    """Which space stands between two words, and how many, does not matter."""
    assert usable(f"{left} a{one}b {right}").key == normalise_name(f"{left} a{other}b {right}").key


@given(any_text, unseen)
def test_what_cannot_be_seen_makes_no_other_person(raw: str, extra: str) -> None:
    """A zero-width character at either end of a name is not a difference."""
    assert normalise_name(f"{extra}x{raw[:40]}x{extra}").key == usable(f"x{raw[:40]}x").key


@given(any_text)
def test_case_makes_no_other_person(raw: str) -> None:
    """A name in other letters' case, by Unicode's full case folding, is the same person."""
    assert usable(raw.casefold()).key == usable(raw).key


@given(any_text)
def test_composed_and_decomposed_make_one_person(raw: str) -> None:
    """An accent typed as its own character is the same letter."""
    assert usable(unicodedata.normalize("NFD", raw)).key == usable(unicodedata.normalize("NFC", raw)).key


@given(st.text(max_size=300))
def test_any_string_is_a_name_or_a_sentence(raw: str) -> None:
    """No text breaks the function: it gives a bounded, encodable name, or refuses with a repair."""
    refusal = ""
    name = Name("", "")
    try:
        name = normalise_name(raw)
    except NameRefused as refused:
        refusal = str(refused)
    assert refusal.endswith(".") or (1 <= len(name.shown) <= LONGEST_NAME and name.key)
    assert name.shown.encode() == name.shown.encode("utf-8", "replace")


@pytest.mark.parametrize(
    ("raw", "shown", "key"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace", "ada lovelace"),
        ("Ａｄａ", "Ada", "ada"),
        ("STRASSE", "STRASSE", "strasse"),
        ("straße", "straße", "strasse"),
        ("王小明", "王小明", "王小明"),
        ("می\u200cخواهم", "می\u200cخواهم", "میخواهم"),
        ("👩\u200d🚀", "👩\u200d🚀", "👩🚀"),
        ("a\u202eb", "ab", "ab"),
        (
            "'; DROP TABLE participants; --",
            "'; DROP TABLE participants; --",
            "'; drop table participants; --",
        ),
    ],
)
def test_names_of_the_world(raw: str, shown: str, key: str) -> None:
    """Scripts, emoji and quotes stay on the screen; the key drops what only drawing needs."""
    assert normalise_name(raw) == (shown, key)


@pytest.mark.parametrize(
    "raw", ["", "   ", "\u200b", "\u3164", "\u2800\u2800", "\u00a0\u3000\ufeff", "\u200d"]
)
def test_a_name_that_nobody_can_see_is_refused(raw: str) -> None:
    """Blank in every way that Unicode knows is blank."""
    with pytest.raises(NameRefused, match="at least one letter"):
        normalise_name(raw)


@pytest.mark.parametrize("raw", ["a\x00b", "a\x1bb", "\x7f", "a\x1cb", "a\ud800b"])
def test_control_characters_are_refused(raw: str) -> None:
    """NUL, escape, delete, separators and lone surrogates are not part of a name."""
    with pytest.raises(NameRefused, match="control characters"):
        normalise_name(raw)


def test_eighty_characters_are_the_limit() -> None:
    """80 is a name, 81 is refused; the sentence says both numbers, and can be said in each language."""
    assert normalise_name("x" * 80).shown == "x" * 80
    with pytest.raises(NameRefused, match=r"81 characters.*80 or fewer") as refused:
        normalise_name("x" * 81)
    said_again = strings_in("de")(refused.value.key, **refused.value.values)
    assert "81" in said_again
    assert said_again != str(refused.value)


def test_the_limit_is_on_what_is_shown() -> None:
    """U+FDFA is one character that NFKC writes as 18: five of them are 90."""
    with pytest.raises(NameRefused, match="90 characters"):
        normalise_name("\ufdfa" * 5)
