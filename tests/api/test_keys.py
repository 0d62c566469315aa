"""Every POST may be sent again under its Idempotency-Key: what it does is done once, whoever restarts."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from agent.events import IntentBegan
from api.context import ApiContext
from api.once import Onces
from data_layer.record import Record
from data_layer.writing.intent_writes import MoveIntent
from tests.api.server import Client
from tests.api.test_own_things import said
from tests.data_layer.rows import count
from tests.fakes import FakeAgent, HandClock
from tests.stages.talk import until, words

KEY = {"Idempotency-Key": "once"}


class Deeds:
    """Makes ready for a deed of each kind, and undoes what it has done by one of another kind."""

    def __init__(self, ada: Client, agent: FakeAgent, record: Record, clock: HandClock) -> None:
        self.ada, self.agent, self.record, self.clock = ada, agent, record, clock

    async def again(self) -> tuple[str, Any, Callable[[], Awaitable[Any]]]:
        """Another answer; then it is asked otherwise."""
        turn = await said(self.ada, self.agent)
        path = f"/threads/{turn['thread']}/messages/{turn['message']['id']}"
        self.agent.enqueue(*words("Another."))
        self.agent.enqueue(*words("Third."))
        return f"{path}/again", None, lambda: self.ada.http.put(path, json={"content": "Hallo"})

    async def retry(self) -> tuple[str, Any, Callable[[], Awaitable[Any]]]:
        """An answer where one broke off; then another."""
        self.agent.enqueue(*words("Half"), RuntimeError("gone"))
        begun = (await self.ada.http.post("/threads", json={"initial_message": "Hello"})).json()
        path = f"/threads/{begun['thread']['id']}/messages/{begun['said']['message']['id']}"
        self.agent.enqueue(*words("Whole."))
        self.agent.enqueue(*words("Another."))
        return f"{path}/retry", None, lambda: self.ada.http.post(f"{path}/again")

    async def branch(self) -> tuple[str, Any, Callable[[], Awaitable[Any]]]:
        """The first wording; then the second is shown."""
        turn = await said(self.ada, self.agent)
        path = f"/threads/{turn['thread']}/messages/{turn['message']['id']}"
        self.agent.enqueue(*words("Hi."))
        await self.ada.http.put(path, json={"content": "Hallo"})
        return (
            f"{path}/branch",
            {"number": 1},
            lambda: self.ada.http.post(f"{path}/branch", json={"number": 2}),
        )

    async def offer(self) -> tuple[str, Any, Callable[[], Awaitable[Any]]]:
        """An intent is gone on with; then it is left once more."""
        self.agent.enqueue(IntentBegan("drink", "A coffee"), *words("Which?"))
        thread = await self.ada.begin(initial_message="Coffee")
        (intent,) = (await self.ada.http.get(f"/threads/{thread}/intents")).json()["intents"]

        async def leave() -> None:
            left = MoveIntent(thread, intent["id"], "abandoned", "idle", self.clock())
            await self.record.writer.submit(left)

        await leave()
        return f"/threads/{thread}/intents/{intent['id']}", {"go_on": True}, leave

    async def restore(self) -> tuple[str, Any, Callable[[], Awaitable[Any]]]:
        """A thread that was deleted; then it is deleted again."""
        thread = await self.ada.begin()
        await self.ada.http.delete(f"/threads/{thread}")
        return f"/threads/{thread}/restore", None, lambda: self.ada.http.delete(f"/threads/{thread}")


def seen(answer: Any) -> Any:
    """What stands, as an answer tells it; without what a list says of it."""
    told = answer.json()
    return [one["content"] for one in told["replies"]] if "replies" in told else told


@pytest.mark.parametrize("kind", ["again", "retry", "branch", "offer", "restore"])
async def test_a_deed_under_one_key_is_done_once_after_a_restart_too(
    ada: Client, agent: FakeAgent, record: Record, clock: HandClock, context: ApiContext, kind: str
) -> None:
    """Sent again it undoes nothing that was done since: it tells how things stand; with a body of its own."""
    path, body, undo = await getattr(Deeds(ada, agent, record, clock), kind)()
    first = await ada.http.post(path, json=body, headers=KEY)
    assert first.status_code == 200, first.text
    assert seen(await ada.http.post(path, json=body, headers=KEY)) == seen(first)
    await undo()
    context.onces.__init__()  # type: ignore[misc]  # the process begins anew
    again = await ada.http.post(path, json=body, headers=KEY)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert seen(again) != seen(first)
    context.onces.__init__()  # type: ignore[misc]
    other = await ada.http.post(path, json={"another": "body"}, headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "key_used")


async def test_a_stop_that_is_sent_again_stops_nothing_that_began_since(
    ada: Client, agent: FakeAgent, context: ApiContext
) -> None:
    """It answers what it did, after a restart as well; a new key stops."""
    thread = await ada.begin()
    path, stops = f"/threads/{thread}/messages", f"/threads/{thread}/stop"
    tasks = []
    for number, key in enumerate(["once", "twice"]):
        agent.enqueue(*words("Long "), asyncio.Event())
        tasks.append(asyncio.create_task(ada.http.post(path, json={"content": f"Go on {number}"})))
        await until(lambda: context.stage.running(thread) and context.live.growing(thread))
        again = await ada.http.post(stops, headers=KEY)
        assert again.json() == {"stopped": True}
        context.onces.__init__()  # type: ignore[misc]
        if number:
            assert context.stage.running(thread) is not None
            assert (await ada.http.post(stops, headers={"Idempotency-Key": key})).json() == {"stopped": True}
        await tasks[-1]


async def test_what_came_to_nothing_is_tried_again_under_its_key(ada: Client, agent: FakeAgent) -> None:
    """A refusal is no deed: once it is mended the same request is done."""
    agent.enqueue(IntentBegan("drink", "A coffee"), *words("Which?"))
    thread = await ada.begin(initial_message="Coffee")
    path = f"/threads/{thread}/restore"
    unknown = "/threads/00000000-0000-4000-8000-000000000000/restore"
    assert (await ada.http.post(unknown, headers=KEY)).status_code == 404
    assert (await ada.http.post(unknown, headers=KEY)).status_code == 404
    assert (await ada.http.post(path, headers=KEY)).status_code == 200


async def test_another_process_that_is_at_it_is_waited_for(
    ada: Client, agent: FakeAgent, record: Record, context: ApiContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program is told to ask again in a second; nothing is done twice meanwhile."""
    turn = await said(ada, agent)
    path = f"/threads/{turn['thread']}/messages/{turn['message']['id']}/again"
    agent.enqueue(*words("Long "), hold := asyncio.Event(), *words("one."))
    asked = asyncio.create_task(ada.http.post(path, headers=KEY))
    await until(lambda: context.live.growing(turn["thread"]))
    # What another process knows of this one: its row, and that it lives; nothing in memory.
    object.__setattr__(context, "onces", Onces())
    monkeypatch.setattr(record.keyed_requests, "_is_gone", lambda _: False)
    refused = await ada.http.post(path, headers=KEY)
    assert (refused.status_code, refused.json()["code"]) == (409, "under_way")
    assert refused.headers["retry-after"] == "1"
    hold.set()
    assert (await asked).json()["replies"][0]["content"] == "Long one."


async def test_a_token_is_made_anew_twice_under_one_key(
    ada: Client, program: Callable[[], Client], record: Record
) -> None:
    """Nothing is used up: both answers let in, under the one sign-in that there was."""
    for _ in range(2):
        form = {"refresh_token": ada.tokens["refresh_token"]}
        answer = await ada.http.post("/auth/refresh", data=form, headers=KEY)
        other = program()
        other.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        assert (await other.http.get("/me")).status_code == 200
    assert await count(record, "sign_ins") == 1


async def test_a_sign_out_that_is_sent_again_says_that_it_is_done(ada: Client) -> None:
    """Under its key; without one, and for everything else, the token is worth nothing any more."""
    assert [(await ada.http.post("/auth/logout", headers=KEY)).status_code for _ in range(2)] == [204, 204]
    assert (await ada.http.post("/auth/logout")).status_code == 401
    assert (await ada.http.get("/me", headers=KEY)).status_code == 401
    forged = KEY | {"Authorization": "Bearer a.b.c"}
    assert (await ada.http.post("/auth/logout", headers=forged)).status_code == 401
