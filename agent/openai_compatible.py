"""The agent behind an API that speaks OpenAI's chat completions: OpenAI, vLLM, Ollama, llama.cpp, ..."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from typing import Any, Final, cast

import httpx2
import openai

from agent.context import ReplyContext, Utterance
from agent.events import CallStarted, Done, Event, Json, TextDelta, ThinkingDelta
from agent.failures import ProviderError, failure_of
from agent.model_address import OPENAI_URL, model_address
from agent.model_intents import ModelIntent
from agent.openai_answer import ModelAnswer
from agent.openai_client import open_client
from agent.openai_stream import read_payloads
from agent.openai_tools import NO_INTENTS, ROUNDS, ToolTalk
from agent.parts import Prompt, messages_of
from agent.patience import Patience
from agent.tools.toolbox import Toolbox
from agent.untaken import Untaken
from study.agent_definitions import AgentKind
from study.errors import AgentError, AgentRefused
from study.masking import hold
from study.protocol.prompts import fields_of, filled

LONGEST_PAUSE_S: Final = 8.0  # the client's own, between two attempts

# What can go wrong between here and the model: the client's errors, those of the connection under a
# stream (which the client lets through), a chunk that is not JSON, our own deadline.
_FAILURES: Final = (
    openai.OpenAIError,
    httpx2.HTTPError,
    ProviderError,
    AgentError,
    ValueError,
    TimeoutError,
)
# What may follow the last word: the count of tokens.
_AFTERWORD_S: Final = 5.0


# The hook that counts requests belongs to a client that all replies share.
_LISTENING: ContextVar[ModelAnswer] = ContextVar("listening")


async def _count_attempt(_request: httpx2.Request) -> None:
    if (answer := _LISTENING.get(None)) is not None:
        answer.attempts += 1


# The name that the record gives to it.
NO_ANSWER: Final = "answer_missing"
_FORMER: Final = "Earlier in this conversation, and over:"


class OpenAIAgent:
    """Answers with a language model, streaming.

    The client tries again by itself as long as nothing has come back; after the first token it never
    does, and neither do we: words that a participant has read are not replaced.

    Args:
        name: What participants read.
        model: The requested model.
        prompt: The system prompt; None to send none.
        parameters: What else is sent, under the API's names.
        api_key: The key; any text for servers that ask for none.
        base_url: The server, as an operator writes it; None for OpenAI's.
        proxy: The proxy on the way there; None for none.
        starts_in_thinking: Its text begins inside of thinking, which a closing tag ends.
        timeout_s: The longest time without a word, shown or thought.
        turn_s: The longest time of a whole answer.
        max_retries: How often the client tries again.
        pause_s: The most time between two attempts, in all of them together.
        toolbox: What the model may call; None for nothing.
        rounds: How often it is asked in one reply, where it calls tools.
        begun_by: Which tool begins which intent; nothing for an agent that keeps none.
    """

    kind = AgentKind.OPENAI.value
    unavailable_because: str | None = None

    def __init__(
        self,
        *,
        name: str,
        model: str,
        prompt: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        api_key: str,
        base_url: str | None = None,
        proxy: str | None = None,
        starts_in_thinking: bool = False,
        timeout_s: float = 60.0,
        turn_s: float = 600.0,
        max_retries: int = 2,
        pause_s: float = LONGEST_PAUSE_S,
        toolbox: Toolbox | None = None,
        rounds: int = ROUNDS,
        begun_by: Mapping[str, ModelIntent] = NO_INTENTS,
    ) -> None:
        self.name = name
        self.keeps_intents = bool(begun_by)
        self._begun_by = begun_by
        self._model = model
        self._fields = fields_of(prompt or "")
        self._system: list[Json] = [] if prompt is None else [{"role": "system", "content": prompt}]
        self._untaken = Untaken(
            {"stream": True, "stream_options": {"include_usage": True}, **(parameters or {})}
        )
        self._toolbox = toolbox or Toolbox()
        self._rounds = rounds
        self._starts_in_thinking = starts_in_thinking
        address = model_address(base_url or OPENAI_URL)
        hold(api_key, *address.secrets)
        self._provider = address.provider
        # All attempts together: the client alone would wait two minutes for each Retry-After.
        self._timeout_s, self._turn_s = timeout_s, turn_s
        self._patience_s = (timeout_s + pause_s) * (max_retries + 1)
        self._client = open_client(
            address,
            api_key=api_key,
            timeout_s=timeout_s,
            max_retries=max_retries,
            proxy=proxy,
            on_request=_count_attempt,
        )

    async def reply(self, turns: Sequence[Utterance], context: ReplyContext) -> AsyncIterator[Event]:
        """Answer the last utterance; see agent/base.py."""
        patience = Patience(self._timeout_s, self._turn_s)
        await self._toolbox.ready()
        talk = ToolTalk(self._toolbox, context, self._rounds, self._begun_by)
        system = self._instructions(context, await self._filled(context))
        prompt = await messages_of(system, turns, await talk.earlier(turns))
        async with aclosing(talk.resume(turns)) as steps:
            async for step in steps:
                yield step
        while True:
            async with aclosing(self._round(prompt, patience, talk)) as events:
                async for event in events:
                    yield event
            if talk.is_over:
                break
            async with aclosing(talk.act()) as steps:
                async for step in steps:
                    yield step
            asked = talk.question()
            for event in asked:
                yield event
            if asked:
                break
        yield Done()

    async def _filled(self, context: ReplyContext) -> list[Json]:
        """The system prompt with its participant's answers.

        Raises:
            AgentRefused: One of them lacks, and nothing stands for it.
        """
        if not self._fields:
            return self._system
        answers = await context.answers() if context.answers is not None else {}
        if missing := [name for name in self._fields if name not in answers]:
            told = f"the prompt asks for answers that are not there: {', '.join(missing)}"
            raise AgentRefused(told, error_type=NO_ANSWER)
        return [{**one, "content": filled(str(one["content"]), answers)} for one in self._system]

    def _instructions(self, context: ReplyContext, system: list[Json]) -> list[Json]:
        """The system prompt, and in the same message what the study lets it know of former intents."""
        if not context.summary:
            return system
        parts = [*(str(one["content"]) for one in system), f"{_FORMER}\n{context.summary}"]
        return [{"role": "system", "content": "\n\n".join(parts)}]

    async def models(self) -> list[str]:
        """The names of the models that the server lists; none where it lists none."""
        try:
            async with asyncio.timeout(self._patience_s):
                return [str(model.id) for model in (await self._client.models.list()).data]
        except (*_FAILURES, AttributeError, TypeError):
            return []

    async def close(self) -> None:
        """Close the connections, after what tools still do."""
        await self._toolbox.close()
        await self._client.close()

    async def _round(self, prompt: Prompt, patience: Patience, talk: ToolTalk) -> AsyncGenerator[Event]:
        """The model is asked, until it answers."""
        while True:
            wanted = self._untaken.sent
            sent = wanted | talk.offered
            yield CallStarted(self._provider, self._model, [*prompt.kept, *talk.messages], sent)
            answer = ModelAnswer(
                starts_in_thinking=self._starts_in_thinking,
                takes_calls=talk.offers,
                details=self._untaken.details,
            )
            request = {**sent, "messages": [*prompt.sent, *talk.messages]}
            failure: AgentError | None = None
            try:
                async with aclosing(self._said(request, answer, patience)) as said:
                    async for event in said:
                        yield talk.say(event)
            except _FAILURES as error:
                failure = failure_of(error)
                if answer.finish_reason is not None and not isinstance(error, ProviderError):
                    # Its last word had come: what befell the rest is worth a note.
                    answer.note("after_the_end", str(failure))
                    failure = None
            for event in answer.end():
                yield talk.say(event)
            failure = talk.judge(failure or answer.failure())
            yield answer.ended(failure)
            if failure is None:
                talk.heard(answer)
                return
            if failure.__cause__ is None or not self._untaken.learn(failure.__cause__, wanted):
                raise failure

    async def _said(
        self, request: Mapping[str, Any], answer: ModelAnswer, patience: Patience
    ) -> AsyncGenerator[TextDelta | ThinkingDelta]:
        _LISTENING.set(answer)
        create = cast(Any, self._client.chat.completions.create)
        stream = await patience.wait(create(model=self._model, **request), self._patience_s)
        async with stream, aclosing(read_payloads(stream.response, patience, answer.body)) as payloads:
            patience.heard()
            is_over = False
            async for payload in payloads:
                heard = answer.heard
                for event in answer.take(payload):
                    yield event
                if answer.heard > heard:
                    patience.heard()
                if answer.finish_reason is not None and not is_over:
                    is_over = True
                    patience.heard(_AFTERWORD_S)
