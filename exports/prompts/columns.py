"""The columns of `prompts`."""

from exports.column import Column, Kind
from exports.common import key, time

COLUMNS = (
    key("prompt_hash", "SHA-256 of the messages, which names the prompt.", "prompts.prompt_hash"),
    Column(
        "messages",
        Kind.JSON,
        "A JSON list of the exact messages that were sent, the system prompt among them.",
        "prompts.messages",
        required=True,
    ),
    time("created_at", "When it was first sent.", "prompts.created_at", required=True),
)
