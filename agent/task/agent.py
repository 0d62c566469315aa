"""The agent that gets things done without a model: it understands by its dialogue file and calls tools."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from agent.base import Event, ReplyContext, Utterance
from agent.pipeline.stages import run_turn
from agent.task.calling import Caller, FromRecord, KeptCall, WithTools
from agent.task.dialogue import Dialogue
from agent.task.state import DialogueState, state_from
from agent.task.turn import TaskTurn
from agent.tools.running import ReplyTools
from agent.tools.toolbox import Toolbox
from study.agent_definitions import AgentKind
from study.errors import AgentError
from study.task_definition import DialogueDefinition


class TaskAgent:
    """Follows a dialogue file.

    It keeps nothing between replies: where a dialogue stands is reckoned anew from what was said in the
    thread and what tools answered: an edit, a Retry, another branch or a restart need nothing of their own.

    Args:
        name: What participants read.
        definition: The dialogue file.
        toolbox: What it can call.
        delay_ms: A pause before each few words of an answer.
    """

    kind = AgentKind.TASK.value
    unavailable_because: str | None = None

    def __init__(
        self,
        name: str,
        definition: DialogueDefinition,
        toolbox: Toolbox | None = None,
        *,
        delay_ms: int = 0,
    ) -> None:
        self.name = name
        self._delay_ms = delay_ms
        self._toolbox = toolbox or Toolbox()
        self.dialogue = Dialogue(definition)

    async def reply(self, turns: Sequence[Utterance], context: ReplyContext) -> AsyncIterator[Event]:
        """Answer the last utterance; see agent/base.py."""
        said = [turn for turn in turns if turn.role == "user"]
        state = await rebuilt(self.dialogue, said[:-1], (), context)
        turn = self._turn(state, said[-1], context, WithTools(ReplyTools(self._toolbox, context)))
        async with aclosing(run_turn(turn)) as events:
            async for event in events:
                yield event

    async def close(self) -> None:
        """Let tools that still act come to their end."""
        await self._toolbox.close()

    def _turn(self, state: DialogueState, said: Utterance, context: ReplyContext, caller: Caller) -> TaskTurn:
        return TaskTurn(self.dialogue, state, said.content, said.at, context, caller, self._delay_ms)


async def rebuilt(
    dialogue: Dialogue, said: Sequence[Utterance], calls: Sequence[KeptCall], context: ReplyContext
) -> DialogueState:
    """Reckon where a dialogue stands.

    Args:
        dialogue: The dialogue.
        said: What the participant said, oldest first.
        calls: What tools answered, oldest first, as the record kept it.
        context: Where.
    """
    state = DialogueState()
    record = FromRecord(calls)
    for utterance in said:
        before = state.as_json()
        turn = TaskTurn(dialogue, state, utterance.content, utterance.at, context, record)
        try:
            async for _ in run_turn(turn):
                pass
        except AgentError:
            state = state_from(before)  # a turn that broke changed nothing
    return state
