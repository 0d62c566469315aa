"""What a study file says of who answers where an agent cannot."""

from pathlib import Path

import pytest

from study.loader import check_study, load_study
from tests.study.examples import only_problem, write

HEAD = "id: s\ntitle: T\ncontact: C\nwelcome: W\nagents:\n"


def agent(name: str, *more: str) -> str:
    """One of the file, which always says the same."""
    return f"  - {{{', '.join([f'name: {name}', 'kind: scripted', 'reply: Hello', *more])}}}\n"


def test_a_fallback_that_is_there_is_right(folder: Path) -> None:
    """It may itself have one, and need not be offered."""
    a, b = agent("A", "default: true", "fallback: B"), agent("B", "fallback: C")
    write(folder, HEAD + a + b + agent("C", "offered: false"))
    assert check_study(folder) == []
    assert load_study(folder).definition.default_agent.name == "A"


def test_the_one_that_is_offered_need_not_say_that_it_is_the_default(folder: Path) -> None:
    """The other only steps in."""
    write(folder, HEAD + agent("B", "offered: false") + agent("A", "fallback: B"))
    assert load_study(folder).definition.default_agent.name == "A"


@pytest.mark.parametrize(
    ("agents", "said"),
    [
        (
            agent("A", "default: true", "fallback: Nobody") + agent("B"),
            "agents[0].fallback is Nobody, and no agent has this name. Write the name of another",
        ),
        (
            agent("A", "default: true", "fallback: b") + agent("B"),
            "agents[0].fallback is b, and no agent has this name",
        ),
        (agent("A", "fallback: A"), "the fallbacks go round in a circle: A, A. Take one"),
        (
            agent("A", "default: true", "fallback: B")
            + agent("B", "fallback: C")
            + agent("C", "fallback: B"),
            "the fallbacks go round in a circle: A, B, C, B. Take one",
        ),
        (
            agent("A", "default: true", "offered: false") + agent("B", "fallback: A"),
            "the agent that a new thread begins with is not offered. Write 'offered: true'",
        ),
        (agent("A", "offered: false"), "the agent that a new thread begins with is not offered"),
        (
            agent("A") + agent("B", "offered: false"),
            "agents[1], B, is neither offered nor anybody's fallback. Name it as another's",
        ),
    ],
)
def test_one_that_leads_nowhere_is_told(folder: Path, agents: str, said: str) -> None:
    """An unknown name, a circle, and an agent that could never answer have their sentence and repair."""
    write(folder, HEAD + agents)
    assert said in only_problem(folder)
