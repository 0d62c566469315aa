"""The page about coding does what it says."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.exports.conftest import export_to
from tests.exports.seed import id_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "code-conversations.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def names(sqlite_story: str, out: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the blocks leave behind, run one after the other where an export named `out` is."""
    export_to(sqlite_story, out)
    monkeypatch.chdir(out.parent)
    left: dict[str, Any] = {}
    exec(compile("".join(BLOCKS), str(PAGE), "exec"), left)
    return left


def test_codes_are_counted_by_their_newest_name(names: dict[str, Any]) -> None:
    """Also those that were given before it was changed; what left the screen is not counted."""
    counted = names["counted"]
    assert dict(counted[id_of("Rita")]) == {"Doubt": 1, "Reliance": 3}
    assert dict(counted[id_of("Rosa")]) == {"Doubt": 2, "Reliance": 2}


def test_offsets_are_those_of_the_text(names: dict[str, Any]) -> None:
    """content[start:end] is the quote."""
    content = names["messages"].set_index("message_id")["content"]
    for row in names["words"].itertuples():
        assert content[row.target_id][row.start : row.end] == row.quote
    assert len(names["words"]) == 1


def test_agreement_is_what_the_formula_gives(names: dict[str, Any]) -> None:
    """Rita gave it to turns 1 and 3, Rosa to turn 1: they agree on two of three, by chance on 4/9."""
    told = names["agreement"](id_of("trust"), id_of("Rita"), id_of("Rosa"))
    assert told["turns"] == 3
    assert told["agree"] == pytest.approx(2 / 3)
    assert told["kappa"] == pytest.approx(0.4)
    assert list(names["table"].columns) == ["agree", "kappa", "turns"]


def test_there_are_no_other_blocks() -> None:
    """Each block of Python on the page is run above."""
    assert len(BLOCKS) == 2
