"""A conversation over one WebSocket, and what may not be done over it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from agent.events import IntentBegan
from api.app import api_app
from api.context import ApiContext
from api.socket import FRAMES, LONGEST_FRAME
from data_layer.record import Record
from data_layer.writing.intent_writes import MoveIntent
from data_layer.writing.writes import DeleteThread
from tests.api.server import Client, served
from tests.data_layer.rows import rows
from tests.fakes import FakeAgent, HandClock
from tests.stages.talk import words

UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Program:
    """A program at one end of a socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.told: list[dict[str, Any]] = []

    async def say(self, **message: Any) -> None:
        """Send a message."""
        await self.connection.send(json.dumps(message))

    async def until(self, **fields: Any) -> dict[str, Any]:
        """Read until an event that says this."""
        async with asyncio.timeout(20):
            while True:
                event = json.loads(await self.connection.recv())
                self.told.append(event)
                if all(event.get(name) == value for name, value in fields.items()):
                    return event

    async def ended(self) -> int | None:
        """Read to the end.

        Returns:
            The code that it was closed with.
        """
        async with asyncio.timeout(20):
            try:
                while True:
                    self.told.append(json.loads(await self.connection.recv()))
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None

    @property
    def text(self) -> str:
        """The words of the tokens, one after another."""
        return "".join(event["text"] for event in self.told if event["event"] == "token")


@asynccontextmanager
async def socket(
    client: Client, thread: str, query: str = "", headers: dict[str, str] | None = None
) -> AsyncIterator[Program]:
    """Open one with a client's token, unless headers say otherwise."""
    base = str(client.http.base_url).replace("http", "ws", 1)
    if headers is None:
        headers = {"Authorization": client.http.headers["Authorization"]}
    address = f"{base}ws/chat/{thread}{query}"
    async with connect(address, additional_headers=headers, max_size=None, compression=None) as connection:
        yield Program(connection)


async def test_something_said_over_a_socket_is_answered_word_by_word(ada: Client, agent: FakeAgent) -> None:
    """The same events as of a stream; what is said again under one key is said once."""
    agent.enqueue(*words("Good ", "morning."))
    thread = await ada.begin()
    async with socket(ada, thread) as program:
        await program.say(type="say", content="Hello", key="1", ref="first")
        taken = await program.until(state="taken")
        done = await program.until(event="done")
        await program.say(type="say", content="Hello", key="1", ref="second")
        again = await program.until(state="taken")
        await program.say(type="ping", ref="there?")
        pong = await program.until(event="pong")
    assert program.text == done["content"] == "Good morning."
    assert (taken["ref"], again["ref"], pong["ref"]) == ("first", "second", "there?")
    assert taken["message_id"] == again["message_id"] == done["message_id"]
    kept = (await ada.http.get(f"/threads/{thread}/messages")).json()["messages"]
    assert [one["content"] for one in kept] == ["Hello", "Good morning."]


async def test_a_browser_says_who_it_is_in_its_first_message(ada: Client, agent: FakeAgent) -> None:
    """It cannot send a header; the token never stands in an address."""
    thread = await ada.begin()
    async with socket(ada, thread, headers={}) as program:
        await program.say(type="authenticate", token=ada.tokens["access_token"])
        await program.until(state="idle")
        await program.say(type="authenticate", token=ada.tokens["access_token"])
        await program.until(code="known_already")


async def test_a_socket_that_was_cut_goes_on_where_it_was(ada: Client, agent: FakeAgent) -> None:
    """By the id of its last event, in the address or in the first message: each word once."""
    agent.enqueue(*words("From the "), hold := asyncio.Event(), *words("start."))
    thread = await ada.begin()
    async with socket(ada, thread) as first:
        await first.say(type="say", content="Go on")
        cut = await first.until(event="token")
    async with socket(ada, thread, f"?last_event_id={cut['id']}") as second:
        await second.until(event="status")
        hold.set()
        await second.until(event="done")
    async with socket(ada, thread, headers={}) as third:
        token = ada.tokens["access_token"]
        await third.say(type="authenticate", token=token, last_event_id=cut["id"])
        await third.until(event="done")
    assert first.text + second.text == first.text + third.text == "From the start."


