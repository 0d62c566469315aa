from tests.house.tree import ROOT
from tests.longest_first import LONGEST, longest_first


def test_the_files_named_as_long_are_there() -> None:
    """A file that was renamed would be begun last again."""
    assert [name for name in LONGEST if not (ROOT / name).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)


def test_a_named_file_comes_before_one_with_more_tests() -> None:
    """Then come those with the most tests, and of as many the first by name."""
    names = [
        "b.py::one",
        "a.py::one",
        "c.py::one",
        "c.py::two[x::y]",
        f"{LONGEST[1]}::one",
        f"{LONGEST[0]}::one",
    ]
    assert longest_first(names) == [*LONGEST[:2], "c.py", "a.py", "b.py"]
