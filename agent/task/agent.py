"""The agent that gets things done without a model: it understands by its dialogue file and calls tools."""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from agent.context import KeptCall, ReplyContext, Utterance
from agent.events import Event
from agent.pipeline.stages import run_turn
from agent.task.calling import FromRecord, WithTools
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
    keeps_intents = True
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
        await self._toolbox.ready()
        state = await self._before(said[:-1], context)
        caller = WithTools(ReplyTools(self._toolbox, context))
        last = said[-1]
        turn = TaskTurn(
            self.dialogue, state, last.content, last.at, context, caller, self._delay_ms, digest_of(said)
        )
        async with aclosing(run_turn(turn)) as events:
            async for event in events:
                yield event

    async def close(self) -> None:
        """Let tools that still act come to their end."""
        await self._toolbox.close()

    async def _before(self, said: Sequence[Utterance], context: ReplyContext) -> DialogueState:
        """Where the dialogue stood; read from the intent where that is of these very words, else reckoned."""
        known = context.intent.state if context.intent else {}
        if said and known.get("heard") == digest_of(said):
            return state_from(known["dialogue"])
        calls = await context.kept_calls() if context.kept_calls and said else ()
        return await rebuilt(self.dialogue, said, calls, context)


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
    spoken_in = {utterance.intent_id for utterance in said}
    record = FromRecord([call for call in calls if call.intent_id in spoken_in])
    opening = _opening(said, context)
    for place, utterance in enumerate(said):
        before = state.as_json()
        text = opening[1] if opening is not None and place == opening[0] else utterance.content
        turn = TaskTurn(dialogue, state, text, utterance.at, context, record)
        try:
            async for _ in run_turn(turn):
                pass
        except AgentError:
            state = state_from(before)  # a turn that broke changed nothing
    return state


def _opening(said: Sequence[Utterance], context: ReplyContext) -> tuple[int, str] | None:
    """What began the intent, where it was another text than was said: "yes" to "Did you mean a latte?"."""
    if context.intent is None or "opening" not in context.intent.state:
        return None
    of_it = [place for place, one in enumerate(said) if one.intent_id == context.intent.intent_id]
    return (of_it[0], str(context.intent.state["opening"])) if of_it else None


def digest_of(said: Sequence[Utterance]) -> str:
    """A short text that names what was said so far."""
    whole = json.dumps([utterance.content for utterance in said])
    return hashlib.sha256(whole.encode()).hexdigest()
