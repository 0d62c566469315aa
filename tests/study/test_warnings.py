"""What `check` says of a study that is right and yet may surprise."""

import json
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


def test_a_line_of_a_dialog_without_an_answer_is_warned_of(tmp_path: Path) -> None:
    """Its participant would read that no answer came; the last line is answered by the closing one."""
    lines = [("user", "Hm."), ("user", "Tea."), ("assistant", "Here."), ("user", "Thanks.")]
    said = [{"speaker": speaker, "text": text} for speaker, text in lines]
    (tmp_path / "d.jsonl").write_text(json.dumps({"conversation_id": "tea", "utterances": said}))
    scripted = 'agents:\n  - {{name: "S", kind: scripted, default: true, dialogs: d.jsonl}}\n'
    study = STUDY.replace(STUDY[STUDY.index("agents:") : STUDY.index("login:")], scripted)
    (tmp_path / "study.yaml").write_text(study.format(mode="claim"), encoding="utf-8")
    (warning,) = warnings_of(load_study(tmp_path))
    assert "d.jsonl, dialog 'tea': the participant's line 1 has no answer" in warning
