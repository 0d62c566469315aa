"""Who can answer in a study, and who does when nobody of it can."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.registry import BUILDERS, AgentRegistry, ModelConnection, build_agents
from study.agent_definitions import AgentKind
from study.loader import LoadedStudy, load_study
from tests.agent.contract import collect, said, text_of
from tests.fake_openai import FakeOpenAI

ROOT = Path(__file__).parents[2]
MODEL = "  - {name: Model, kind: openai, default: true, prompt: prompt.md, description: A model.}\n"
ELIZA = "  - {name: Listener, kind: eliza, description: Listens.}\n"
SCRIPT = "  - {name: Script, kind: scripted, reply: Hello.}\n"


@pytest.fixture
def study_of(tmp_path: Path) -> Any:
    """Makes a study of some agents."""

    def make(*agents: str) -> LoadedStudy:
        head = "id: s\ntitle: T\ncontact: C\nwelcome: W\nagents:\n"
        (tmp_path / "study.yaml").write_text(head + "".join(agents), encoding="utf-8")
        (tmp_path / "prompt.md").write_text("Be kind.\n", encoding="utf-8")
        return load_study(tmp_path)

    return make


def offered(registry: AgentRegistry) -> list[str]:
    """Return the names of those who can answer."""
    return [agent.name for agent in registry.offered]


def test_every_kind_has_a_builder() -> None:
    """A kind that study.yaml may name can be built."""
    assert set(AgentKind) == set(BUILDERS)


def test_without_a_key_eliza_of_the_study_is_the_default(study_of: Any) -> None:
    """The model is left out, with the repair, which stands beside ELIZA's description and not in it."""
    agents = build_agents(study_of(MODEL, ELIZA))
    assert (offered(agents), agents.default.name, agents.stand_in) == (["Listener"], "Listener", None)
    assert "OPENAI_API_KEY" in agents.unavailable["Model"]
    assert agents.descriptions["Listener"] == "Listens."
    assert agents.notes["Listener"].startswith(agents.unavailable["Model"])


def test_without_anybody_eliza_stands_in(study_of: Any) -> None:
    """A study with models only still answers where none is connected."""
    agents = build_agents(study_of(MODEL))
    assert (offered(agents), agents.default.kind, agents.stand_in) == (["ELIZA"], "eliza", "ELIZA")
    assert "ELIZA" not in agents.descriptions
    assert agents.notes["ELIZA"].startswith(agents.unavailable["Model"])


def test_a_stand_in_never_takes_the_name_of_another(study_of: Any) -> None:
    """The record must not say ELIZA of two agents."""
    agents = build_agents(study_of("  - {name: ELIZA, kind: openai}\n"))
    assert offered(agents) == ["ELIZA (1966)"]


@pytest.mark.parametrize("empty", [None, ""])
def test_empty_settings_are_none(study_of: Any, empty: str | None) -> None:
    """OPENAI_API_KEY= in a file of settings is no key."""
    agents = build_agents(
        study_of(MODEL, ELIZA), ModelConnection(api_key=empty, base_url=empty, default_model="m")
    )
    assert offered(agents) == ["Listener"]


async def test_with_a_key_the_study_decides(study_of: Any) -> None:
    """The default comes first, the rest in the file's order; nothing is added or noted."""
    agents = build_agents(study_of(SCRIPT, MODEL, ELIZA), ModelConnection(api_key="k", default_model="m"))
    assert offered(agents) == ["Model", "Script", "Listener"]
    assert (agents.unavailable, agents.stand_in, agents.descriptions["Listener"]) == ({}, None, "Listens.")
    assert agents.notes == {}
    await agents.close()


def test_a_model_without_a_name_is_unavailable(study_of: Any) -> None:
    """Neither study.yaml nor VERBATIM_MODEL says which model to ask."""
    agents = build_agents(study_of(MODEL, ELIZA), ModelConnection(api_key="k"))
    assert "VERBATIM_MODEL" in agents.unavailable["Model"]


def test_without_a_model_another_agent_is_the_default(study_of: Any) -> None:
    """When the default cannot answer, the first that can takes its place."""
    assert build_agents(study_of(MODEL, SCRIPT, ELIZA)).default.name == "Script"


async def test_a_server_of_ones_own_needs_no_key(study_of: Any, fake_openai: FakeOpenAI) -> None:
    """A base_url alone counts as connected; a placeholder is sent as key, the prompt file as prompt."""
    agents = build_agents(study_of(MODEL), ModelConnection(base_url=fake_openai.url, default_model="local"))
    events = await collect(agents.default, said("Hello."))
    request = fake_openai.requests[0]
    assert text_of(events) == fake_openai.reply_text
    assert request.body["model"] == "local"
    assert request.body["messages"][0] == {"role": "system", "content": "Be kind.\n"}
    assert request.headers["authorization"] == "Bearer no-key-needed"
    await agents.close()


