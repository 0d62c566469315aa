"""The participants' side of 300 real dialogs, against the coffee shop's agent without a model."""

import pytest

from bench.dialogs import DIALOGS, LEARNED_FROM, figures_of
from bench.dialogs_expected import Recorded
from bench.dialogs_play import PlayedDialog, lines_of, play_all, read_dialogs
from tests.agent.task.counter import barista

STEPS = ["session", "intent_recognition", "intent_handling", "parameter_extraction", "response"]


@pytest.fixture(scope="module")
def dialogs() -> list[Recorded]:
    """All of the file."""
    return read_dialogs(DIALOGS)


@pytest.fixture(scope="module")
def played(dialogs: list[Recorded]) -> list[PlayedDialog]:
    """How they went."""
    return play_all(dialogs, barista())


def test_no_line_is_lost_and_each_is_answered(dialogs: list[Recorded], played: list[PlayedDialog]) -> None:
    """All that the participants said was said, in order, and nothing was answered with silence."""
    assert len(played) == 300
    for dialog, how in zip(dialogs, played, strict=True):
        lines = lines_of(dialog)
        assert how.said[: 2 * len(lines) : 2] == lines
        assert len(how.said) % 2 == 0
        assert all(answer.strip() for answer in how.said[1::2])


def test_every_turn_has_its_stages(played: list[PlayedDialog]) -> None:
    """In order, each once."""
    for how in played:
        kinds = [kind for kind, *_ in how.steps if kind != "tool"]
        assert kinds == STEPS * (len(how.said) // 2)


def test_no_call_of_a_tool_fails(played: list[PlayedDialog]) -> None:
    """The agent asks the shop for nothing that it does not have."""
    assert [call for how in played for call in how.calls if '"error_type"' in call.output] == []


def test_most_orders_are_what_was_asked_for(dialogs: list[Recorded], played: list[PlayedDialog]) -> None:
    """Sixty in a hundred of all dialogs end with the recorded shop's own order, of unread ones too."""
    unread = figures_of(dialogs[LEARNED_FROM:], played[LEARNED_FROM:])
    assert unread["equal"] >= 0.6 * unread["dialogs"]
    whole = figures_of(dialogs, played)
    assert whole["equal"] >= 0.6 * whole["dialogs"]
    assert whole["finished"] >= 0.8 * whole["dialogs"]
