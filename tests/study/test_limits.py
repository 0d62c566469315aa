"""What a study file says of how much may be used."""

from pathlib import Path

import pytest

from study.loader import check_study, load_study
from tests.study.examples import GOOD, only_problem, write


def test_limits_that_are_right(folder: Path) -> None:
    """All of them at once."""
    limits = (
        "limits: {turn: {tokens: 5, cost: 0.1, seconds: 1.5}, warn: 2, reached: Thanks!,\n"
        "  thread: {messages: 5, tokens: 9, cost: 1, minutes: 0.5, at_least: 5},\n"
        "  participant: {messages: 9}}\n"
    )
    write(folder, GOOD + limits)
    assert check_study(folder) == []
    read = load_study(folder).definition.limits
    assert (read.thread.at_least, read.participant.messages, read.turn.seconds) == (5, 9, 1.5)


def test_without_the_key_nothing_is_limited(folder: Path) -> None:
    """But the length of a message."""
    read = load_study(folder).definition.limits
    assert not read.thread.limits
    assert not read.participant.limits


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (
            "{thread: {message: 5}}",
            "limits.thread.message: is not a known key here. Did you mean 'messages'?",
        ),
        ("{thread: {messages: 0}}", "limits.thread.messages: should be greater than or equal to 1"),
        ("{thread: {messages: '5'}}", "limits.thread.messages: should be a valid integer. Write it like"),
        ("{thread: {messages: 4, at_least: 5}}", "asks for 5 messages, and allows 4. Ask for fewer"),
        ("{participant: {at_least: 5}}", "limits.participant.at_least: is not a known key here"),
        ("{turn: {messages: 5}}", "limits.turn.messages: is not a known key here"),
        ("{reached: ' '}", "limits.reached:"),
    ],
)
def test_limits_that_are_wrong(folder: Path, limits: str, said: str) -> None:
    """Each has its place and its repair."""
    write(folder, GOOD + f"limits: {limits}\n")
    assert said in only_problem(folder)
