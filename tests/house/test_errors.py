"""Errors are drawn in one tree, and a program can tell them apart."""

import importlib
import re

import pytest

from study import errors
from study.errors import StudyError
from tests.house.tree import PACKAGES, modules, text

for path in modules():
    if path.parts[0] in PACKAGES and re.search(r"^class \w+\((?:\w*Error|\w+Refused)\)", text(path), re.M):
        importlib.import_module(".".join(path.with_suffix("").parts))


def kinds(of: type[StudyError]) -> list[type[StudyError]]:
    """All below a class."""
    return [kind for one in of.__subclasses__() for kind in (one, *kinds(one))]


KINDS = [kind for kind in kinds(StudyError) if not kind.__module__.startswith("tests.")]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_stands_in_the_tree_with_its_exit_code(kind: type[StudyError]) -> None:
    """What a person can repair is drawn in study/errors.py with the exit code that it has."""
    drawn = re.search(rf"── {kind.__name__} +exit (\d+):", errors.__doc__ or "")
    assert drawn, f"draw {kind.__name__} in the tree of study/errors.py"
    assert int(drawn[1]) == kind.exit_code


def test_no_two_kinds_share_an_exit_code() -> None:
    """A program that called us knows by the code alone what went wrong."""
    codes = [kind.exit_code for kind in KINDS]
    assert len(codes) == len(set(codes)) > 10
