"""The cookie that keeps somebody in, and what it is worth once they have left."""

import jwt
import pytest
from engineio.async_drivers.asgi import translate_request
from starlette.requests import HTTPConnection, cookie_parser
from starlette.types import Message, Receive, Scope, Send

from page.chainlit.session_check import SessionCheck
from tests.data_layer.rows import ADA, execute, new_id, one, rows
from tests.fakes import HandClock
from tests.page.entry.conftest import SECRET, Browser, Front, Open, come, who

COOKIE = "access_token"


def token(secret: str = SECRET, algorithm: str = "HS256", **claims: object) -> str:
    """A cookie of somebody's own making; unless told, it expires in 2242."""
    return jwt.encode({"identifier": ADA, "exp": 2**33, "metadata": {}} | claims, secret, algorithm)


async def test_the_token_carries_the_participant_and_nothing_else(client: Browser, front: Front) -> None:
    """What the browser can read is the id, the name, the sign-in and two times."""
    await come(client, "Ada")
    claims = jwt.decode(client.cookies[COOKIE], SECRET, algorithms=["HS256"])
    row = await one(front.record, "sign_ins")
    assert claims.pop("exp") > claims.pop("iat")
    assert claims == {
        "identifier": row["participant_id"],
        "display_name": "Ada",
        "metadata": {"sign_in": row["sign_in_id"]},
    }
    assert (row["mode"], row["ended_at"]) == ("claim", None)


async def test_scripts_and_other_sites_do_not_get_the_cookies(client: Browser) -> None:
    """HttpOnly, SameSite, for the whole site; not Secure where there is no TLS."""
    for cookie in (await come(client, "Ada")).headers.get_list("set-cookie"):
        assert {"httponly", "samesite=lax", "path=/"} <= set(cookie.lower().split("; "))
        assert "secure" not in cookie.lower()


async def test_behind_tls_the_cookies_are_secure(browser: Open) -> None:
    """Over https no cookie ever travels in clear text, nor is taken away by one that does."""
    client = browser(origin="https://study.test")
    answers = [await client.get("/login"), await come(client, "Ada"), await client.post("/logout")]
    cookies = [cookie for answer in answers for cookie in answer.headers.get_list("set-cookie")]
    assert len(cookies) == 4
    assert all("; secure" in cookie.lower() for cookie in cookies)


async def test_a_copied_cookie_is_worth_nothing_after_signing_out(browser: Open, front: Front) -> None:
    """Neither as a cookie nor in the header that Chainlit would read it from; the open pages are closed."""
    owner, thief = browser(), browser()
    await come(owner, "Ada")
    stolen = owner.cookies[COOKIE]
    thief.cookies.set(COOKIE, stolen)
    assert await who(thief) == await who(owner) != "nobody"
    answer = await owner.post("/logout")
    assert (answer.status_code, COOKIE in owner.cookies) == (200, False)
    assert await who(thief) == "nobody"
    assert (await thief.get("/me/identity")).status_code == 401
    row = await one(front.record, "sign_ins")
    assert row["ended_at"] is not None
    assert front.closed == [row["sign_in_id"]]


async def test_another_process_may_have_ended_it(client: Browser, front: Front, clock: HandClock) -> None:
    """What is known is asked for again after ten seconds."""
    await come(client, "Ada")
    await execute(front.record.database, "UPDATE sign_ins SET ended_at = created_at")
    clock.forward(11)
    assert await who(client) == "nobody"


async def test_a_sign_in_ends_by_itself(client: Browser, clock: HandClock) -> None:
    """After fifteen days, whatever the cookie says."""
    await come(client, "Ada")
    clock.forward(15 * 24 * 3600 + 1)
    assert await who(client) == "nobody"


@pytest.mark.parametrize(
    "forged",
    [
        token(secret="another secret of thirty-two bytes!!"),
        token(exp=1),
        token(),
        token(metadata=None),
        token(metadata={"sign_in": new_id()}),
        token(metadata={"sign_in": ["x"]}),
        token(identifier=None),
        token(identifier={"a": 1}),
        jwt.encode({"identifier": ADA, "exp": 2**33}, "", algorithm="none"),
        "x",
        "a.b.c",
        '""',
    ],
)
async def test_a_cookie_that_names_no_sign_in_is_nobodys(client: Browser, forged: str) -> None:
    """Another secret, expired, of an earlier version, of an unknown sign-in, unsigned, no token: the form."""
    client.cookies.set(COOKIE, forged)
    assert await who(client) == "nobody"
    answer = await client.get("/login")
    assert answer.status_code == 200
    assert "You are here as" not in answer.text


