"""What a study lets participants see of an agent's work; what they do not see is kept all the same."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from agent.events import Event, StepEnded, StepStarted, TextDelta
from bootstrap import beside_of
from data_layer.chainlit.shapes import thread_dict
from data_layer.conversations.paging import read_window
from data_layer.record import Record
from page.chat.chainlit_chat import ChainlitChat
from stages.chat.stage import ChatStage
from study.definition import Study
from study.vocabulary import StepsShown
from tests.data_layer.rows import ADA, new_id, rows
from tests.fakes import FakeAgent, FakeAgents
from tests.pages import FakePage, forget_pages, heard, leave_pages
from tests.stages.talk import LIMIT

WORK: Final[list[Event]] = [
    StepStarted("a", "zebra", type="retrieval", input="stripes"),
    StepEnded("a", "black and white"),
    StepStarted("b", "giraffe", input="neck"),
    StepEnded("b", "long", is_error=True),
    TextDelta("An okapi."),
]
SEEN: Final = {StepsShown.FULL: ["zebra", "giraffe"], StepsShown.TOOLS: ["giraffe"], StepsShown.NONE: []}


@pytest.fixture(autouse=True)
def no_pages() -> Iterator[None]:
    """Chainlit knows no page before the test, and none after it."""
    forget_pages()
    yield
    leave_pages()
    forget_pages()


def study_of(agent: FakeAgent, steps: StepsShown) -> Study:
    """A study whose file says what is shown of an agent's steps."""
    told = {"name": agent.name, "kind": "eliza", "default": True, "steps": steps.value}
    return Study.model_validate({"id": "s", "title": "T", "contact": "C", "welcome": "W", "agents": [told]})


@pytest.mark.parametrize("steps", StepsShown)
async def test_what_is_not_shown_reaches_no_page(record: Record, agent: FakeAgent, steps: StepsShown) -> None:
    """Neither while the agent works, nor in the thread that a page opens later; and every step is kept."""
    agent.enqueue(*WORK)
    beside = beside_of(study_of(agent, steps))
    stage = ChatStage(record, FakeAgents(agent), message_length=LIMIT, beside=beside)
    page = FakePage(ADA)
    await heard(ChainlitChat(stage, record.connections), page.session, new_id(), "Which animal?")
    sent = json.dumps(page.emitted, default=str)
    window = await read_window(record.database, page.thread_id)
    assert window is not None
    opened: Any = json.dumps(thread_dict(window, {}), default=str)
    for name, words in (("zebra", "stripes"), ("giraffe", "neck")):
        for told in (sent, opened):
            assert ((name in told), (words in told)) == ((name in SEEN[steps]),) * 2
    kept = await rows(record, "steps")
    work = {step["name"]: step for step in kept if step["input"]}
    assert [(name, step["output"], step["shown"]) for name, step in work.items()] == [
        ("zebra", "black and white", "zebra" in SEEN[steps]),
        ("giraffe", "long", "giraffe" in SEEN[steps]),
    ]
    assert work["giraffe"]["is_error"]


async def test_work_that_nobody_sees_is_no_first_word(record: Record, agent: FakeAgent) -> None:
    """The time to the first thing shown is that of the words."""
    agent.enqueue(*WORK[:2])
    beside = beside_of(study_of(agent, StepsShown.NONE))
    stage = ChatStage(record, FakeAgents(agent), message_length=LIMIT, beside=beside)
    page = FakePage(ADA)
    await heard(ChainlitChat(stage, record.connections), page.session, new_id(), "Which animal?")
    (run,) = await rows(record, "runs")
    assert (run["status"], run["ttft_ms"]) == ("failed", None)
