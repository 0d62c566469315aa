"""Forms, intents, uploads and links over the API, each with what is refused of it."""

from collections.abc import Callable
from typing import Any

import pytest

from agent.events import Event, FormAsked, IntentBegan, TextDelta
from data_layer.conversations import intents
from data_layer.record import Record
from data_layer.writing.intent_writes import MoveIntent
from tests import files_to_attach as files
from tests.api.server import Client
from tests.api.test_own_things import said
from tests.data_layer.rows import count
from tests.fakes import FakeAgent, HandClock
from tests.stages.talk import words
from tests.stages.test_forms import ORDER

KEY = {"Idempotency-Key": "a-key-of-thirty-two-characters-or-more"}


async def asked(client: Client, agent: FakeAgent) -> tuple[str, str]:
    """A thread in which a form stands open; its id and the form's."""
    events: list[Event] = [TextDelta("What would you like?"), FormAsked(ORDER)]
    agent.enqueue(*events)
    begun = (await client.http.post("/threads", json={"initial_message": "Hello"})).json()
    form = begun["said"]["forms"][0]
    assert (form["state"], [one["id"] for one in form["definition"]["items"]]) == (
        "open",
        ["drink", "milk", "cups"],
    )
    return begun["thread"]["id"], form["id"]


async def test_a_form_is_answered_once(ada: Client, agent: FakeAgent) -> None:
    """A message says the answers, the agent goes on; sent again under its key it is the same answer."""
    thread, form = await asked(ada, agent)
    path = f"/threads/{thread}/forms/{form}"
    agent.enqueue(*words("Coming."))
    given = {"values": {"drink": "coffee", "milk": False, "cups": 2}, "changes": {"drink": 1}}
    first = await ada.http.post(f"{path}/answers", json=given, headers=KEY)
    assert first.status_code == 201, first.text
    assert first.json()["replies"][0]["content"] == "Coming."
    again = await ada.http.post(f"{path}/answers", json=given, headers=KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert (await ada.http.get(path)).json()["answers"] == given["values"]
    late = await ada.http.post(f"{path}/answers", json=given)
    assert (late.status_code, late.json()["code"]) == (409, "form_closed")


async def test_answers_that_are_wrong_are_named(ada: Client, agent: FakeAgent) -> None:
    """Each item with its repair; the form stays open."""
    thread, form = await asked(ada, agent)
    path = f"/threads/{thread}/forms/{form}"
    refused = await ada.http.post(f"{path}/answers", json={"values": {"drink": "rum", "cups": 0}})
    assert (refused.status_code, refused.json()["code"]) == (422, "form_refused")
    named = {one["field"]: one["detail"] for one in refused.json()["errors"]}
    assert set(named) == {"body.values.drink", "body.values.cups"}
    assert all(named.values())
    assert (await ada.http.get(path)).json()["state"] == "open"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_a_moment_that_no_calendar_has_is_named(ada: Client, agent: FakeAgent, moment: str) -> None:
    """In UTC it lies before the first year, or behind the last: the field is named, the form stays open."""
    thread, form = await asked(ada, agent)
    path = f"/threads/{thread}/forms/{form}"
    given = {"values": {"drink": "coffee", "milk": False, "cups": 2}, "touched": {"drink": moment}}
    refused = await ada.http.post(f"{path}/answers", json=given)
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == ["body.touched.drink"]
    assert (await ada.http.get(path)).json()["state"] == "open"


async def test_an_offer_is_answered(ada: Client, agent: FakeAgent, record: Record, clock: HandClock) -> None:
    """An intent that was left is gone on with, where its participant is asked."""
    agent.enqueue(IntentBegan("drink", "A coffee"), *words("Which?"))
    begun = (await ada.http.post("/threads", json={"initial_message": "Coffee"})).json()
    path = f"/threads/{begun['thread']['id']}/intents"
    listed = (await ada.http.get(path)).json()["intents"]
    assert [(one["title"], one["state"], one["offered"]) for one in listed] == [("A coffee", "active", False)]
    one = f"{path}/{listed[0]['id']}"
    assert (await ada.http.post(one, json={"go_on": True})).json()["code"] == "not_offered"
    left = MoveIntent(begun["thread"]["id"], listed[0]["id"], "abandoned", "idle", clock())
    await record.writer.submit(left)
    assert (await intents.shown(record.database, begun["thread"]["id"]) or [])[0]["offered"]
    gone_on = await ada.http.post(one, json={"go_on": True})
    assert [(one["state"], one["offered"]) for one in gone_on.json()["intents"]] == [("active", False)]


async def upload(client: Client, content: bytes, name: str, **headers: str) -> Any:
    """Upload a file."""
    return await client.http.post("/uploads", files={"file": (name, content, "image/png")}, headers=headers)


async def test_a_file_goes_with_its_message(
    ada: Client, program: Callable[[], Client], agent: FakeAgent
) -> None:
    """It is read by its owner alone, in such a way that nothing in it runs."""
    sent = await upload(ada, files.png(), "garden.png")
    assert (sent.status_code, sent.json()["mime"]) == (201, "image/png")
    thread = await ada.begin()
    agent.enqueue(*words("Nice."))
    new = {"content": "Look", "files": [sent.json()["id"]]}
    turn = (await ada.http.post(f"/threads/{thread}/messages", json=new)).json()
    assert [one["name"] for one in turn["files"]] == ["garden.png"]
    read = await ada.http.get(f"/files/{turn['files'][0]['id']}")
    assert (read.content, read.headers["content-type"]) == (files.png(), "image/png")
    assert "sandbox" in read.headers["content-security-policy"]
    eve = program()
    await eve.sign_in("Eve")
    assert (await eve.http.get(f"/files/{turn['files'][0]['id']}")).status_code == 404


async def test_an_upload_under_one_key_is_one(ada: Client) -> None:
    """And it can be taken back, once."""
    first, second = [(await upload(ada, files.png(), "a.png", **KEY)).json() for _ in range(2)]
    assert first == second
    path = f"/uploads/{first['id']}"
    assert [(await ada.http.delete(path)).status_code for _ in range(2)] == [204, 404]


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"<svg onload=alert(1)>", "a.svg", 415, "attachments_not_allowed"),
        (b"x" * 1_100_000, "a.txt", 413, "attachments_too_large"),
        (b"", "a.txt", 400, "attachments_empty"),
    ],
)
async def test_a_file_that_is_not_allowed_is_refused(
    ada: Client, content: bytes, name: str, status: int, code: str
) -> None:
    """In words with the field, and nothing of it stays."""
    refused = await upload(ada, content, name)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["errors"][0]["field"] == "body.file"


