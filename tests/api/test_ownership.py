"""No call shows or changes what is another's: every route of the API, walked with another's ids."""

from collections.abc import Callable
from typing import Any, Final

import httpx2
import pytest

from agent.events import FormAsked, IntentBegan, TextDelta
from api.app import api_app
from api.context import ApiContext
from data_layer.record import Record
from tests import files_to_attach as files
from tests.api.server import Client
from tests.api.test_forms_and_files import upload
from tests.data_layer.rows import new_id, rows
from tests.fakes import FakeAgent
from tests.stages.test_forms import ORDER

# What a request needs besides its address, where it needs something.
BODIES: Final[dict[str, Any]] = {
    "POST /threads/{thread_id}/messages": {"content": "Hers"},
    "PUT /threads/{thread_id}/messages/{message_id}": {"content": "Hers"},
    "POST /threads/{thread_id}/messages/{message_id}/branch": {"number": 1},
    "PATCH /threads/{thread_id}": {"title": "Hers"},
    "PUT /threads/{thread_id}": {"title": "Hers", "tags": []},
    "PUT /messages/{message_id}/rating": {"value": 1},
    "POST /threads/{thread_id}/forms/{form_id}/answers": {"values": {"drink": "tea"}},
    "POST /threads/{thread_id}/intents/{intent_id}": {"go_on": True},
}
# Whose ids are researchers': another kind of token, tested where it is made.
RESEARCHERS: Final = "/research"


class Theirs:
    """What ada has: an id of each kind that an address can name."""

    def __init__(self, ids: dict[str, str]) -> None:
        self.ids = ids

    def path(self, address: str, **other: str) -> str:
        """An address with them, or with others."""
        return address.format(**(self.ids | {"kind": "md"} | other))


@pytest.fixture
async def theirs(ada: Client, agent: FakeAgent, record: Record) -> Theirs:
    """One of everything."""
    agent.enqueue(IntentBegan("drink", "A coffee"), TextDelta("What would you like?"), FormAsked(ORDER))
    sent = [(await upload(ada, files.png(), f"{one}.png")).json()["id"] for one in range(2)]
    thread = await ada.begin()
    said = {"content": "Hello", "files": sent[:1]}
    turn = (await ada.http.post(f"/threads/{thread}/messages", json=said)).json()
    share = (await ada.http.post(f"/threads/{thread}/shares")).json()
    intent = (await ada.http.get(f"/threads/{thread}/intents")).json()["intents"][0]
    return Theirs(
        {
            "thread_id": thread,
            "message_id": turn["message"]["id"],
            "form_id": turn["forms"][0]["id"],
            "intent_id": intent["id"],
            "share_id": share["id"],
            "file_id": turn["files"][0]["id"],
            "upload_id": sent[1],
        }
    )


@pytest.fixture
async def eve(program: Callable[[], Client]) -> Client:
    """Another participant's program."""
    client = program()
    await client.sign_in("Eve")
    return client


def operations(context: ApiContext) -> list[tuple[str, str]]:
    """Each method and address of the API that names something by its id."""
    found = [
        (method.upper(), path)
        for path, item in api_app(context).openapi()["paths"].items()
        for method in item
        if "{" in path and not path.startswith(RESEARCHERS)
    ]
    assert len(found) > 25
    return found


async def kept(record: Record) -> list[Any]:
    """All rows that a participant's doing can change."""
    tables = ("threads", "steps", "ratings", "bookmarks", "forms", "intents", "shares", "elements")
    return [await rows(record, table) for table in tables]


async def test_anothers_id_answers_as_an_unknown_one(
    theirs: Theirs, eve: Client, context: ApiContext, record: Record
) -> None:
    """Word for word, on every route, and nothing of theirs changes."""
    await record.writer.flush()
    before, unknown = await kept(record), dict.fromkeys(theirs.ids, new_id())
    own = await eve.begin()
    mine = [row for row in await rows(record, "threads") if row["thread_id"] == own]
    for method, path in operations(context):
        body = BODIES.get(f"{method} {path}")
        tried: list[httpx2.Response] = []
        for ids in ({}, unknown, {"thread_id": own}, unknown | {"thread_id": own}):
            if "{thread_id}" in path and path.count("{") == 1 and ids.get("thread_id") == own:
                continue  # That is her own.
            if "copy." in path and ids.get("thread_id") == own:
                continue
            tried.append(await eve.http.request(method, theirs.path(path, **ids), json=body))
        assert {one.status_code for one in tried} == {404}, (method, path, [one.text for one in tried])
        assert tried[0].json() == tried[1].json(), (method, path)
        assert all(one.json() == tried[2].json() for one in tried[3:]), (method, path)
    await record.writer.flush()
    after = await kept(record)
    after[0] = [row for row in after[0] if row not in mine]
    assert after == before


async def test_nothing_is_answered_to_nobody(
    theirs: Theirs, program: Callable[[], Client], context: ApiContext
) -> None:
    """Without a token each of them says that nobody is signed in, whether it is there or not."""
    nobody = program()
    for method, path in operations(context):
        body = BODIES.get(f"{method} {path}")
        answer = await nobody.http.request(method, theirs.path(path), json=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out"), (method, path)


async def test_lists_hold_what_is_ones_own(theirs: Theirs, ada: Client, eve: Client) -> None:
    """None of another's: by whichever filter, in whichever state."""
    await ada.http.put(f"/messages/{theirs.ids['message_id']}/bookmark")
    await ada.http.patch(f"/threads/{theirs.ids['thread_id']}", json={"tags": ["mine"]})
    asked = (
        ("/threads", "threads"),
        ("/threads?state=archived", "threads"),
        ("/threads?state=deleted", "threads"),
        ("/threads?tag=mine", "threads"),
        ("/threads?q=Hello", "threads"),
        ("/bookmarks", "bookmarks"),
        ("/tags", "tags"),
        ("/search?q=Hello", "hits"),
    )
    for path, name in asked:
        assert (await eve.http.get(path)).json()[name] == [], path
    assert (await eve.http.get("/me/withdrawal")).json() == {"threads": 0, "messages": 0, "files": 0}
    assert (await eve.http.delete("/threads?confirm=true")).json() == {"deleted": 0}
    assert len((await ada.http.get("/threads")).json()["threads"]) == 1
