"""The scripted agent says what its file says."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.context import ReplyContext
from agent.events import Done, Event, StepEnded, StepStarted, TextDelta
from agent.paced import paced
from agent.scripted import ScriptedAgent
from study.agent_definitions import ScriptedDefinition
from study.dialog import Dialog, DialogLine, ToolCall
from study.dialogs import read_dialogs, simulated_thread_id
from tests.agent.contract import collect, said, text_of

ORDERS = Path(__file__).parents[1] / "data" / "orders.jsonl"

TEA = Dialog(
    "tea",
    (
        DialogLine(
            "user",
            "Tea, please.",
            (ToolCall("find", '{"q":  "tea"}', '{"id":1}'), ToolCall("show", None, "")),
        ),
        DialogLine("assistant", "With milk?"),
        DialogLine("user", "No."),
        DialogLine("assistant", "Here it is."),
    ),
)
COFFEE = Dialog(
    "coffee", (DialogLine("user", "Coffee."), DialogLine("assistant", "Here."), DialogLine("user", "Thanks."))
)


def agent_of(*dialogs: Dialog, **fields: object) -> ScriptedAgent:
    """Make an agent that speaks these dialogs."""
    source = {} if "reply" in fields else {"dialogs": "dialogs.jsonl"}
    definition = ScriptedDefinition.model_validate({"name": "S", "kind": "scripted"} | source | fields)
    return ScriptedAgent(definition, dialogs)


def place(thread_id: str) -> ReplyContext:
    """Return the context of a thread."""
    return ReplyContext(thread_id, str(uuid4()))


async def test_steps_come_before_words_byte_for_byte() -> None:
    """Each tool call is a step with the file's request and response, a missing request an empty input."""
    events = await collect(agent_of(TEA), said("Tea, please."))
    expected: list[Event] = [
        StepStarted("call-0", "find", "tool", '{"q":  "tea"}'),
        StepEnded("call-0", '{"id":1}'),
        StepStarted("call-1", "show", "tool", ""),
        StepEnded("call-1", ""),
        TextDelta("With"),
        TextDelta(" milk?"),
        Done(),
    ]
    assert expected == events


async def test_the_kth_line_gets_the_kth_answer() -> None:
    """The participant's own words do not matter after the first line; their number does."""
    events = await collect(agent_of(TEA), said("Tea, please.", "With milk?", "Yes!"))
    assert text_of(events) == "Here it is."


async def test_the_last_line_without_an_answer_gets_the_closing_line() -> None:
    """The file ends with the participant: they are not left without a word."""
    agent = agent_of(COFFEE, closing="That was all.")
    assert text_of(await collect(agent, said("Coffee.", "Here.", "Thanks."))) == "That was all."


async def test_a_line_within_the_file_without_an_answer_gets_no_words() -> None:
    """Two of the participant's lines in a row: the closing line would say what is not so."""
    twice = Dialog(
        "twice", (DialogLine("user", "Hm."), DialogLine("user", "Tea."), DialogLine("assistant", "Here."))
    )
    assert await collect(agent_of(twice), said("Hm.")) == [Done()]


async def test_after_the_last_line_the_script_is_over() -> None:
    """More messages than lines get the closing line, as often as they come."""
    agent = agent_of(COFFEE, closing="That was all.")
    for turns in (said("Coffee.", "Here.", "Thanks.", "", "More."), said(*"abcdefghi")):
        assert text_of(await collect(agent, turns)) == "That was all."


async def test_a_simulated_thread_speaks_the_dialog_that_its_id_names() -> None:
    """The id outweighs the first message."""
    agent = agent_of(TEA, COFFEE)
    events = await collect(agent, said("Tea, please."), place(simulated_thread_id(COFFEE, 1, 0)))
    assert text_of(events) == "Here."


