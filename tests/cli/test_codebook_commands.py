"""`cli.py codebook`: codes are imported and taken back as an operator types it."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import cli
from tests.exports.conftest import export_to

FILE = "name,definition,parent\nLonely,Says so.,Feeling\nFeeling,,\n,none,\n"


def types(*words: str, given: str | None = None) -> Any:
    """Type a command."""
    return CliRunner().invoke(cli, list(words), input=given)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, with an owner."""
    monkeypatch.setenv("VERBATIM_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("VERBATIM_DATABASE_URL", raising=False)
    types("researcher", "first")
    (tmp_path / "codes.csv").write_text(FILE)
    return tmp_path


def living(data: Path, out: str) -> list[str]:
    """The names of the codes that live, as an export has them."""
    from exports import load

    export_to(f"sqlite+aiosqlite:///{data / 'verbatim.db'}", data / out)
    codes = load(data / out)["codes"].sort_values("codebook_version").groupby("code_id").tail(1)
    return sorted(codes.loc[codes["retired_at"].isna(), "name"])


def test_codes_are_shown_imported_and_taken_back(data: Path) -> None:
    """Asked first; what cannot be taken is said; the versions stand alone on standard output."""
    file = str(data / "codes.csv")
    told = types("codebook", "import", file, given="n\n")
    assert told.exit_code == 1
    assert "New: Lonely under Feeling" in told.output
    assert "Line 4 cannot be taken" in told.output
    assert living(data, "before") == []
    assert types("codebook", "import", file, "--yes").stdout == "0-2\n"
    assert living(data, "after") == ["Feeling", "Lonely"]
    assert "nothing to import" in types("codebook", "import", file, "--yes").output
    assert types("codebook", "undo", "0-2").exit_code == 0
    assert living(data, "undone") == []
    assert types("codebook", "import", str(data / "after"), "--yes").stdout.startswith("4-")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("import", "codes.csv", "--by", "Nobody"), 17),
        (("import", "codes.csv", "--by", "Cora"), 17),
        (("import", "nowhere.csv"), 19),
        (("undo", "some"), 19),
    ],
)
def test_what_cannot_be_done_says_the_repair(data: Path, words: tuple[str, ...], code: int) -> None:
    """One sentence, and nothing is written."""
    types("researcher", "add", "Cora", "--role", "coder")
    told = types("codebook", *(str(data / one) if one.endswith(".csv") else one for one in words))
    assert told.exit_code == code
    assert "Traceback" not in told.output
    assert living(data, "after") == []
