"""A right study file, and how a test changes it."""

from pathlib import Path

from study.loader import check_study

GOOD = """\
id: talk
title: A talk
contact: A. Person, a.person@example.org
welcome: Good day.
agents:
  - name: Model
    kind: openai
    default: true
    prompt: prompt.md
  - name: Script
    kind: scripted
    dialogs: dialogs.jsonl
"""
DIALOG = '{"conversation_id": "d", "utterances": [{"speaker": "user", "text": "Hi"}]}\n'


def write(folder: Path, text: str) -> None:
    """Replace study.yaml."""
    (folder / "study.yaml").write_text(text, encoding="utf-8")


def only_problem(folder: Path) -> str:
    """Return the one thing that is wrong."""
    (problem,) = check_study(folder)
    return problem
