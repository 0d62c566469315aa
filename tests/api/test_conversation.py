"""A conversation over the API, from a name to the last word: the page's own rows, asked for by a program."""

import json
from collections.abc import Callable
from typing import Any

from tests.api.server import Client
from tests.fakes import FakeAgent
from tests.stages.talk import words


async def events_of(answer: Any) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream, with their ids in the data."""
    found: list[tuple[str, dict[str, Any]]] = []
    event: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if not line:
            if "event" in event:
                found.append((event["event"], json.loads(event["data"]) | {"id": event.get("id", "")}))
            event = {}
        else:
            name, _, value = line.partition(": ")
            event[name] = value
    return found


def text_of(events: list[tuple[str, dict[str, Any]]]) -> str:
    """The words of the tokens, as a reader who only appends has them."""
    return "".join(data["text"] for kind, data in events if kind == "token")


async def test_a_name_is_claimed_and_its_code_is_the_password(program: Callable[[], Client]) -> None:
    """Whatever the password field held at first; without the code nobody else comes in."""
    first = program()
    tokens = await first.sign_in("Bob", "whatever")
    again = await program().http.post("/auth/login", data={"username": "Bob", "password": "whatever"})
    assert (again.status_code, again.json()["code"]) == (403, "entry_wrong_code")
    assert again.headers["content-type"] == "application/problem+json"
    code = str(tokens["resume_code"])
    assert (await program().sign_in("Bob", code))["participant_id"] == tokens["participant_id"]


async def test_something_said_is_answered_and_kept(ada: Client, agent: FakeAgent) -> None:
    """The answer carries the reply, and the thread's messages are those two."""
    agent.enqueue(*words("Good ", "morning."))
    thread = await ada.begin(title="Mornings")
    said = await ada.http.post(f"/threads/{thread}/messages", json={"content": "Hello"})
    assert said.status_code == 201, said.text
    assert [one["content"] for one in said.json()["replies"]] == ["Good morning."]
    read = (await ada.http.get(f"/threads/{thread}/messages")).json()
    assert [(one["role"], one["content"]) for one in read["messages"]] == [
        ("user", "Hello"),
        ("assistant", "Good morning."),
    ]
    listed = (await ada.http.get("/threads")).json()["threads"]
    assert [(one["id"], one["title"], one["message_count"]) for one in listed] == [(thread, "Mornings", 2)]


async def test_a_stream_tells_each_word_once(ada: Client, agent: FakeAgent) -> None:
    """From the keeping of the message to the end of the reply, in a thread that it begins."""
    agent.enqueue(*words("One ", "two ", "three."))
    async with ada.http.stream("POST", "/chat/stream", json={"message": "Count"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = await events_of(answer)
    assert text_of(events) == "One two three."
    kind, done = events[-1]
    assert (kind, done["content"], done["status"]) == ("done", "One two three.", "complete")
    assert ("status", "kept") in [(kind, data.get("state")) for kind, data in events]


async def test_another_participants_thread_is_as_unknown_as_none(
    ada: Client, program: Callable[[], Client], agent: FakeAgent
) -> None:
    """Every address with its id answers exactly as with an id that nobody has."""
    agent.enqueue(*words("Yes."))
    thread = await ada.begin(initial_message="Mine")
    eve = program()
    await eve.sign_in("Eve")
    unknown = "00000000-0000-4000-8000-000000000000"
    asked: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
        ("GET", "/threads/{}", None),
        ("GET", "/threads/{}/messages", None),
        ("GET", "/threads/{}/stream", None),
        ("POST", "/threads/{}/messages", {"content": "Hers"}),
        ("PATCH", "/threads/{}", {"title": "Hers"}),
        ("PUT", "/threads/{}", {"title": "Hers", "tags": []}),
        ("DELETE", "/threads/{}", None),
        ("POST", "/threads/{}/restore", None),
        ("POST", "/threads/{}/stop", None),
    )
    for method, path, body in asked:
        answers = [await eve.http.request(method, path.format(id_), json=body) for id_ in (thread, unknown)]
        assert answers[0].json() == answers[1].json(), path
        assert (answers[0].status_code, answers[1].status_code) == (404, 404), path
    said = {"message": "Hers", "thread_id": thread}
    assert (await eve.http.post("/chat/stream", json=said)).status_code == 404