async def test_more_files_than_a_message_may_have_are_refused(ada: Client) -> None:
    """And those that are nobody's, or another's."""
    thread = await ada.begin()
    sent = [(await upload(ada, files.png(), f"{one}.png")).json()["id"] for one in range(3)]
    path = f"/threads/{thread}/messages"
    many = await ada.http.post(path, json={"content": "Look", "files": sent})
    assert (many.status_code, many.json()["code"]) == (422, "too_many_files")
    assert many.json()["errors"][0]["field"] == "body.files"
    unknown = ["00000000-0000-4000-8000-000000000000"]
    none = await ada.http.post(path, json={"content": "Look", "files": unknown})
    assert (none.status_code, none.json()["code"]) == (422, "no_such_file")


async def test_a_link_is_made_listed_and_ended(ada: Client, agent: FakeAgent, record: Record) -> None:
    """Under one key it is one link, with one address."""
    turn = await said(ada, agent)
    path = f"/threads/{turn['thread']}/shares"
    made, again = [await ada.http.post(path, headers=KEY) for _ in range(2)]
    assert (made.status_code, made.json()) == (201, again.json())
    token = made.json()["path"].removeprefix("/shared/")
    assert len(await record.shares.read(token)) == 1
    listed = (await ada.http.get(path)).json()["shares"]
    assert [one["id"] for one in listed] == [made.json()["id"]]
    assert [(await ada.http.delete(f"{path}/{listed[0]['id']}")).status_code for _ in range(2)] == [204, 204]
    assert (await ada.http.get(path)).json() == {"shares": []}
    assert await record.shares.read(token) == []


async def test_a_link_of_a_key_is_the_same_after_a_restart(
    ada: Client, agent: FakeAgent, record: Record, context: Any
) -> None:
    """What this process remembers of keys is forgotten; the link is not made twice."""
    turn = await said(ada, agent)
    path = f"/threads/{turn['thread']}/shares"
    made = (await ada.http.post(path, headers=KEY)).json()
    context.onces.__init__()
    assert (await ada.http.post(path, headers=KEY)).json() == made
    assert await count(record, "shares") == 1
