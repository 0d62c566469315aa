"""Real dialogs against an agent that takes orders: the participants' side of each is said, line by line.

The recorded lines answer the recorded assistant's questions, and another assistant may ask others. So this
is how a dialog is played: its participant's lines are said in their order, whatever the agent asks; then, as
long as the agent asks whether its order is right, the participant says "yes", at most three times. Nothing
else is made up.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from agent.base import Agent
from agent.context import KeptCall, ReplyContext, Utterance
from agent.events import Event, StepEnded, StepStarted, TextDelta
from agent.tools.keeping import MemoryKeeping
from bench.dialogs_expected import (
    Recorded,
    RecordedOrder,
    difference,
    expected_order,
    order_of_the_shop,
)
from study.vocabulary import StepType

QUESTION: Final = "Is that right?"
YES: Final = "yes"
MOST_YES: Final = 3
NOT_FINISHED: Final = "not finished"
NOTHING_ORDERED: Final = "nothing to order: a question, or the recorded shop did not have it"
NOTHING_TO_COMPARE: Final = "finished, and the recorded shop has no finished order to compare with"


@dataclass
class PlayedDialog:
    """How a dialog went.

    Args:
        dialog_id: As the file names it.
        said: What was said, by turns, the participant first.
        steps: What was done, in order: type, name, input, output.
        made: The order at the end; None where none was finished.
    """

    dialog_id: str
    said: list[str] = field(default_factory=list)
    steps: list[tuple[str, str, str, str]] = field(default_factory=list)
    made: RecordedOrder | None = None

    @property
    def calls(self) -> list[KeptCall]:
        """The tools' part of the steps."""
        tools = (step for step in self.steps if step[0] == StepType.TOOL.value)
        return [KeptCall(name, given, came, '"error_type"' in came) for _, name, given, came in tools]


def read_dialogs(path: Path) -> list[Recorded]:
    """Read a file of dialogs, one JSON object a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def lines_of(dialog: Recorded) -> list[str]:
    """What the participant says."""
    return [one["text"] for one in dialog["utterances"] if one["speaker"] == "user"]


def next_line(lines: Iterator[str], answer: str, yeses: Counter[str]) -> str | None:
    """What is said next; None at the end."""
    line = next(lines, None)
    if line is None and QUESTION in answer and yeses[YES] < MOST_YES:
        yeses[YES] += 1
        return YES
    return line


async def play(dialog: Recorded, agent: Agent) -> PlayedDialog:
    """Say the participant's side of a dialog.

    Args:
        dialog: Which.
        agent: Whom to.
    """
    played = PlayedDialog(str(dialog["conversation_id"]))
    thread_id = str(uuid5(NAMESPACE_URL, played.dialog_id))
    keeping = MemoryKeeping()
    lines, yeses, answer = iter(lines_of(dialog)), Counter[str](), ""
    while (line := next_line(lines, answer, yeses)) is not None:
        played.said.append(line)
        turns = [Utterance("assistant" if n % 2 else "user", text) for n, text in enumerate(played.said)]
        before = played.calls
        number = str(len(played.said))
        context = ReplyContext(
            thread_id, number, "p", number, number, keeping=keeping, kept_calls=_kept(before)
        )
        events = [event async for event in agent.reply(turns, context)]
        answer = "".join(event.text for event in events if isinstance(event, TextDelta))
        played.said.append(answer)
        played.steps += steps_of(events)
    played.made = order_made(played.calls)
    return played


def _kept(calls: Sequence[KeptCall]) -> Any:
    async def read() -> Sequence[KeptCall]:
        return calls

    return read


def steps_of(events: Sequence[Event]) -> list[tuple[str, str, str, str]]:
    """The steps among events: type, name, input, output."""
    ended = {event.key: event.output for event in events if isinstance(event, StepEnded)}
    begun = (event for event in events if isinstance(event, StepStarted))
    return [(event.type, event.name, event.input, ended[event.key]) for event in begun]


def order_made(calls: Sequence[KeptCall]) -> RecordedOrder | None:
    """The order as the shop read it back last, before it was finished."""
    made = None
    for call in calls:
        output = json.loads(call.output)
        if call.name == "get_order_details" and "menu_items" in output:
            made = order_of_the_shop(output)
        if call.name == "finish_order" and output.get("success") and made is not None:
            made.finished = True
    return made if made is not None and made.finished else None


def cause_of(dialog: Recorded, made: RecordedOrder | None) -> str:
    """How a dialog ended: "" for an order that equals the recorded one."""
    wanted = expected_order(dialog)
    if made is None:
        return NOT_FINISHED if wanted.finished else NOTHING_ORDERED
    if not wanted.finished:
        return NOTHING_TO_COMPARE
    return difference(wanted, made) or ""


def play_all(dialogs: Sequence[Recorded], agent: Agent) -> list[PlayedDialog]:
    """Play dialogs one after another."""

    async def one_after_another() -> list[PlayedDialog]:
        return [await play(dialog, agent) for dialog in dialogs]

    return asyncio.run(one_after_another())
