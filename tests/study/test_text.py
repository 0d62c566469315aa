"""Human text: when nothing of it can be seen, and what a terminal may be shown."""

import pytest

from study.text import is_blank, storable_json, without_commands


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("", True),
        (" \t\n", True),
        ("\u2800\u3164\ufe0f", True),  # letters, symbols and marks by their category, and blank
        ("\x00\u200b\ud83d", True),
        (".", False),
        (" . ", False),
        ("\u200b。", False),
    ],
)
def test_a_text_is_blank_when_nothing_of_it_can_be_seen(text: str, blank: bool) -> None:
    """One character that can be seen is enough."""
    assert is_blank(text) is blank


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\n\tlines", "two\n\tlines"),
        ("\x1b[2J\x07", "\ufffd[2J\ufffd"),
        ("seen\rhidden", "seen\ufffdhidden"),
        ("\x7f\x9bK", "\ufffd\ufffdK"),
        ("Größe 花", "Größe 花"),
    ],
)
def test_nobodys_words_command_a_terminal(text: str, shown: str) -> None:
    """What a terminal would obey stands there as a character that it cannot show."""
    assert without_commands(text) == shown


def test_what_is_json_stays_as_it_is() -> None:
    """But for what no database holds, in keys as in values."""
    value = {"a": [None, True, False, 0, 7, 1.5, "x"], "b": {"c": []}}
    assert storable_json(value) == value
    assert storable_json({"a\x00": ["b\x00", float("nan"), float("inf")]}) == {
        "a\ufffd": ["b\ufffd", "nan", "inf"]
    }
