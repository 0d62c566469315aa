"""The WebSocket, attacked: who may connect, as what, and what may be said there."""

import base64
import json
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.journeys.attacker import EVIL, FORGED_IDS, World
from tests.journeys.border_world import OWNER, Belongings
from tests.journeys.raw_socket import Refused, Socket, new_id, said

pytestmark = [pytest.mark.journey, pytest.mark.usefixtures("transport")]


def token(claims: dict[str, Any], *, algorithm: str = "HS256", signature: bytes = b"x" * 32) -> str:
    """A token that nobody signed."""
    parts = [json.dumps(part).encode() for part in ({"alg": algorithm, "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, signature))


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "file://", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"]
)
async def test_no_other_site_opens_a_socket(world: World, stranger: httpx2.Client, origin: str) -> None:
    """A browser brings the cookie along to whatever site asks it to connect; the origin tells them apart."""
    async with world.nothing_changes():
        with pytest.raises(Refused, match="handshake"):
            async with Socket(world, stranger, origin=origin):
                pass


async def test_our_own_page_opens_one(world: World, stranger: httpx2.Client) -> None:
    """So the refusals above are of the origin, and of nothing else."""
    async with Socket(world, stranger, origin=world.server.url) as page:
        await page.begin()
    assert page.of("task_end")


@pytest.mark.parametrize("forged", ["none", "nobody", "unsigned", "other", "garbage"])
async def test_nobody_speaks_without_having_come_in(world: World, owners: Belongings, forged: str) -> None:
    """No cookie, one without a signature, one of another secret, and one that is none."""
    victim = world.rows("SELECT participant_id FROM threads WHERE thread_id = ?", owners.thread_id)[0][0]
    claims = {"identifier": victim, "display_name": OWNER, "metadata": {}, "exp": 2**33}
    cookie = {
        "none": None,
        "nobody": "access_token=",
        "unsigned": "access_token=" + token(claims, algorithm="none", signature=b""),
        "other": "access_token=" + token(claims),
        "garbage": "access_token=a.b.c; access_token_0=x; access_token_1=y",
    }[forged]
    async with world.nothing_changes():
        with pytest.raises(Refused), world.logged("connection_refused"):
            async with Socket(world, None, cookie=cookie):
                pass


@pytest.mark.parametrize("way", ["absolute", "upwards", "itself", "odd"])
async def test_a_session_id_is_no_path(
    world: World, stranger: httpx2.Client, tmp_path: Path, way: str
) -> None:
    """Any folder would go: Chainlit removes the one that a session is named after (session.py:170, 426)."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "words").write_text("irreplaceable")
    forged = {"absolute": str(kept), "upwards": "../data", "itself": ".", "odd": "%2e%2e/a\u0000b"}[way]
    async with world.nothing_changes():
        with suppress(Refused), world.logged("connection_refused"):
            async with Socket(world, stranger, sessionId=forged) as page:
                await page.begin()
                await page.emit("clear_session")
    assert (kept / "words").read_text() == "irreplaceable"


async def test_anothers_thread_is_not_opened(
    world: World, owners: Belongings, stranger: httpx2.Client
) -> None:
    """Whoever knows its id learns nothing from it."""
    async with world.nothing_changes(kept=1):
        with pytest.raises(Refused, match="authorization failed"):
            async with Socket(world, stranger, threadId=owners.thread_id):
                pass


@pytest.mark.parametrize("thread_id", FORGED_IDS)
async def test_a_forged_thread_id_opens_nothing(
    world: World, owners: Belongings, stranger: httpx2.Client, thread_id: str
) -> None:
    """Chainlit would make a thread of any string."""
    if thread_id.startswith("0000"):
        thread_id = owners.thread_id.upper()  # A UUID like any other opens a new thread: that is no attack.
    async with world.nothing_changes(kept=1):
        with pytest.raises(Refused):
            async with Socket(world, stranger, threadId=thread_id):
                pass


async def test_anothers_session_is_not_taken_over(
    world: World, owners: Belongings, stranger: httpx2.Client
) -> None:
    """A session id is no key: the page that it names stays its owner's."""
    async with (
        Socket(world, world.somebody(OWNER), threadId=owners.thread_id) as theirs,
        world.nothing_changes(),
    ):
        await theirs.begin()
        for session_id in (theirs.session_id, owners.session_id):
            with pytest.raises(Refused):
                async with Socket(world, stranger, sessionId=session_id):
                    pass
        await theirs.emit("fetch_favorites")


async def test_a_form_that_is_not_there_is_not_answered(
    world: World, owners: Belongings, page: Socket
) -> None:
    """Whatever id it bears, another's too, and whatever stands for its answers."""
    ids: list[Any] = [*FORGED_IDS, None, 7, [], owners.message_id, owners.reply_id, str(uuid.uuid4())]
    payloads: list[Any] = [None, [], "x", 7]
    payloads += [{"form_id": one, "message_id": str(uuid.uuid4()), "values": {"a": "b"}} for one in ids]
    payloads += [{"form_id": owners.reply_id, "message_id": owners.message_id, "values": {}}]
    async with world.nothing_changes(kept=1):
        for payload in payloads:
            await page.emit("answer_form", payload)


@pytest.mark.parametrize("event", ["try_again", "show_branch"])
async def test_anothers_turns_are_not_walked(
    world: World, owners: Belongings, page: Socket, event: str
) -> None:
    """Another answer, another wording: only in the thread that the page has open."""
    ids: list[Any] = [*FORGED_IDS, None, 7, [], {}, owners.message_id, owners.reply_id, owners.run_id]
    numbers: list[Any] = [None, -1, 0, 1.5, True, "1", 10**30]
    payloads: list[Any] = [None, [], "x", *({"step_id": id_, "number": 1} for id_ in ids)]
    payloads += [{"step_id": owners.message_id, "number": number} for number in numbers]
    async with world.nothing_changes(kept=1):
        for payload in payloads:
            await page.emit(event, payload)
    assert page.of("resume_thread") == []


async def test_that_somebody_types_is_all_that_is_heard(
    world: World, owners: Belongings, page: Socket
) -> None:
    """Whatever comes with it is not looked at and kept nowhere; nobody types in another's thread."""
    payloads: list[Any] = [None, [], "x" * 1000, {"thread_id": owners.thread_id, "text": "secret"}, 7]
    async with world.nothing_changes():
        for payload in payloads:
            await page.emit("typing", payload)


FORGERIES: dict[str, list[Any]] = {
    "id": [*FORGED_IDS, None, 7, {}, "A" * 36],
    "type": ["assistant_message", "system_message", "run", "tool", None, ["user_message"]],
    "name": ["Assistant", "Verbatim", OWNER, 7, {}],
    "output": [None, 7, {"a": "b"}, "", "\u200b \n"],
}


@pytest.mark.parametrize("event", ["client_message", "edit_message"])
@pytest.mark.parametrize("field", FORGERIES)
async def test_a_forged_message_is_refused(world: World, page: Socket, event: str, field: str) -> None:
    """Ids, types and authors are not the client's to choose, of a new message as of an edited one."""
    forged = FORGERIES[field]
    async with world.nothing_changes(kept=len(forged)):
        for value in forged:
            message = said()
            message["message"][field] = value
            await page.emit(event, message)
    assert len(page.of("toast")) == len(forged)


async def test_anothers_message_is_not_overwritten(world: World, owners: Belongings, page: Socket) -> None:
    """Chainlit keeps a step by its id, whosever it was: said again, edited, or as a reply."""
    for id_ in (owners.message_id, owners.reply_id):
        async with world.nothing_changes(kept=1):
            page.heard.clear()
            await page.emit("client_message", said("mine now", id=id_))
            await page.answered()
            page.heard.clear()
            await page.emit("edit_message", said("mine now", id=id_))
            await page.answered()
    assert page.of("new_message") == []


async def test_anothers_message_id_begins_no_thread(
    world: World, owners: Belongings, stranger: httpx2.Client
) -> None:
    """A first message that is refused leaves no empty thread in the list of whoever sent it."""
    async with Socket(world, stranger) as page:
        await page.begin()
        async with world.nothing_changes(kept=1):
            await page.emit("client_message", said("mine now", id=owners.message_id))
            await page.wait_for("toast")


NOT_OFFERED = (
    *("window_message", "audio_start", "audio_chunk", "audio_end", "chat_settings_change"),
    *("chat_settings_edit", "message_favorite", "ask", "call_fn", "__class__", ""),
)


@pytest.mark.parametrize("event", NOT_OFFERED)
async def test_what_this_app_does_not_offer_is_not_heard(world: World, page: Socket, event: str) -> None:
    """Chainlit has handlers for features that are off here; and no client may name a handler of ours."""
    heard = len(page.heard)
    async with world.nothing_changes():
        payloads: list[Any] = [{"message": said()["message"]}, [], None, "x"]
        for payload in payloads:
            await page.throw([f"42{json.dumps([event, payload])}"])
        await page.emit("fetch_favorites")
    assert {name for name, _ in page.heard[heard:]} <= {"task_end", "thread_news"}


@pytest.mark.parametrize("whose", ["the owner's", "nobody's", "their own"])
async def test_retry_is_pressed_on_ones_own_page_alone(
    world: World, owners: Belongings, page: Socket, stranger: httpx2.Client, whose: str
) -> None:
    """Chainlit finds the page by the session id in the request: it is not another's, nor is the message."""
    session_id = {"the owner's": owners.session_id, "nobody's": new_id(), "their own": page.session_id}[whose]
    action = {"name": "retry", "payload": {"message_id": owners.message_id}, "label": "", "id": new_id()}
    async with world.nothing_changes():
        answer = stranger.post("/project/action", json={"sessionId": session_id, "action": action})
        if whose == "their own":
            await page.answered()
    assert answer.status_code == 200 if whose == "their own" else 400 <= answer.status_code < 500
