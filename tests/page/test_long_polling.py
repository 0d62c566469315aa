"""The requests that stand for a WebSocket: whose they are, and what may come with them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx2
import jwt
import pytest
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from page.chat.long_polling import LONGEST_POST, MOST_PACKETS, PATH, LongPolling, transport_of
from page.chat.polled_socket import ROOM
from study.pace import OPENED
from study.vocabulary import Transport
from tests.page.asking import HERE, browser_of
from tests.page.gate import SECRET

ADA: Final = "participant a"
EVE: Final = "participant e"
POLLING: Final = f"{PATH}?EIO=4&transport=polling"
SID: Final = "s1"


class Sockets:
    """What serves WebSockets: it opens each, hears what comes, and says what it is told to say."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.heard: asyncio.Queue[Message] = asyncio.Queue()
        self.opens = True
        self._senders: list[Send] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one."""
        self.scopes.append(scope)
        assert (await receive())["type"] == "websocket.connect"
        if not self.opens:
            await send({"type": "websocket.close"})
            return
        await send({"type": "websocket.accept"})
        self._senders.append(send)
        await self.say(f'0{{"sid":"s{len(self._senders)}"}}')
        while (message := await receive())["type"] == "websocket.receive":
            self.heard.put_nowait(message)
        self.heard.put_nowait(message)

    async def say(self, frame: str) -> None:
        """Say something by the newest."""
        await self._senders[-1]({"type": "websocket.send", "text": frame, "bytes": None})

    async def close(self) -> None:
        """End the newest."""
        await self._senders[-1]({"type": "websocket.close"})

    async def frames(self, count: int) -> list[str]:
        """The next that come."""
        return [(await self.heard.get())["text"] for _ in range(count)]

    async def hung_up(self) -> None:
        """Wait until the newest has ended from the other side."""
        while (await self.heard.get())["type"] != "websocket.disconnect":
            pass


class Door:
    """The requests' door before them."""

    def __init__(self) -> None:
        self.sockets = Sockets()
        self.refusals: list[tuple[Any, ...]] = []
        self.app = LongPolling(self.sockets, lambda *why: self.refusals.append(why))
        self.methods = ["GET", "POST", "PUT", "DELETE", "OPTIONS"]
        self.ada = self.browser(ADA)

    def browser(self, participant_id: str | None) -> httpx2.AsyncClient:
        """Somebody's."""
        return browser_of(participant_id, [Route(PATH, self.app, methods=self.methods)])


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    """One with nobody at it."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    return Door()


@pytest.fixture
async def address(door: Door) -> AsyncIterator[str]:
    """ADA has a connection: where it is asked for."""
    assert (await door.ada.get(POLLING)).text == f'0{{"sid":"{SID}"}}'
    yield f"{POLLING}&sid={SID}"
    await door.ada.post(f"{POLLING}&sid={SID}", content="1")


async def test_frames_go_both_ways_in_their_order(door: Door, address: str) -> None:
    """Several in one request, either way, and each is one to whoever serves them."""
    assert (await door.ada.post(address, content='3\x1e42["stop"]\x1e42["a"]')).status_code == 200
    assert await door.sockets.frames(3) == ["3", '42["stop"]', '42["a"]']
    await door.sockets.say("2")
    await door.sockets.say('42["b","\u00e9"]')
    assert (await door.ada.get(address)).text == '2\x1e42["b","\u00e9"]'


async def test_a_request_waits_for_what_there_is_to_hear(door: Door, address: str) -> None:
    """Nothing is said of it before."""
    waiting = asyncio.create_task(door.ada.get(address))
    await asyncio.sleep(0)
    await door.sockets.say("2")
    assert (await waiting).text == "2"


async def test_whoever_serves_it_is_told_of_a_websocket_of_that_transport(door: Door, address: str) -> None:
    """With the cookie that it came with; a client's own word of the transport is not heard."""
    scope = door.sockets.scopes[0]
    assert (scope["type"], scope["path"], scope["query_string"]) == (
        "websocket",
        PATH,
        b"EIO=4&transport=websocket",
    )
    headers = dict(scope["headers"])
    assert (headers[b"upgrade"], b"access_token" in headers[b"cookie"]) == (b"websocket", True)
    assert transport_of(scope) is Transport.POLLING
    assert transport_of({"type": "websocket", "headers": []}) is Transport.WEBSOCKET


