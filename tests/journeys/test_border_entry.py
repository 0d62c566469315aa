"""The way in, attacked: forged and copied sign-ins, guessed codes, floods, and names that are markup."""

import json
from collections.abc import Mapping
from typing import Any

import httpx2
import jwt
import pytest

from tests.journeys.attacker import EVIL, World, claims_of
from tests.journeys.border_matrix import MATRIX, ids_of
from tests.journeys.border_world import CANARY, OWNER, Belongings
from tests.journeys.raw_socket import Refused, Socket, cookies_of

pytestmark = pytest.mark.journey

NAMES = (
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} ${7*7} #{7*7}",
    "' OR '1'='1' --",
    "javascript:alert(1)",
)


def with_token(world: World, token: str) -> httpx2.Client:
    """A browser that brings a token."""
    return world.nobody(headers={"Cookie": f"access_token={token}"})


async def test_a_token_tells_nothing_but_who_and_how_long(world: World, owners: Belongings) -> None:
    """Its holder can read it: a pseudonym, the name that they typed, their sign-in, and the times."""
    claims = claims_of(world.somebody(OWNER).cookies["access_token"])
    assert set(claims) == {"identifier", "display_name", "metadata", "exp", "iat"}
    assert set(claims["metadata"]) == {"sign_in"}
    assert claims["display_name"] == OWNER


def forged_tokens(world: World) -> Mapping[str, str]:
    """Tokens that say that they are the owner's; the secret is the server's own in the last ones."""
    theirs = claims_of(world.somebody(OWNER).cookies["access_token"])
    real = (world.database.parent / "secret").read_text(encoding="utf-8").strip()
    stranger = claims_of(world.somebody("Forger").cookies["access_token"])

    def signed(claims: Mapping[str, Any], secret: str = real) -> str:
        return jwt.encode(dict(claims), secret, algorithm="HS256")

    unsigned = jwt.encode(theirs, "", algorithm="none")
    return {
        "another secret": signed(theirs, "x" * 48),
        "no signature": unsigned,
        "no signature, but a dot": unsigned.rstrip(".") + ".AAAA",
        "expired": signed(theirs | {"exp": theirs["iat"] - 1, "iat": theirs["iat"] - 2}),
        "never expires": signed({key: value for key, value in theirs.items() if key != "exp"}),
        "no sign-in": signed(theirs | {"metadata": {}}),
        "another's sign-in": signed(theirs | {"metadata": stranger["metadata"]}),
        "a sign-in that is none": signed(theirs | {"metadata": {"sign_in": "x"}}),
        "nobody": signed(theirs | {"identifier": None}),
        "a list": signed(theirs | {"identifier": [theirs["identifier"]]}),
    }


async def test_a_forged_token_opens_nothing(world: World, owners: Belongings) -> None:
    """Neither by HTTP nor by a socket, and not even with the secret: a sign-in has to be kept as well."""
    tokens = forged_tokens(world)
    async with world.nothing_changes():
        for what, token in tokens.items():
            client = with_token(world, token)
            assert client.get("/user").status_code == 401, what
            assert client.get(f"/files/{owners.element_id}").status_code == 404, what
            bearer = world.nobody(headers={"Authorization": f"Bearer {token}"})
            assert bearer.get("/user").status_code == 401, what
            with pytest.raises(Refused):
                async with Socket(world, None, cookie=f"access_token={token}"):
                    pass


async def test_a_copied_cookie_is_worth_nothing_after_sign_out(world: World) -> None:
    """Whoever kept a copy has no more than its owner."""
    client = world.somebody()
    copied = cookies_of(client)
    thief = world.nobody(headers={"Cookie": copied})
    assert thief.get("/user").status_code == 200
    async with Socket(world, None, cookie=copied) as stolen:
        await stolen.begin()
        assert client.post("/logout", headers={"Origin": world.server.url}).status_code == 200
        await stolen.closed()
    async with world.nothing_changes():
        assert thief.get("/user").status_code == 401
        with pytest.raises(Refused):
            async with Socket(world, None, cookie=copied):
                pass


async def test_nobody_withdraws_somebody_else(world: World, owners: Belongings) -> None:
    """Whatever a request names, it withdraws whoever sent it; from another site, or by chance, nobody."""
    client = world.somebody("Leaver")
    await world.settle()
    async with world.nothing_changes():
        foreign = client.post("/me/withdrawal", json={"withdraw": True}, headers={"Origin": EVIL})
        vague = client.post("/me/withdrawal", json={"withdraw": "yes"})
        unsigned = world.nobody().post("/me/withdrawal", json={"withdraw": True})
    assert (foreign.status_code, vague.status_code, unsigned.status_code) == (403, 400, 401)
    query = f"SELECT participant_id FROM identities WHERE value = '{OWNER}' AND kind = 'user_name'"
    ((owner,),) = world.rows(query)
    named = {"withdraw": True, "participant": owner, "participant_id": owner}
    receipt = client.post("/me/withdrawal", json=named).json()["receipt"]
    await world.settle()
    assert (owner,) not in world.rows("SELECT participant_id FROM withdrawals")
    assert client.get("/user").status_code == 401
    assert owner not in world.nobody().get(receipt).text
    assert world.somebody(OWNER).get("/user").status_code == 200


