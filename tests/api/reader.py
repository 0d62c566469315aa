"""A client of streams, as simple as one can be: of words it does nothing but append them."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeAlias

from tests.api.server import Client

Told: TypeAlias = tuple[str, dict[str, Any]]


async def told_by(answer: Any) -> AsyncIterator[Told]:
    """The events of a stream, with their ids in the data."""
    event: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif "event" in event:
            yield event["event"], json.loads(event["data"]) | {"at_id": event.get("id", "")}
            event = {}
        else:
            event = {}


async def read(
    client: Client,
    method: str,
    path: str,
    *,
    most: int | None = None,
    until: tuple[str, str] | None = None,
    dones: int | None = None,
    after: str | None = None,
    key: str | None = None,
    **request: Any,
) -> list[Told]:
    """Open a stream and read.

    Args:
        client: Whose.
        method: Of the request.
        path: Likewise.
        most: Leave after so many events.
        until: Leave after an event of this kind that says this of its state or kind.
        dones: Leave after so many ends of turns.
        after: The id of the last event that was read before.
        key: The header Idempotency-Key.
        request: What else there is to it.
    """
    found: list[Told] = []
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
    headers |= {"Idempotency-Key": key} if key else {}
    async with client.http.stream(method, path, headers=headers, **request) as answer:
        assert answer.status_code == 200, await answer.aread()
        if most == 0:
            return found
        async for kind, data in told_by(answer):
            found.append((kind, data))
            if len(found) == most or (until and until == (kind, data.get("state", data.get("kind")))):
                break
            if dones and [one for one, _ in found].count("done") == dones:
                break
    return found


def text_of(told: Sequence[Told]) -> str:
    """The words of the tokens, one after another."""
    return "".join(data["text"] for kind, data in told if kind == "token")


def texts_of(told: Sequence[Told], kind: str = "token") -> dict[str, str]:
    """The words by message."""
    texts: dict[str, str] = defaultdict(str)
    for each, data in told:
        if each == kind:
            texts[data["message_id"]] += data["text"]
    return dict(texts)


def kinds_of(told: Sequence[Told]) -> list[str]:
    """What was told, in short."""
    return [data.get("state") or data.get("kind") or data.get("code") or kind for kind, data in told]
