"""Endings that nobody can come to are found before anybody comes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from study.loader import load_study
from study.protocol.reaching import unreachable_endings
from tests.small_protocol import small_protocol

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def found(tmp_path: Path) -> Callable[[Change], list[str]]:
    """What is said of the small study after a change of its protocol."""

    def look(change: Change) -> list[str]:
        folder = tmp_path / "study"
        with small_protocol(folder) as told:
            change(told["protocol"])
        study = load_study(folder)
        assert study.definition.protocol is not None
        return unreachable_endings(study.definition.protocol, study.surveys)

    return look


@pytest.mark.parametrize("folder", ["studies/persuasion"])
def test_every_ending_of_a_shipped_study_is_reached(folder: str) -> None:
    """What we give to copy has none that is closed."""
    study = load_study(Path(folder))
    assert study.definition.protocol is not None
    assert unreachable_endings(study.definition.protocol, study.surveys) == []


def test_an_ending_that_nothing_leads_to_is_named(found: Callable[[Change], list[str]]) -> None:
    """Such as one whose rule was deleted."""

    def change(protocol: dict[str, Any]) -> None:
        protocol["endings"]["lost"] = {"text": "texts/thanks.md"}

    assert [one for one in found(change) if "the ending lost" in one]


def test_a_rule_for_an_answer_that_is_not_offered_never_holds(found: Callable[[Change], list[str]]) -> None:
    """The sentence names the answers that there are."""

    def change(protocol: dict[str, Any]) -> None:
        [stage] = [one for one in protocol["stages"] if one.get("end_if")]
        stage["end_if"] = [{"item": "uses_chatbots", "is": "nevr", "ending": "screened_out"}]

    [said] = [one for one in found(change) if "screened_out" in one]
    assert "is nevr, which is none of its answers" in said
    assert "daily" in said


def test_more_failed_checks_than_there_are_never_come(found: Callable[[Change], list[str]]) -> None:
    """Of three failed checks in a survey with one nobody ends."""

    def change(protocol: dict[str, Any]) -> None:
        [stage] = [one for one in protocol["stages"] if one["id"] == "after"]
        stage["fails"] = {"attention": 3, "ending": "failed_attention"}

    [said] = [one for one in found(change) if "failed_attention" in one]
    assert "at 3 failed checks of attention" in said
