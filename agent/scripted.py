"""The agent that says lines written beforehand: a file of dialogs, or always the same text."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from hashlib import sha256

from agent.context import ReplyContext, Utterance
from agent.events import Done, Event, FormAsked, StepEnded, StepStarted
from agent.paced import paced
from study.agent_definitions import AgentKind, ScriptedDefinition
from study.dialog import Answer, ToolCall
from study.dialogs import Dialog, dialog_of_thread
from study.forms import Form


class ScriptedAgent:
    """Says what its file has in answer to the participant's first, second, ... line.

    Which dialog a thread speaks follows from the thread alone, so that it needs no memory: the one
    that the thread's id names (simulated participants), else the one that begins with the thread's
    first message, else one picked by the thread's id.

    Args:
        definition: From the study file.
        dialogs: The dialogs of its file; empty when it has a fixed reply.
        forms: The study's; it asks with those that it names.
    """

    kind = AgentKind.SCRIPTED.value
    unavailable_because: str | None = None

    def __init__(
        self, definition: ScriptedDefinition, dialogs: Sequence[Dialog] = (), forms: Sequence[Form] = ()
    ) -> None:
        self.name = definition.name
        self._definition = definition
        self._dialogs = tuple(dialogs)
        self._forms = {form.id: form for form in forms}
        self._by_first_line: dict[str, Dialog] = {}
        for dialog in self._dialogs:
            self._by_first_line.setdefault(dialog.participant_lines[0], dialog)

    async def reply(self, turns: Sequence[Utterance], context: ReplyContext) -> AsyncIterator[Event]:
        """Answer the last utterance; see agent/base.py."""
        said = [turn.content for turn in turns if turn.role == "user"]
        answer = self._answer(said, context.thread_id)
        for number, call in enumerate(answer.calls):
            started, ended = _step(number, call)
            yield started
            yield ended
        if answer.text is not None:
            settings = self._definition
            pace = paced(answer.text, words=settings.delta_words, delay_ms=settings.delay_ms)
            async with aclosing(pace) as deltas:
                async for delta in deltas:
                    yield delta
        if answer.form is not None:
            yield FormAsked(self._forms[answer.form])
        yield Done()

    async def close(self) -> None:
        """Hold nothing, let go of nothing."""

    def _answer(self, said: Sequence[str], thread_id: str) -> Answer:
        if self._definition.reply is not None:
            asks = self._definition.asks
            form = asks[len(said) - 1] if 1 <= len(said) <= len(asks) else None
            return Answer((), self._definition.reply, form)
        answers = self._dialog(said[0] if said else "", thread_id).answers
        if not 1 <= len(said) <= len(answers):
            return Answer((), self._definition.closing)
        answer = answers[len(said) - 1]
        if answer.text is None and len(said) == len(answers):
            # The file ends with the participant's words: theirs are answered as all that come after.
            return Answer(answer.calls, self._definition.closing)
        return answer

    def _dialog(self, first_line: str, thread_id: str) -> Dialog:
        named = dialog_of_thread(self._dialogs, thread_id) or self._by_first_line.get(first_line)
        if named is not None:
            return named
        digest = sha256(thread_id.encode(errors="surrogatepass")).digest()
        return self._dialogs[int.from_bytes(digest[:8]) % len(self._dialogs)]


def _step(number: int, call: ToolCall) -> tuple[StepStarted, StepEnded]:
    key = f"call-{number}"
    return StepStarted(key, call.name, input=call.request or ""), StepEnded(key, call.response)
