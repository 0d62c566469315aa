"""The server is killed in the middle of a reply that a program reads, and started again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from tests.journeys.server import make_server

pytestmark = pytest.mark.journey

# So slow that the kill meets the reply in its middle.
WORDS_A_DELTA: Final = 1
DELAY_MS: Final = 400


def events_of(answer: httpx2.Response) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The events of a stream: kind, id, data."""
    event: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif "event" in event:
            yield event["event"], event["id"], json.loads(event["data"])
            event = {}


def test_a_stream_goes_on_after_a_kill_of_the_server(tmp_path: Path) -> None:
    """What was read is not told again, what is kept is told whole, and the message can be answered anew."""
    said = {"message": "Hello, what do you have?"}
    with (
        make_server(tmp_path, words=WORDS_A_DELTA, delay_ms=DELAY_MS) as server,
        httpx2.Client(base_url=f"{server.url}/api/v1", timeout=60) as client,
    ):
        token = client.post("/auth/login", data={"username": "Killed"}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        seen, last = "", ""
        with client.stream("POST", "/chat/stream", json=said) as answer:
            for kind, last, data in events_of(answer):  # noqa: B007  # the last one counts
                seen += data["text"] if kind == "token" else ""
                if kind == "token" and data["at"] > 0:
                    break
        server.kill()
        server.start()
        with client.stream("POST", "/chat/stream", json=said, headers={"Last-Event-ID": last}) as answer:
            told = list(events_of(answer))
        rest = "".join(data["text"] for kind, _, data in told if kind == "token")
        codes = [data["code"] for kind, _, data in told if kind == "error"]
        done = told[-1][2]
        assert (told[-1][0], done["status"], codes) == ("done", "interrupted", ["no_answer"])
        assert done["content"] in (seen + rest, seen[: len(done["content"])])
        again = client.post(f"/threads/{done['thread_id']}/messages/{done['message_id']}/again")
        assert [one["status"] for one in again.json()["replies"]] == ["complete"]
        kept = client.get(f"/threads/{done['thread_id']}/messages").json()["messages"]
        assert [one["role"] for one in kept] == ["user", "assistant"]
