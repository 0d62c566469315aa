"""The page about the border names tests, and each is there."""

import re
from pathlib import Path

from tests.house.tree import files, text

PAGE = Path("docs/explanation/border.md")


def test_every_hole_names_a_test_that_exists() -> None:
    """A hole without a test is a hope."""
    there = {
        name
        for path in files(".py")
        if path.name.startswith("test_border_") and path.parts[1] == "journeys"
        for name in re.findall(r"^(?:async )?def (test_\w+)", text(path), re.MULTILINE)
    }
    holes = text(PAGE).partition("\n## Which hole is closed by what\n")[2].partition("\n## ")[0]
    lines = [line for line in holes.splitlines() if line.startswith("| ")][2:]
    assert len(lines) > 20
    for line in lines:
        named = re.findall(r"`(test_\w+)`", line)
        assert named, line
        assert [name for name in named if name not in there] == [], line
