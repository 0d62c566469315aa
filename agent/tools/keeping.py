"""What is kept of tools: what they keep themselves, and which decisions they have carried out already."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import JsonValue

from agent.others_json import read_others_json
from agent.tools.declare import ToolStore


@dataclass(frozen=True, slots=True)
class ToolDecision:
    """That a tool which acts is to be called.

    Args:
        key: The same for the same decision: the participant's message as it reads, the tool, its arguments,
            and which of equal calls in one reply it is.
        thread_id: Where.
        participant_id: For whom.
        run_id: In which reply.
        tool: Its name.
        arguments: As JSON.
        idempotent: Carrying it out once more with the same key does no harm.
    """

    key: str
    thread_id: str
    participant_id: str
    run_id: str
    tool: str
    arguments: str
    idempotent: bool = False


@dataclass(frozen=True, slots=True)
class KnownCall:
    """What is known of a decision that is about to be carried out.

    Args:
        state: "new": it is to be carried out, and whoever asks has begun it with that. "begun": somebody
            has, and nobody knows what came of it. "ended": it was carried out. "unsure": the record cannot be
            asked, so that it must not be carried out now.
        output: Of one that has ended.
        is_error: Likewise.
        error_type: Likewise.
        sentence: Likewise.
        undone: It ended without having done anything: it may be begun once more.
    """

    state: Literal["new", "begun", "ended", "unsure"]
    output: str = ""
    is_error: bool = False
    error_type: str | None = None
    sentence: str = ""
    undone: bool = False


class ToolKeeping(Protocol):
    """Where it is kept: the study's database, or the memory of a try."""

    def store(self, thread_id: str, participant_id: str) -> ToolStore:
        """What tools keep of a thread."""

    async def begin(self, decision: ToolDecision) -> KnownCall:
        """Take a decision, or say what became of it before. It is kept when this returns.

        One that is idempotent is taken again when it has not succeeded.
        """

    async def end(self, decision: ToolDecision, known: KnownCall) -> None:
        """Keep what came of a decision that was taken."""


def key_of(decision: str, tool: str, arguments: Mapping[str, Any] | str, place: int) -> str:
    """The key of a decision.

    Args:
        decision: The participant's message and its revision.
        tool: The tool's name.
        arguments: Of the call; JSON that is written otherwise and says the same is the same.
        place: How many equal calls the reply has made before.
    """
    try:
        said = read_others_json(arguments or "{}") if isinstance(arguments, str) else arguments
    except ValueError:
        said = arguments
    whole = json.dumps([decision, tool, said, place], sort_keys=True, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()


class _MemoryStore:
    def __init__(self, values: dict[str, JsonValue]) -> None:
        self._values = values

    async def get(self, key: str) -> JsonValue:
        return self._values.get(key)

    async def put(self, key: str, value: JsonValue) -> None:
        self._values[key] = value


class MemoryKeeping:
    """Keeps in memory: for one reply that nothing is kept of, such as that of `cli.py check --ask`."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, JsonValue]] = {}
        self._calls: dict[str, KnownCall] = {}

    def store(self, thread_id: str, participant_id: str) -> ToolStore:
        """See ToolKeeping."""
        return _MemoryStore(self._values.setdefault(thread_id, {}))

    async def begin(self, decision: ToolDecision) -> KnownCall:
        """See ToolKeeping."""
        known = self._calls.get(decision.key)
        failed = known is not None and (known.state == "begun" or known.is_error)
        if known is not None and not known.undone and not (decision.idempotent and failed):
            return known
        self._calls[decision.key] = KnownCall("begun")
        return KnownCall("new")

    async def end(self, decision: ToolDecision, known: KnownCall) -> None:
        """See ToolKeeping."""
        self._calls[decision.key] = known