async def test_the_study_names_the_model_before_the_settings(study_of: Any, fake_openai: FakeOpenAI) -> None:
    """VERBATIM_MODEL is for agents that name none."""
    agents = build_agents(
        study_of("  - {name: A, kind: openai, model: mine, parameters: {temperature: 0, stop: END}}\n"),
        ModelConnection(base_url=fake_openai.url, default_model="other"),
    )
    await collect(agents.default, said("Hello."))
    body = fake_openai.requests[0].body
    assert (body["model"], body["temperature"], body["stop"]) == ("mine", 0, ["END"])
    assert {"top_p", "max_tokens", "seed"}.isdisjoint(body)
    await agents.close()


def test_agents_are_found_by_name(study_of: Any) -> None:
    """By the name in the study file; nobody by another, by none, or when it cannot answer."""
    agents = build_agents(study_of(MODEL, ELIZA))
    assert agents.get("Listener") is agents.default
    assert [agents.get(name) for name in ("Model", "listener", "", None)] == [None] * 4


def test_the_example_study_answers_without_a_key() -> None:
    """What a fresh machine shows: ELIZA."""
    agents = build_agents(load_study(ROOT / "studies" / "example"))
    assert (offered(agents), agents.default.kind) == (["ELIZA"], "eliza")


async def test_the_example_study_offers_its_model_when_there_is_one() -> None:
    """With a key and a model the assistant is the default, and ELIZA can be chosen."""
    agents = build_agents(
        load_study(ROOT / "studies" / "example"), ModelConnection(api_key="k", default_model="m")
    )
    assert (offered(agents), agents.default.kind) == (["Assistant", "ELIZA"], "openai")
    await agents.close()


def test_a_study_without_a_model_does_not_pay_for_one() -> None:
    """The openai package is not imported until an agent needs it."""
    code = (
        "import sys; from pathlib import Path; from agent.registry import build_agents; "
        "from study.loader import load_study; build_agents(load_study(Path('studies/example'))); "
        "sys.exit('openai' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.mark.parametrize(("model", "asked"), [("", True), ("model: m, ", False)])
def test_the_repair_names_all_that_is_missing(study_of: Any, model: str, asked: bool) -> None:
    """Nobody sets a key and learns at the next start that a model's name is missing as well."""
    agents = build_agents(study_of(f"  - {{name: A, {model}kind: openai}}\n"))
    assert ("VERBATIM_MODEL" in agents.unavailable["A"]) is asked


async def test_an_address_that_names_the_model_is_enough(study_of: Any) -> None:
    """As Azure's deployments do; the study and VERBATIM_MODEL come before it."""
    url = "https://lab.openai.azure.com/openai/deployments/small?api-version=1"
    agents = build_agents(
        study_of("  - {name: A, kind: openai}\n"), ModelConnection(api_key="k", base_url=url)
    )
    assert offered(agents) == ["A"]
    await agents.close()


def test_a_fallback_is_found_and_need_not_be_offered(study_of: Any) -> None:
    """Participants choose among those that are offered; the other answers where the first cannot."""
    asker = MODEL.replace("description", "fallback: Script, description")
    agents = build_agents(
        study_of(asker, ELIZA, SCRIPT.replace("reply", "offered: false, reply")),
        ModelConnection("k", default_model="m"),
    )
    assert offered(agents) == ["Model", "Listener"]
    assert agents.get("Script") is None
    assert {name: agent.name for name, agent in agents.fallbacks.items()} == {"Model": "Script"}


def test_a_fallback_that_cannot_answer_is_passed_over(study_of: Any) -> None:
    """Its own fallback steps in instead."""
    first = SCRIPT.replace("name: Script", "name: First, default: true, fallback: Model")
    agents = build_agents(study_of(first, MODEL.replace("default: true", "fallback: Listener"), ELIZA))
    assert agents.fallbacks["First"].name == "Listener"


def test_nobody_who_is_offered_can_answer(study_of: Any) -> None:
    """Without a model the agent that was to step in is there from the start."""
    agents = build_agents(
        study_of(
            MODEL.replace("description", "fallback: Script, description"),
            SCRIPT.replace("reply", "offered: false, reply"),
        )
    )
    assert (offered(agents), agents.stand_in) == (["Script"], None)