async def test_another_thread_speaks_the_dialog_that_begins_as_it_does() -> None:
    """A participant who types a dialog's first line gets its answer."""
    agent = agent_of(TEA, COFFEE)
    assert text_of(await collect(agent, said("Coffee."), place(str(uuid4())))) == "Here."


async def test_any_other_thread_stays_with_one_dialog() -> None:
    """Whatever a thread begins with, all its turns come from the dialog that its id picks."""
    agent = agent_of(TEA, COFFEE)
    for _ in range(20):
        context = place(str(uuid4()))
        first = text_of(await collect(agent, said("Good day."), context))
        second = text_of(await collect(agent, said("Good day.", first, "And now?"), context))
        assert (first, second) in {("With milk?", "Here it is."), ("Here.", "The script is over.")}


async def test_both_dialogs_are_picked() -> None:
    """Over many threads each dialog has its turn."""
    agent = agent_of(TEA, COFFEE)
    replies = {text_of(await collect(agent, said("Hm."), place(str(uuid4())))) for _ in range(100)}
    assert replies == {"With milk?", "Here."}


async def test_a_fixed_reply_answers_everything() -> None:
    """`reply` needs no dialogs."""
    agent = agent_of(reply="One two three.")
    assert text_of(await collect(agent, said("a", "b", "c"))) == "One two three."


async def test_the_real_file_is_said_whole() -> None:
    """Every dialog of the sample: each answer's words and steps are the file's, by the thread's id alone."""
    dialogs = read_dialogs(ORDERS)
    agent = agent_of(*dialogs, delta_words=3)
    for number, dialog in enumerate(dialogs):
        context = place(simulated_thread_id(dialog, number, 1))
        history: list[str] = []
        for line, answer in zip(dialog.participant_lines, dialog.answers, strict=True):
            history.append(line)
            events = await collect(agent, said(*history), context)
            inputs = [(event.name, event.input) for event in events if isinstance(event, StepStarted)]
            outputs = [event.output for event in events if isinstance(event, StepEnded)]
            assert inputs == [(call.name, call.request or "") for call in answer.calls]
            assert outputs == [call.response for call in answer.calls]
            # Two of the sample's dialogs end with the participant.
            assert text_of(events) == (answer.text or "The script is over.")
            history.append(text_of(events))


@given(st.text(max_size=200), st.integers(1, 10))
def test_deltas_joined_are_the_text(text: str, words: int) -> None:
    """However a text is cut, nothing is lost, added or empty."""

    async def deltas() -> list[str]:
        return [delta.text async for delta in paced(text, words=words, delay_ms=0)]

    pieces = asyncio.run(deltas())
    assert "".join(pieces) == text
    assert all(pieces)


@pytest.mark.parametrize(("words", "count"), [(1, 4), (2, 2), (3, 2), (4, 1), (9, 1)])
async def test_a_delta_has_as_many_words_as_asked(words: int, count: int) -> None:
    """Four words in deltas of one, two, three, four."""
    assert count == len([delta async for delta in paced("one  two\nthree four ", words=words, delay_ms=0)])


class Clock:
    """A clock that only sleeping and working move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Move on."""
        self.now += seconds


async def test_each_delta_has_its_moment() -> None:
    """With 20 ms a word the words come at 20, 40, 60, ... ms."""
    clock = Clock()
    deltas = paced("a b c d", words=1, delay_ms=20, clock=clock, sleep=clock.sleep)
    assert [round(clock.now * 1000) async for _ in deltas] == [20, 40, 60, 80]


async def test_a_busy_loop_does_not_slow_the_speaker() -> None:
    """When what stands between two deltas takes 50 ms, those that are due come without a pause."""
    clock = Clock()
    moments = []
    async for _ in paced("a b c d e", words=1, delay_ms=20, clock=clock, sleep=clock.sleep):
        moments.append(round(clock.now * 1000))
        if len(moments) == 1:
            clock.now += 0.050
    assert moments == [20, 70, 70, 80, 100]