@pytest.mark.parametrize("who", [EVE, None, "another sign-in"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_address_alone_is_no_key(door: Door, address: str, who: str | None, method: str) -> None:
    """Another's connection answers as one that is not there, and goes on; under another sign-in too."""
    other = door.browser(EVE if who == "another sign-in" else who)
    if who == "another sign-in":
        claims = {"identifier": ADA, "metadata": {"sign_in": "x"}, "exp": 2**33}
        other.cookies = httpx2.Cookies({"access_token": jwt.encode(claims, SECRET)})
    content = '42["stop"]' if method == "POST" else None
    answer = await other.request(method, address, content=content)
    unknown = await other.request(method, f"{POLLING}&sid=x", content=content)
    assert (answer.status_code, answer.text) == (unknown.status_code, unknown.text)
    assert answer.status_code == (401 if who is None else 404)
    assert len(door.refusals) == (0 if who is None else 1)
    assert door.sockets.heard.empty()
    await door.sockets.say("2")
    assert (await door.ada.get(address)).text == "2"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_other_site_asks(door: Door, address: str, headers: dict[str, str], method: str) -> None:
    """Neither for a connection nor by one: a browser brings the cookie along to whatever site asks it to."""
    for asked in (POLLING, address):
        assert (await door.ada.request(method, asked, headers=headers)).status_code == 403
    assert len(door.sockets.scopes) == 1
    assert door.sockets.heard.empty()
    own = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
    assert (await door.ada.post(address, content="3", headers=own)).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["", "EIO=4", "EIO=3&transport=polling", "EIO=4&transport=websocket", "EIO=4&transport=polling&j=0"],
)
async def test_nothing_else_is_served_there(door: Door, query: str) -> None:
    """No older protocol, no WebSocket by half, and no script that any site may have run."""
    assert (await door.ada.get(f"{PATH}?{query}")).status_code == 404
    assert door.sockets.scopes == []


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_there_are_two_methods(door: Door, address: str, method: str) -> None:
    """What waits to be heard is not lost to another one."""
    await door.sockets.say("2")
    assert (await door.ada.request(method, address)).status_code == 404
    assert (await door.ada.get(address)).text == "2"


BROKEN: Final[dict[str, bytes]] = {
    "empty": b"",
    "an empty packet": b"3\x1e",
    "binary": b"bAAEC",
    "a probe": b"2probe",
    "an upgrade": b"5",
    "opened again": b'0{"sid":"x"}',
    "no type": b"x",
    "no event": b"4" + b"[" * 1000,
    "no text": b"42\xff",
    "too many": b"\x1e".join([b"3"] * (MOST_PACKETS + 1)),
    "a script's": b'd=42["stop"]',
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
async def test_what_no_page_sends_ends_the_connection(door: Door, address: str, body: bytes) -> None:
    """Nothing of it is handed on."""
    assert (await door.ada.post(address, content=body)).status_code == 404
    assert (await door.sockets.heard.get())["type"] == "websocket.disconnect"
    assert (await door.ada.get(address)).text == "1"
    assert (await door.ada.get(address)).status_code == 404


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_that_is_too_long_is_not_read(door: Door, address: str, announced: bool) -> None:
    """By its header, or, where that says nothing, as soon as too much has come; the connection ends."""
    taken = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal taken
        while taken < 10 * LONGEST_POST:
            taken += 100_000
            yield b"4" * 100_000

    headers = {"Content-Length": str(10 * LONGEST_POST)} if announced else {}
    assert (await door.ada.post(address, content=pieces(), headers=headers)).status_code == 413
    assert taken <= (100_000 if announced else LONGEST_POST + 200_000)
    await door.sockets.hung_up()


async def test_the_longest_that_a_websocket_takes_is_taken(door: Door, address: str) -> None:
    """Both ways have one limit."""
    frame = "42" + "x" * (LONGEST_POST - 2)
    assert (await door.ada.post(address, content=frame)).status_code == 200
    assert await door.sockets.frames(1) == [frame]


async def test_two_may_not_ask_at_once(door: Door, address: str) -> None:
    """The frames would be torn apart between them."""
    first = asyncio.create_task(door.ada.get(address))
    await asyncio.sleep(0)
    assert (await door.ada.get(address)).status_code == 404
    assert (await first).text == "1"
    await door.sockets.hung_up()


async def test_whoever_leaves_while_they_wait_has_left(door: Door, address: str) -> None:
    """A closed tab ends its request: its connection is closed at once, not after the next ping."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": PATH,
        "query_string": address.partition("?")[2].encode(),
    }
    cookie = f"access_token={door.ada.cookies['access_token']}".encode()
    messages: list[Message] = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(_: Message) -> None:
        raise AssertionError("nobody is there to be answered")

    await door.app({**scope, "headers": [(b"host", b"study.example"), (b"cookie", cookie)]}, receive, send)
    await door.sockets.hung_up()


async def test_goodbye_ends_a_connection(door: Door, address: str) -> None:
    """What was said before it is heard."""
    assert (await door.ada.post(address, content='42["stop"]\x1e1')).status_code == 200
    assert await door.sockets.frames(2) == ['42["stop"]', "1"]
    assert (await door.sockets.heard.get())["type"] == "websocket.disconnect"


async def test_what_was_said_last_is_heard(door: Door, address: str) -> None:
    """A server that hangs up while nobody asks has often said why; then it says goodbye."""
    await door.sockets.say('42["signed_out",{}]')
    await door.sockets.close()
    assert (await door.ada.get(address)).text == '42["signed_out",{}]\x1e1'
    assert (await door.ada.get(address)).status_code == 404


async def test_a_slow_reader_is_not_run_over(door: Door, address: str) -> None:
    """What one page does not fetch waits where it is made, not in memory."""
    say = asyncio.create_task(door.sockets.say("4" + "x" * ROOM))
    held = asyncio.create_task(door.sockets.say("42"))
    await asyncio.wait({say})
    await asyncio.sleep(0)
    assert not held.done()
    assert len((await door.ada.get(address)).text) == ROOM + 1
    await held
    assert (await door.ada.get(address)).text == "42"


async def test_a_connection_that_is_not_taken_in_is_none(door: Door) -> None:
    """While the database is away, a WebSocket is closed before it opens: it may be asked for again."""
    door.sockets.opens = False
    answer = await door.ada.get(POLLING)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


async def test_a_flood_of_connections_is_held_back(door: Door) -> None:
    """One participant's; another's is opened meanwhile."""
    answers = [(await door.ada.get(POLLING)).status_code for _ in range(OPENED[0] + 5)]
    assert answers.count(429) >= 4
    assert (await door.browser(EVE).get(POLLING)).status_code == 200


async def test_a_flood_of_requests_is_held_back(door: Door, address: str) -> None:
    """Also of those that are for no connection."""
    answers = [(await door.ada.get(f"{POLLING}&sid=x")).status_code for _ in range(600)]
    assert 429 in answers