async def test_another_site_signs_nobody_in(world: World) -> None:
    """A form elsewhere would sign its visitor in as somebody that its maker can watch."""
    async with world.nothing_changes():
        for headers in ({"Origin": EVIL}, {"Origin": "null"}, {"Referer": f"{EVIL}/form"}):
            answer = world.nobody().post("/login", data={"username": "Watched"}, headers=headers)
            assert answer.status_code == 403
            assert "access_token" not in answer.headers.get("set-cookie", "")


async def test_anothers_name_is_not_entered_by_guessing(world: World, owners: Belongings) -> None:
    """From a browser that does not know them: no code, and codes that are guesses, until it is too much."""
    statuses = []
    async with world.nothing_changes():
        with world.logged("refused", "/login", "429"):
            for number in range(30):
                form = {"username": OWNER, "code": f"AAAA-AAAA-{number:04}"}
                answer = world.nobody().post("/login", data=form)
                assert "access_token" not in answer.headers.get("set-cookie", "")
                statuses.append(answer.status_code)
    assert statuses[-1] == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert world.somebody(OWNER).get("/user").status_code == 200


async def test_a_flood_of_one_name_makes_one_participant(world: World) -> None:
    """From a hundred browsers: the first claims it, the others are held back."""
    with world.logged("refused", "/login", "429"):
        statuses = [
            world.nobody().post("/login", data={"username": "Flooded"}).status_code for _ in range(60)
        ]
    assert statuses.count(303) == 1
    assert 429 in statuses
    await world.settle()
    query = "SELECT count(DISTINCT participant_id) FROM identities WHERE value = 'Flooded'"
    assert world.rows(query) == [(1,)]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_text_on_every_page(world: World, name: str) -> None:
    """Script, templates and SQL: the name stands in answers as it was typed, and never as markup."""
    client = world.somebody(name)
    assert client.get("/user").json()["display_name"] == name
    assert client.get("/me/identity").json()["name"] == name
    for page in ("/login", "/"):
        text = client.get(page).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "49 $" not in text  # What the template in the name would come to.


@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: access_token=x", "a\nX-Evil: 1", "a\x00b", "\u2028x", "x" * 81]
)
async def test_a_name_breaks_no_header(world: World, name: str) -> None:
    """Line ends are refused, or are a space; no header of the answer is the name's."""
    answer = world.nobody().post("/login", data={"username": name})
    assert answer.status_code in (303, 422)
    assert "x-evil" not in answer.headers
    assert [
        value for value in answer.headers.get_list("set-cookie") if value.startswith("access_token=x")
    ] == []


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/login?next=https://evil.example"],
)
def test_no_way_in_leads_elsewhere(world: World, address: str) -> None:
    """Redirects stay on this server, whatever the address says."""
    client = world.nobody()
    for path in ("/enter", "/login/x", "/thread/x"):
        answer = client.get(path, params={"next": address, "return_to": address, "PROLIFIC_PID": address})
        target = answer.headers.get("location", "/")
        assert target.startswith("/")
        assert not target.startswith(("//", "/\\"))


async def test_no_answer_tells_what_participants_must_not_see(world: World, owners: Belongings) -> None:
    """Prompt, model, parameters, keys and folders: in no page, no answer and no frame that the owner gets."""
    client, ids = world.somebody(OWNER), ids_of(owners)
    told = {str(line): line.request(client, ids).text for line in MATRIX if not line.changes}
    told |= {
        f"the same of {path}": client.get(path).text for path in ("/me/search?q=cat", "/me/threads?tag=cats")
    }
    body = {"pagination": {"first": 20}, "filter": {}}
    told["threads"] = client.post("/project/threads", json=body).text
    async with Socket(world, client, threadId=owners.thread_id) as page:
        await page.begin()
        await page.emit("fetch_favorites")
    assert page.of("resume_thread")
    told["frames"] = json.dumps(page.heard)
    assert owners.reply_id in told["frames"]
    for where, text in told.items():
        secrets = (CANARY, "temperature", "0.125", str(world.database.parent), "prompt_hash", "sqlite")
        assert [secret for secret in secrets if secret in text] == [], where
