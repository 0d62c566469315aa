"""What one chunk of a chat completion holds, in the shapes that real servers give it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from agent.failures import Malformed, ProviderError
from agent.tool_calls import CallPiece, pieces_in

# Thinking beside the text. Gateways repeat one under the other's name: the first that says something counts.
_THINKING: Final = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
_THINKING_PARTS: Final = ("thinking", "reasoning")
_TEXT_PARTS: Final = ("text", "output_text")
_INSIDE: Final = ("text", "thinking", "reasoning", "summary", "content")
_DEEPEST: Final = 5


@dataclass
class Chunk:
    """What it adds to the answer.

    Args:
        thinking: The model's own.
        text: Of the reply.
        finish_reason: As it came; None for none.
        refuses: The text is a refusal.
        calls: Pieces of calls of tools.
        others: Choices besides the first.
        parts: Kinds of content that are neither text nor thinking.
    """

    thinking: str = ""
    text: str = ""
    finish_reason: Any = None
    refuses: bool = False
    calls: list[CallPiece] = field(default_factory=list)
    others: int = 0
    parts: Counter[str] = field(default_factory=Counter)


def read_chunk(payload: Mapping[str, Any]) -> Chunk:
    """Read the choices of a chunk, or of a whole completion.

    Args:
        payload: A JSON object.

    Raises:
        ProviderError: It says that something went wrong.
        Malformed: It lacks its parts.
    """
    if error := _error_in(payload):
        raise ProviderError(error)
    chunk = Chunk()
    choices = payload.get("choices") or []
    if not isinstance(choices, list):
        raise Malformed(f"the choices of an answer are {type(choices).__name__} and no list")
    for place, choice in enumerate(choices):
        if not isinstance(choice, Mapping):
            raise Malformed(f"a choice of an answer is {type(choice).__name__} and no object")
        if choice.get("index", place) not in (0, "0", None):
            chunk.others += 1
            continue
        if choice.get("error"):
            raise ProviderError(choice["error"])
        chunk.finish_reason = choice.get("finish_reason") or chunk.finish_reason
        # A whole completion has a message; Azure's filter sends choices with neither.
        _read_delta(choice.get("delta") or choice.get("message") or {}, chunk)
    return chunk


def _error_in(payload: Mapping[str, Any]) -> Any:
    if payload.get("error"):
        return payload["error"]
    if payload.get("object") == "error" or (
        "choices" not in payload and payload.keys() & {"detail", "message"}
    ):
        return payload
    return None


def _read_delta(delta: Any, chunk: Chunk) -> None:
    if not isinstance(delta, Mapping):
        raise Malformed(f"a piece of an answer is {type(delta).__name__} and no object")
    chunk.thinking += next((said for name in _THINKING if (said := _thought(delta.get(name)))), "")
    for kind, text in _content(delta.get("content"), chunk):
        if kind == "thinking":
            chunk.thinking += text
        else:
            chunk.text += text
    if not chunk.text and isinstance(refusal := delta.get("refusal"), str) and refusal:
        chunk.text, chunk.refuses = refusal, True
    chunk.calls += pieces_in(delta)


def _content(content: Any, chunk: Chunk) -> Iterator[tuple[str, str]]:
    """Text, or parts of which some are text."""
    if content is None:
        return
    if isinstance(content, str):
        yield "text", content
        return
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str):
            yield "text", part
            continue
        if not isinstance(part, Mapping):
            raise Malformed(f"a piece of an answer's content is {type(part).__name__} and not text")
        kind = part.get("type")
        text = part.get("text") or part.get("refusal") or ""
        if kind in _THINKING_PARTS:
            yield "thinking", _thought(part)
        elif isinstance(text, str) and (text or kind in _TEXT_PARTS):
            yield "text", text
        else:
            chunk.parts[str(kind)] += 1


def _thought(value: Any, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and depth < _DEEPEST:
        return "".join(_thought(item, depth + 1) for item in value)
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return next((said for name in _INSIDE if (said := _thought(value.get(name), depth + 1))), "")
    return ""
