"""What `check` says of a study that is right and yet may surprise."""

from pathlib import Path

import pytest

from study.loader import load_study
from study.warnings import warnings_of

STUDY = """\
id: example
title: "Talk"
contact: "a@b.example"
welcome: "Welcome."
agents:
  - {{name: "ELIZA", kind: eliza, default: true, description: "Asks back."}}
login:
  mode: {mode}
"""


@pytest.mark.parametrize(("mode", "warned"), [("open", True), ("claim", False), ("link", False)])
def test_an_open_study_is_warned_of(tmp_path: Path, mode: str, warned: bool) -> None:
    """It says what `open` means for participants, where it stands, and what else there is."""
    (tmp_path / "study.yaml").write_text(STUDY.format(mode=mode), encoding="utf-8")
    warnings = warnings_of(load_study(tmp_path))
    assert bool(warnings) is warned
    if warned:
        assert (
            f"{tmp_path / 'study.yaml'}, login.mode: with `open`, whoever writes a participant's name"
            in (warnings[0])
        )
        assert "`claim`" in warnings[0]


def test_a_parameter_is_not_named_as_ours(tmp_path: Path) -> None:
    """A service's parameter is kept under its own name; one of ours would mix the two."""
    from study.errors import StudyFileError

    text = STUDY.format(mode="link") + "  parameters: [Resume_Code]\n"
    (tmp_path / "study.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyFileError, match=r"login\.parameters"):
        load_study(tmp_path)