async def test_an_offer_is_answered_over_a_socket(
    ada: Client, agent: FakeAgent, record: Record, clock: HandClock
) -> None:
    """An intent that was left is gone on with, and how it stands now is told; an unknown one is none."""
    agent.enqueue(IntentBegan("drink", "A coffee"), *words("Which?"))
    thread = await ada.begin(initial_message="Coffee")
    (intent,) = (await ada.http.get(f"/threads/{thread}/intents")).json()["intents"]
    await record.writer.submit(MoveIntent(thread, intent["id"], "abandoned", "idle", clock()))
    async with socket(ada, thread) as program:
        await program.say(type="offer", intent_id=UNKNOWN, goes_on=True, ref="unknown")
        await program.until(ref="unknown", code="not_found")
        await program.say(type="offer", intent_id=intent["id"], goes_on=True, ref="mine")
        await program.until(ref="mine", state="taken")
        told = await program.until(kind="intents")
        assert [(one["state"], one["offered"]) for one in told["data"]["intents"]] == [("active", False)]
        await program.say(type="offer", intent_id=intent["id"], goes_on=False, ref="late")
        await program.until(ref="late", code="not_offered")


async def test_a_reply_is_stopped_edited_anew_and_walked_through(ada: Client, agent: FakeAgent) -> None:
    """Each by a message of its own, with the events that the page has; a follower sees all of it."""
    agent.enqueue(*words("Long "), asyncio.Event())
    agent.enqueue(*words("Two."))
    agent.enqueue(*words("Three."))
    thread = await ada.begin()
    async with socket(ada, thread) as program, socket(ada, thread) as follower:
        await follower.until(state="idle")
        await program.say(type="say", content="One?")
        said = await program.until(state="taken")
        await program.until(event="token")
        await program.say(type="stop")
        assert (await program.until(event="done"))["status"] == "stopped"
        await program.say(type="edit", message_id=said["message_id"], content="Two?")
        assert (await program.until(event="done"))["content"] == "Two."
        await program.say(type="again", message_id=said["message_id"])
        done = await program.until(event="done")
        assert (done["content"], done["message_id"]) == ("Three.", said["message_id"])
        await program.say(type="branch", message_id=done["reply_id"], number=1)
        await program.until(event="component", kind="removed")
        assert (await program.until(event="done"))["content"] == "Two."
        for _ in range(4):
            last = await follower.until(event="done")
    assert last["content"] == "Two."
    assert follower.text == "Long Two.Three."


async def test_anothers_thread_is_as_unknown_as_none(ada: Client, program: Callable[[], Client]) -> None:
    """One code and one sentence for both."""
    thread = await ada.begin()
    eve = program()
    await eve.sign_in("Eve")
    ends = []
    for id_ in (thread, UNKNOWN):
        async with socket(eve, id_) as strange:
            ends.append((await strange.ended(), strange.told[-1]["code"], strange.told[-1]["detail"]))
    assert ends == [(4404, "not_found", "There is no such thread of yours.")] * 2


async def test_a_thread_that_is_deleted_takes_no_message(ada: Client) -> None:
    """Who owns it is asked at each message, not only at the beginning."""
    thread = await ada.begin()
    async with socket(ada, thread) as program:
        await program.until(state="idle")
        await ada.http.delete(f"/threads/{thread}")
        await program.say(type="say", content="Still there?")
        assert await program.ended() == 4404


async def test_signing_out_ends_sockets_and_streams_at_once(ada: Client) -> None:
    """Whatever they are waiting for; each is told why."""
    thread = await ada.begin()
    async with (
        socket(ada, thread) as program,
        ada.http.stream("GET", f"/threads/{thread}/stream") as stream,
    ):
        await program.until(state="idle")
        lines = stream.aiter_lines()
        while not (await anext(lines)).startswith("data:"):
            pass
        await ada.http.post("/auth/logout")
        assert await program.ended() == 4401
        rest = [line async for line in lines]
    assert any("signed_out" in line for line in rest)


async def test_the_end_of_the_server_ends_sockets(ada: Client, context: ApiContext) -> None:
    """It waits for nobody; a program comes back to the next one."""
    thread = await ada.begin()
    async with socket(ada, thread) as program:
        await program.until(state="idle")
        context.streams.end()
        assert await program.ended() == 1001


