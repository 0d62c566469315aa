import pytest

from study.numbers import whole_number


@pytest.mark.parametrize(("written", "number"), [("0", 0), ("007", 7), ("999999999", 999_999_999)])
def test_digits_are_a_number(written: str, number: int) -> None:
    """Zeros before it too."""
    assert whole_number(written) == number


@pytest.mark.parametrize(
    "written", ["", None, "-1", "+1", " 1", "1 ", "1.0", "1e3", "1_000", "٣", "²", "0x1", "one", "9" * 10]
)
def test_anything_else_is_none(written: str | None) -> None:
    """Signs, blanks and the digits of other scripts; nothing of it is an error of ours."""
    assert whole_number(written) is None


def test_how_long_one_may_be_is_said() -> None:
    """A seq has sixteen digits."""
    assert whole_number("1" * 16, 18) == int("1" * 16)
    assert whole_number("1" * 5000, 18) is None
