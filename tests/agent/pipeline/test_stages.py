"""A turn's stages: all there, in order, each a step; and what becomes of one that breaks."""

import importlib
import json
import pkgutil

import pytest

import agent.pipeline
from agent.context import Utterance
from agent.events import Event, StepEnded, StepStarted
from agent.pipeline.stage import Stage
from agent.pipeline.stages import STAGES
from agent.task.agent import TaskAgent
from study.errors import AgentUnavailable
from study.task_definition import DialogueDefinition
from study.vocabulary import NAMED_BY_TYPE, StepType
from tests.agent.contract import CONTEXT, collect, said
from tests.agent.task.counter import Counter, barista

ORDER = ["session", "intent_recognition", "intent_handling", "parameter_extraction"]


def test_no_stage_is_missing() -> None:
    """Each file of the pipeline that is a stage stands in the registry, once."""
    modules = [
        importlib.import_module(f"agent.pipeline.{one.name}")
        for one in pkgutil.iter_modules(agent.pipeline.__path__)
    ]
    written = [module.STAGE for module in modules if isinstance(getattr(module, "STAGE", None), Stage)]
    assert len(written) == len(STAGES)
    assert all(stage in STAGES for stage in written)


def test_each_stage_has_a_type_of_its_own() -> None:
    """With a name in each language; thinking and error are no stages, and tools are steps of their own."""
    kinds = [stage.kind for stage in STAGES if stage.kind is not None]
    assert set(kinds) == set(NAMED_BY_TYPE) - {StepType.ERROR, StepType.THINKING}


async def test_a_turn_is_its_stages_in_order() -> None:
    """Tools stand between what was understood and what is said."""
    counter = Counter(barista())
    await counter.say("a latte with oat milk")
    tools = ["tool"] * 4  # the menu, its options, the order, and the order read back
    assert counter.steps == [*ORDER, *tools, "response"]
    await counter.say("yes")
    assert counter.steps == [*ORDER, "tool", "response"]


async def test_every_input_and_output_is_json() -> None:
    """With what a researcher asks for: scores, the decision, parameters, the answer."""
    counter = Counter(barista())
    answer = await counter.say("a latte with oat milk")
    given = {one.type: json.loads(one.input) for one in counter.events if isinstance(one, StepStarted)}
    came = {one.key: json.loads(one.output) for one in counter.events if isinstance(one, StepEnded)}
    assert given["session"] == {"thread_id": "t", "run_id": "1"}
    assert came["intent_recognition"]["intents"][0] | {"because": 0} == {
        "name": "order",
        "score": 0.6,
        "because": 0,
    }
    assert came["intent_handling"] == {"decision": "begin", "intent": "order"}
    assert came["parameter_extraction"]["parameters"] == {"items": [{"drink": "Latte", "milk": "Oat Milk"}]}
    assert came["response"]["text"] == answer


async def test_a_stage_that_breaks_is_an_error_step() -> None:
    """It names the stage and the kind of error, and the reply fails: no silent half of a turn."""
    intent = {"title": "T", "patterns": ["^go"], "answer": "{{ 1 / 0 }}"}
    broken = TaskAgent("T", DialogueDefinition.model_validate({"intents": {"go": intent}}))
    events: list[Event] = []

    async def hear() -> None:
        async for event in broken.reply(said("go"), CONTEXT):
            events.append(event)

    with pytest.raises(AgentUnavailable):
        await hear()
    assert events[-2:] == [
        StepStarted("error", "error", "error", '{"stage": "tool"}'),
        StepEnded("error", '{"error_type": "ZeroDivisionError"}', is_error=True),
    ]


async def test_a_turn_that_broke_changed_nothing() -> None:
    """The next one goes on from where the dialogue stood before."""
    slots = {"name": {"kind": "text", "required": True, "ask": "Who?"}}
    intent = {
        "title": "T",
        "patterns": ["^go"],
        "slots": slots,
        "answer": "{{ 1 / (name != 'Ann') }} {{ name }}",
    }
    agent = TaskAgent("T", DialogueDefinition.model_validate({"intents": {"go": intent}}))
    turns = [Utterance("user", text) for text in ("go", "Ann", "Bob")]
    heard = "".join(getattr(event, "text", "") for event in await collect(agent, turns))
    assert heard == "1.0 Bob"