BAD = {
    "no JSON": "nonsense",
    "no object": "[]",
    "no type": "{}",
    "a type of the server's": '{"type": "token", "text": "mine"}',
    "a list of types": '{"type": ["say"]}',
    "a field too many": '{"type": "say", "content": "x", "participant_id": "eve"}',
    "a number for words": '{"type": "say", "content": 1}',
    "a lone surrogate": '{"type": "say", "content": "\\ud800"}',
    "depth": '{"type": "form", "form_id": "'
    + UNKNOWN
    + '", "values": {"a": '
    + "[" * 90_000
    + "]" * 90_000
    + "}}",
    "a huge number": '{"type": "branch", "message_id": "' + UNKNOWN + '", "number": ' + "9" * 100_000 + "}",
    "no number": '{"type": "branch", "message_id": "' + UNKNOWN + '", "number": NaN}',
}


@pytest.mark.parametrize("name", BAD)
async def test_a_broken_message_is_told_and_breaks_nothing(ada: Client, record: Record, name: str) -> None:
    """The socket goes on."""
    thread = await ada.begin()
    async with socket(ada, thread) as program:
        await program.connection.send(BAD[name])
        await program.until(code="not_readable")
        await program.say(type="ping")
        await program.until(event="pong")
    assert await rows(record, "steps") == []


@pytest.mark.parametrize(
    ("frame", "code"), [(b"\x00\x01", 1003), ("x" * (LONGEST_FRAME + 1), 1009)], ids=["binary", "too long"]
)
async def test_a_frame_that_no_program_sends_ends_the_socket(
    ada: Client, frame: str | bytes, code: int
) -> None:
    """Nothing of it is read."""
    thread = await ada.begin()
    async with socket(ada, thread) as program:
        await program.connection.send(frame)
        assert await program.ended() == code


async def test_a_flood_of_tiny_messages_ends_the_socket(ada: Client) -> None:
    """Far above what a program needs."""
    thread = await ada.begin()
    async with socket(ada, thread) as program:
        end = asyncio.create_task(program.ended())
        with contextlib.suppress(ConnectionClosed):
            for _ in range(FRAMES[0] * 20):
                await program.say(type="ping")
        assert await end == 4429


async def test_another_sites_page_opens_no_socket(ada: Client) -> None:
    """Even with a token: browsers say whose page it is."""
    thread = await ada.begin()
    headers = {"Authorization": ada.http.headers["Authorization"], "Origin": "https://evil.example"}
    with pytest.raises(InvalidStatus) as refused:
        async with socket(ada, thread, headers=headers):
            pass
    assert refused.value.response.status_code == 403


async def test_a_socket_of_a_thread_that_is_deleted_elsewhere_ends(ada: Client, record: Record) -> None:
    """Though nobody says anything over it, it is told that there is no such thread, and closed."""
    thread = await ada.begin()
    async with socket(ada, thread) as program:
        await program.until(state="idle")
        await record.writer.submit(DeleteThread(thread, record.now()))
        assert await program.ended() == 4404
    assert program.told[-1]["code"] == "not_found"


@pytest.mark.parametrize(
    "first", ['{"type": "say", "content": "x"}', '{"type": "authenticate", "token": "x"}']
)
async def test_who_does_not_say_who_they_are_is_let_go(ada: Client, record: Record, first: str) -> None:
    """Whatever they say instead."""
    thread = await ada.begin()
    async with socket(ada, thread, headers={}) as program:
        await program.connection.send(first)
        assert await program.ended() == 4401
    assert await rows(record, "steps") == []


async def test_the_pace_of_turns_holds_over_sockets(
    ada: Client, agent: FakeAgent, context: ApiContext
) -> None:
    """It is one pace for all ways in: what is too much is not kept, and said to be."""
    thread = await ada.begin()
    while context.spoken.allows(str(ada.tokens["participant_id"])):
        pass
    async with socket(ada, thread) as program:
        await program.say(type="say", content="One more", ref="r")
        assert (await program.until(code="too_fast"))["ref"] == "r"
    assert agent.asked == []


async def test_a_socket_is_served_below_a_path(ada: Client, context: ApiContext) -> None:
    """As a proxy hands it on; the guards before it let it through."""
    thread = await ada.begin()
    async with served(api_app(context), "/study") as address:
        base = address.replace("http", "ws", 1)
        headers = {"Authorization": ada.http.headers["Authorization"]}
        async with connect(f"{base}/ws/chat/{thread}", additional_headers=headers) as connection:
            await Program(connection).until(state="idle")