async def test_a_token_that_was_right_is_so_under_its_own_secret_alone(
    client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes the secret signs everybody out, also those whose token was read before."""
    await come(client, "Ada")
    assert await who(client) != "nobody"
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", "another secret of thirty-two bytes!!")
    assert await who(client) == "nobody"


async def test_anothers_sign_in_is_not_ones_own(browser: Open, front: Front) -> None:
    """A token is good for the participant whose sign-in it names."""
    client = browser()
    await come(client, "Bob")
    sign_in = (await one(front.record, "sign_ins"))["sign_in_id"]
    client.cookies.set(COOKIE, token(metadata={"sign_in": sign_in}), domain="study.test")
    assert ADA not in await who(client)


async def test_a_token_in_the_header_opens_nothing(browser: Open) -> None:
    """Chainlit takes it from Authorization as well; nobody of ours sends it there."""
    seen: list[Scope] = []

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def holds(sign_in_id: str, participant_id: str) -> bool:
        return True

    async def nothing() -> Message:
        return {"type": "http.request"}

    async def nowhere(message: Message) -> None:
        return None

    headers = [(b"authorization", b"Bearer x"), (b"cookie", b"a=b; access_token=x; access_token_0=y; c=d")]
    for kind in ("http", "websocket"):
        scope: Scope = {"type": kind, "path": "/user", "headers": headers}
        await SessionCheck(inside, holds)(scope, nothing, nowhere)
    assert [scope["headers"] for scope in seen] == [[(b"cookie", b"a=b; c=d")]] * 2


@pytest.mark.parametrize("space", [b"\xa0", b"\x85", b" \xa0 ", b"\t", b"a=b;\xa0", b"a=b, \x85"])
async def test_a_copied_cookie_is_worth_nothing_however_it_is_written(
    client: Browser, browser: Open, space: bytes
) -> None:
    """Once its sign-in has ended; what a reader of cookies takes for a space, the check takes for one too."""
    await come(client, "Ada")
    copied = client.cookies[COOKIE].encode()
    await client.post("/logout")
    answer = await browser().get("/", headers=[(b"cookie", space + b"access_token=" + copied)])
    assert answer.text == "nobody"


@pytest.mark.parametrize(
    "sent",
    [
        ["access_token={bob}; x=1", "access_token={ada}"],
        ["access_token={ada}; \xc2\xa0access_token={bob}"],
        ["access_token={ada}", "\xc2\x85access_token={bob}; verbatim_language=de"],
    ],
)
async def test_a_page_and_its_socket_read_the_same_participant(
    sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Engine.IO joins and decodes headers otherwise than Starlette does: both get one that is plain."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    seen: list[Scope] = []

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def holds(sign_in_id: str, participant_id: str) -> bool:
        return True

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def nowhere(message: Message) -> None:
        return None

    tokens = {name: token(metadata={"sign_in": new_id()}) for name in ("ada", "bob")}
    headers = [(b"cookie", one.format(**tokens).encode("latin-1")) for one in sent]
    scope: Scope = {"type": "websocket", "path": "/ws/socket.io/", "query_string": b"", "headers": headers}
    await SessionCheck(inside, holds)(scope, receive, nowhere)
    environ = await translate_request(seen[0], receive, nowhere)
    by_socket = cookie_parser(environ["HTTP_COOKIE"])
    assert by_socket == HTTPConnection(seen[0]).cookies
    assert by_socket[COOKIE] == tokens["ada"]


async def test_two_tabs_share_one_sign_in(client: Browser, front: Front) -> None:
    """Signing out in one ends both."""
    await come(client, "Ada")
    await come(client, "ada")
    assert len(await rows(front.record, "sign_ins")) == 1


async def test_who_comes_in_as_somebody_else_has_left_as_before(client: Browser, front: Front) -> None:
    """One browser is one participant at a time; the cookie of before is worth nothing."""
    await come(client, "Ada")
    before = client.cookies[COOKIE]
    await come(client, "Bob")
    assert len(front.closed) == 1
    client.cookies.set(COOKIE, before, domain="study.test")
    assert await who(client) == "nobody"


async def test_while_the_record_is_away_who_is_in_stays_in(
    browser: Open, front: Front, clock: HandClock
) -> None:
    """A conversation does not end with the database; an unknown cookie is not believed, but told to wait."""
    known, unknown = browser(), browser()
    await come(known, "Ada")
    ada = await who(known)
    unknown.cookies.set(COOKIE, token(metadata={"sign_in": new_id()}))
    await execute(front.record.database, "ALTER TABLE sign_ins RENAME TO elsewhere")
    clock.forward(60)
    assert await who(known) == ada
    assert (await unknown.get("/")).status_code == 503
    assert (await unknown.get("/login")).status_code == 200
