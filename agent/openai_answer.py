"""One answer of a chat completion as it comes: its words, its thinking, and what the record keeps of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from agent.events import CallEnded, TextDelta, ThinkingDelta, Usage
from agent.failures import Malformed, ProviderError, brief_failure
from agent.finish_reasons import cut_off_of
from agent.openai_chunk import Chunk, read_chunk
from agent.openai_stream import Body
from agent.surrogates import WholeCharacters
from agent.thinking import SeparatedText, ThinkingSplitter
from agent.tool_calls import MOST_CALLS, CallsHeard, ModelCall
from study.errors import AgentError, AgentUnavailable
from study.text import is_blank

# What an answer is called, and by whom.
_NAMES: Final = ("model", "id", "system_fingerprint")
# Where a count stands in the API's usage.
_COUNTS: Final = {
    "input_tokens": ("prompt_tokens",),
    "output_tokens": ("completion_tokens",),
    "cached_tokens": ("prompt_tokens_details", "cached_tokens"),
    "reasoning_tokens": ("completion_tokens_details", "reasoning_tokens"),
}
LONGEST_NOTE: Final = 500
EMPTY_ANSWER: Final = "empty_answer"
_UNOPENED: Final = (
    "a closing </think> stood in the reply and nothing had opened it; if that is how the server marks "
    "thinking, write starts_in_thinking: true for this agent"
)


class ModelAnswer:
    """What a server says, put together.

    Args:
        starts_in_thinking: Its text begins inside of thinking.
        takes_calls: Tools were offered: a call of one is an answer.
        details: What the record is to hold of how it was asked for.

    Attributes:
        attempts: Requests made for it.
        heard: Characters of text and thinking that came, shown or not.
        finish_reason: As the server said it.
        body: How it was sent.
    """

    def __init__(
        self, *, starts_in_thinking: bool = False, takes_calls: bool = False, details: Mapping[str, Any]
    ) -> None:
        self.attempts = 0
        self.heard = 0
        self.finish_reason: str | None = None
        self.body = Body()
        self._details = dict(details)
        self._takes_calls = takes_calls
        self._called = CallsHeard()
        self._names: dict[str, str] = {}
        self._usage = Usage()
        self._splitter = ThinkingSplitter(inside=starts_in_thinking)
        self._text = WholeCharacters()
        self._thinking = WholeCharacters()
        self._unseen = ""  # thinking that shows nothing yet
        self._thinks_now = False
        self._thought = False
        self._spoke = False
        self._parts: Counter[str] = Counter()

    def note(self, name: str, words: str) -> None:
        """Remember what no column of the record holds."""
        self._details[name] = brief_failure(words, LONGEST_NOTE)

    def take(self, payload: Any) -> Iterator[TextDelta | ThinkingDelta]:
        """Take what one event says.

        Args:
            payload: Its JSON value.

        Yields:
            The words and the thinking that it makes known.

        Raises:
            ProviderError: It says that something went wrong.
            Malformed: It is no chunk of a chat completion.
        """
        if payload is None:
            return
        if not isinstance(payload, Mapping):
            raise Malformed(f"a chunk of the answer is {type(payload).__name__} and no object")
        self._names |= {name: str(payload[name]) for name in _NAMES if payload.get(name)}
        if payload.get("usage"):
            self._count(payload["usage"])
        chunk = read_chunk(payload)
        self._note(chunk)
        self.heard += len(chunk.thinking) + len(chunk.text)
        if self._takes_calls:
            self._call(chunk)
        if chunk.thinking:
            self._splitter.expect_reply()
            yield from self._thinks(self._thinking.feed(chunk.thinking))
        if chunk.text:
            yield from self._says(self._splitter.feed(self._text.feed(chunk.text)))

    @property
    def calls(self) -> list[ModelCall]:
        """The tools that the model wants called; none where it was offered none."""
        return self._called.calls

    def end(self) -> Iterator[TextDelta | ThinkingDelta]:
        """Nothing more comes.

        Yields:
            What was held back.
        """
        yield from self._thinks(self._thinking.end())
        yield from self._says(self._splitter.feed(self._text.end()))
        yield from self._says(self._splitter.end())

    def failure(self) -> AgentError | None:
        """Say what is wrong with an answer that came to its end."""
        if self.finish_reason == "error":
            return AgentUnavailable(
                "the provider ended the answer with the finish_reason 'error' and gave no reason",
                error_type=str(ProviderError({}).code),
            )
        if self.calls and self._broke_off_calling:
            return AgentUnavailable(
                "the answer broke off in a call of a tool", error_type="incomplete_stream"
            )
        if self._spoke or self.calls:
            return None
        came = self._what_came()
        self.note("empty", came)
        said = f": {self.body.stray}" if self.body.stray else ""
        return AgentUnavailable(
            f"the answer has no text but {came} (finish_reason {self.finish_reason}){said}",
            error_type=EMPTY_ANSWER,
        )

    def ended(self, failure: AgentError | None) -> CallEnded:
        """The call's end, for the record.

        Args:
            failure: How it failed; None when it did not.
        """
        if self._splitter.unopened:
            self.note("thinking", _UNOPENED)
        if self._parts:
            self.note("content_parts", ", ".join(f"{kind} ({count})" for kind, count in self._parts.items()))
        if self.body.stray:
            self.note("stray", self.body.stray)
        if self.body.whole:
            self.note("stream", "a whole answer instead of one")
        elif failure is None and self.finish_reason is None:
            self.note("stream", f"without a finish_reason{'' if self.body.done else ' and without [DONE]'}")
        return CallEnded(
            usage=self._usage,
            finish_reason=self.finish_reason,
            attempts=max(1, self.attempts),
            error_type=failure.error_type if failure else None,
            error_message=str(failure) if failure else None,
            details=self._details,
            response_model=self._names.get("model"),
            response_id=self._names.get("id"),
            system_fingerprint=self._names.get("system_fingerprint"),
        )

    @property
    def _broke_off_calling(self) -> bool:
        """Arguments that look whole may lack their end: nothing is called by them."""
        if self.finish_reason is None:
            return not (self.body.done or self.body.whole)
        return cut_off_of(self.finish_reason) is not None and not self.calls[-1].arguments.strip()

    def _call(self, chunk: Chunk) -> None:
        for piece in chunk.calls:
            self._called.add(piece)
            self.heard += len(piece.name) + len(piece.arguments)
        if self._called.left_out:
            self._details["calls_left_out"] = self._called.left_out

    def _what_came(self) -> str:
        if "tool_calls" in self._details:
            return "a call of a tool"
        if self._thought:
            return "thinking"
        if self._parts:
            return "content that is no text"
        return "white space" if self.heard else "nothing"

    def _thinks(self, text: str) -> Iterator[ThinkingDelta]:
        """Each stretch of it from its first sign that can be seen: models open it to say nothing."""
        self._unseen += text
        if self._unseen and (self._thinks_now or not is_blank(self._unseen)):
            seen, self._unseen = self._unseen, ""
            self._thinks_now = self._thought = True
            yield ThinkingDelta(seen)

    def _says(self, said: list[SeparatedText]) -> Iterator[TextDelta | ThinkingDelta]:
        for one in said:
            if one.kind == "thinking":
                yield from self._thinks(one.text)
            else:
                self._unseen, self._thinks_now, self._spoke = "", False, True
                yield TextDelta(one.text)

    def _note(self, chunk: Chunk) -> None:
        if chunk.finish_reason is not None:
            self.finish_reason = str(chunk.finish_reason)
        if chunk.refuses:
            self._details["refusal"] = True
        if named := [piece.name for piece in chunk.calls if piece.name]:
            called = [brief_failure(name, LONGEST_NOTE) for name in named]
            self._details["tool_calls"] = [*self._details.get("tool_calls", ()), *called][:MOST_CALLS]
        if chunk.others:
            self._details["other_choices"] = "left out"
        self._parts += chunk.parts

    def _count(self, usage: Any) -> None:
        counts: dict[str, int] = {}
        odd: dict[str, str] = {}
        for field, path in _COUNTS.items():
            value = usage
            for name in path:
                value = value.get(name) if isinstance(value, Mapping) else None
            if isinstance(value, int) and not isinstance(value, bool):
                counts[field] = value
            elif value is not None:
                odd[".".join(path)] = brief_failure(str(value), LONGEST_NOTE)
        # Gateways count the prompt at the beginning and the answer at its end: what was said holds.
        self._usage = replace(self._usage, **counts)
        if odd:
            self._details["usage"] = {**self._details.get("usage", {}), **odd}
