"""Families of models that are documented to refuse some parameters."""

from pathlib import Path

import pytest

from study.agent_definitions import Parameters
from study.loader import load_study
from study.model_families import FAMILIES, refused_by
from study.warnings import warnings_of

HOT = {"temperature": 0.7, "top_p": 0.9, "presence_penalty": 0.5, "frequency_penalty": 0.5, "max_tokens": 5}
SAMPLING = {"temperature", "top_p", "presence_penalty", "frequency_penalty"}


@pytest.mark.parametrize(
    ("model", "refused"),
    [
        ("o1", SAMPLING),
        ("o3-mini-2025-01-31", SAMPLING),
        ("openai/o4-mini", SAMPLING),
        ("gpt-5", SAMPLING),
        ("gpt-5-mini", SAMPLING),
        ("gpt-5-chat-latest", set()),
        ("gpt-5.2", {"temperature", "top_p"}),
        ("gpt-4.1-mini", set()),
        ("gpt-4o", set()),
        ("olmo-2", set()),
        ("o300", set()),
        ("llama3", set()),
    ],
)
def test_a_family_is_known_by_its_name(model: str, refused: set[str]) -> None:
    """With its versions, its dates and what a gateway writes before it; and nothing that only looks alike."""
    assert {parameter for parameter, _ in refused_by(model, HOT)} == refused


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        ("o3", {"temperature": 1, "presence_penalty": 0, "reasoning_effort": "low"}),
        ("gpt-5.2", {"temperature": 0.2, "reasoning_effort": "none"}),
    ],
)
def test_what_is_taken_all_the_same_is_not_warned_of(model: str, parameters: dict[str, object]) -> None:
    """The default value, or a model that is told not to think."""
    assert list(refused_by(model, parameters)) == []


def test_effort_is_for_models_that_think() -> None:
    """The other way round."""
    assert [name for name, _ in refused_by("gpt-4o-mini", {"reasoning_effort": "low"})] == [
        "reasoning_effort"
    ]


def test_what_is_refused_can_be_sent() -> None:
    """Each parameter of the table is a key of study.yaml."""
    assert {name for family in FAMILIES for name in family.refuses} <= set(Parameters.model_fields)


@pytest.mark.parametrize(("named", "default"), [("model: o3-mini, ", None), ("", "o3-mini")])
def test_a_parameter_that_a_model_does_not_take_is_named_before_the_study(
    tmp_path: Path, named: str, default: str | None
) -> None:
    """File, key, family and repair; the model may be the study's or the settings'."""
    head = "id: s\ntitle: T\ncontact: C\nwelcome: W\nagents:\n"
    agent = f"  - {{name: A, kind: openai, {named}parameters: {{temperature: 0.7}}}}\n"
    (tmp_path / "study.yaml").write_text(head + agent, encoding="utf-8")
    (warning,) = warnings_of(load_study(tmp_path), default)
    assert f"{tmp_path / 'study.yaml'}, agents[0].parameters.temperature" in warning
    assert "o1, o3 and o4" in warning
    assert "Take it out, or write 1" in warning
