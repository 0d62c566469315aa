"""What a participant sends that an agent answers: words, or a form that a reply has asked."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from study.vocabulary import StepType

# A right answer may be refused so often: an upload can be gone with the server that it went to.
MOST_REFUSALS: Final = 3
_FIRST_WORDS: Final = frozenset({"stream_start", "stream_token", "new_message"})


@dataclass
class ScriptLine:
    """What the participant is about to say.

    Args:
        message_id: A v4 UUID.
        text: The words.
        answered: Whether words are expected in reply; a script may answer with tool steps alone.

    Attributes:
        kept: The server has said that it is in the record.
    """

    message_id: str
    text: str
    answered: bool = True
    sent_at: float = 0.0
    first_token_at: float | None = None
    received: bool = False
    starts_before: int = 0
    clean: bool = True
    kept: bool = False

    def hear(self, event: str, data: Any, steps: Mapping[str, Mapping[str, Any]]) -> None:
        """Take note of what the server says.

        Args:
            event: Its name.
            data: What came with it.
            steps: What stands on the screen, by id.
        """
        if self.first_token_at is None and self.sent_at and event in _FIRST_WORDS:
            # Thinking that is shown comes in tokens too.
            step = steps.get(str(data["id"]), {}) if event == "stream_token" else data
            if step.get("type") == StepType.ASSISTANT_MESSAGE:
                self.first_token_at = time.perf_counter()
        if event == "kept" and data["id"] == self.message_id:
            self.kept = True

    def step(self, name: str, location: str) -> dict[str, Any]:
        """The message as a page shows it while it is sent, and sends it."""
        return {
            "id": self.message_id,
            "threadId": "",
            "name": name,
            "type": StepType.USER_MESSAGE.value,
            "output": self.text,
            "createdAt": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "metadata": {"location": location},
        }


@dataclass
class FormLine(ScriptLine):
    """A form that the participant is about to send.

    Args:
        form_id: Which.
        fill: Gives answers by item; asked anew when some were refused.
        slip: What is sent first, to be refused.

    Attributes:
        values: What was sent last; the same is sent again after a lost connection.
        refused: What the page was told against it, by item; None while nothing was.
        refusals: How often that has happened.
        closed: It was answered elsewhere or left meanwhile: these answers are nobody's.
    """

    form_id: str = ""
    fill: Callable[[], Awaitable[dict[str, Any]]] | None = None
    slip: Mapping[str, Any] | None = None
    values: Mapping[str, Any] | None = None
    refused: Mapping[str, Any] | None = None
    refusals: int = 0
    closed: bool = False
    touched: dict[str, int] = field(default_factory=dict)

    async def packet(self) -> dict[str, Any]:
        """What a page sends of it."""
        values = self.values or (None if self.refusals else self.slip)
        if values is None:
            assert self.fill is not None
            values = await self.fill()
        self.values = values
        now = round(datetime.now(UTC).timestamp() * 1000)
        for item in values:
            self.touched.setdefault(item, now)
        return {
            "form_id": self.form_id,
            "message_id": self.message_id,
            "values": dict(values),
            "touched": self.touched,
            "changes": dict.fromkeys(values, 1 + self.refusals),
        }

    def hear(self, event: str, data: Any, steps: Mapping[str, Mapping[str, Any]]) -> None:
        """See ScriptLine; that the form was not kept, too."""
        super().hear(event, data, steps)
        if event != "form_refused" or data["id"] != self.form_id:
            return
        self.refused = data["errors"]
        if self.refused:
            self.values = None
            self.refusals += 1
