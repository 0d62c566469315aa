"""Coming in and going out over the API: each way in, tokens that end, and cookies of the page."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from api.app import api_app
from api.context import ApiContext, SignedIn
from api.tokens import ACCESS_LASTS, make_token
from data_layer.people.links import link_token
from data_layer.people.participants import ACCOUNT
from data_layer.record import Record
from study.codes import make_code
from study.participation import PROLIFIC, Login
from study.vocabulary import StudyState
from tests.api.conftest import SECRET
from tests.api.server import Client, served
from tests.data_layer.rows import count, rows
from tests.fakes import HandClock

KEY = {"Idempotency-Key": "6f0c1d6e-5c53-4b6f-9e3a-2f1f8c0e7a11"}


@asynccontextmanager
async def door(
    context: ApiContext, mode: str = "claim", *, parameters: Sequence[str] = PROLIFIC, **other: Any
) -> AsyncIterator[Client]:
    """The API of a study with another way in."""
    study, login = context.study, Login(mode=mode, parameters=tuple(parameters))  # type: ignore[arg-type]
    definition = study.definition.model_copy(update={"login": login})
    changed = replace(context, study=replace(study, definition=definition), **other)
    async with served(api_app(changed)) as base:
        client = Client(base)
        async with client.http:
            yield client


async def login(client: Client, name: str, password: str = "", **headers: str) -> Any:
    """Try to come in."""
    return await client.http.post(
        "/auth/login", data={"username": name, "password": password}, headers=headers
    )


async def test_a_code_shown_often_adds_nothing(program: Callable[[], Client], record: Record) -> None:
    """A program keeps no cookie: nothing is kept of it, however often it comes in."""
    code = str((await program().sign_in("Bob"))["resume_code"])
    await record.writer.flush()
    before = await count(record, "identities")
    for _ in range(3):
        await program().sign_in("Bob", code)
    await record.writer.flush()
    assert await count(record, "identities") == before


async def test_a_claim_is_sent_again_under_its_key(program: Callable[[], Client]) -> None:
    """The answer that told the code was lost: the same request tells it once more, and no other does."""
    first = await login(program(), "Bob", **KEY)
    again = await login(program(), "Bob", **KEY)
    assert (again.status_code, again.json()["resume_code"]) == (200, first.json()["resume_code"])
    other = {"Idempotency-Key": "another-key-of-somebody-else-who-guesses"}
    assert (await login(program(), "Bob", **other)).status_code == 409
    assert (await login(program(), "Bob", **{"Idempotency-Key": "short"})).status_code == 422


async def test_codes_cannot_be_guessed(program: Callable[[], Client]) -> None:
    """After a few wrong ones a name takes none for a while, the right one neither."""
    code = str((await program().sign_in("Bob"))["resume_code"])
    tried = [(await login(program(), "Bob", f"wrong-{one}")).status_code for one in range(6)]
    assert tried == [403, 403, 403, 403, 403, 429]
    late = await login(program(), "Bob", code)
    assert (late.status_code, int(late.headers["retry-after"]) > 0) == (429, True)


async def test_a_name_that_is_none_is_refused(program: Callable[[], Client]) -> None:
    """With the sentence that the page says."""
    refused = await login(program(), "   ")
    assert (refused.status_code, refused.json()["code"]) == (422, "entry_name_empty")


async def test_open_mode_takes_any_name(context: ApiContext) -> None:
    """The same name is the same person; there is no code."""
    async with door(context, "open") as client:
        first, second = await login(client, "Bob"), await login(client, "bob", "whatever")
        assert first.json()["participant_id"] == second.json()["participant_id"]
        assert first.json()["resume_code"] is None


async def test_link_mode_takes_the_token_of_a_link(context: ApiContext) -> None:
    """Signed by this server for this study, and nothing else."""
    study_id, link_id = context.study.definition.id, make_code()
    token = link_token(link_id, secret=SECRET, study_id=study_id)
    forged = link_token(link_id, secret="another secret, long enough", study_id=study_id)
    async with door(context, "link") as client:
        first, second = await login(client, "", token), await login(client, "whoever", token)
        assert first.json()["participant_id"] == second.json()["participant_id"]
        assert [(await login(client, "Bob", one)).status_code for one in ("", "Bob", forged)] == [404] * 3


async def recruited(client: Client, person: str, code: str = "", headers: Any = None, **more: str) -> Any:
    """Try to come in from a recruiting service."""
    came = {"parameters": {"PROLIFIC_PID": person, **more}, "code": code}
    return await client.http.post("/auth/enter", json=came, headers=headers)


async def test_link_mode_takes_a_recruiting_services_parameters(context: ApiContext, record: Record) -> None:
    """The first names the person, the study's others are kept with it, and whatever else came is not."""
    async with door(context, "link") as client:
        assert (await client.http.get("/study")).json()["parameters"] == list(PROLIFIC)
        came = await recruited(client, "p1", STUDY_ID="s1", utm_source="mail")
        assert came.status_code == 200, came.text
        client.http.headers["Authorization"] = f"Bearer {came.json()['access_token']}"
        assert (await client.http.get("/me")).json()["resume_code"] == came.json()["resume_code"]
        await record.writer.flush()
        kept = {(row["kind"], row["value"]) for row in await rows(record, "identities")}
        assert {("prolific_pid", "p1"), ("study_id", "s1")} <= kept
        assert "mail" not in str(kept)


async def test_a_known_id_of_a_service_is_no_key(context: ApiContext) -> None:
    """From the second time on it needs the resume code; sent again under its key it is the same time."""
    async with door(context, "link") as client:
        first = await recruited(client, "p1", headers=KEY)
        again = await recruited(client, "p1", headers=KEY)
        assert again.json()["resume_code"] == first.json()["resume_code"] is not None
        refused = await recruited(client, "p1")
        assert (refused.status_code, refused.json()["code"]) == (409, "entry_link_in_use")
        assert (await recruited(client, "p1", "wrong")).json()["code"] == "entry_wrong_code"
        right = await recruited(client, "p1", first.json()["resume_code"])
        assert right.json()["participant_id"] == first.json()["participant_id"]
        assert (await recruited(client, "p2")).json()["participant_id"] != first.json()["participant_id"]


@pytest.mark.parametrize("person", ["", " ", "{{%PROLIFIC_PID%}}", "a b", "x" * 201, "p\x00"])
async def test_a_service_that_names_nobody_leads_nowhere(
    context: ApiContext, record: Record, person: str
) -> None:
    """As at the page's own door: a placeholder that nobody filled in is no person, and nobody is made."""
    before = await count(record, "participants")
    async with door(context, "link") as client:
        assert (await recruited(client, person)).status_code == 422
        assert (await client.http.post("/auth/enter", json={"parameters": {}})).status_code == 422
    async with door(context, "link", parameters=()) as client:
        assert (await recruited(client, "p1")).status_code == 422
    async with door(context, "claim") as client:
        other = await recruited(client, "p1")
        assert (other.status_code, other.json()["code"]) == (409, "another_way")
    assert await count(record, "participants") == before


async def test_a_closed_study_takes_nobody_from_a_service(context: ApiContext, record: Record) -> None:
    """Paused, nobody new; ended, nobody: and nothing is left of them."""
    async with door(context, "link") as client:
        code = (await recruited(client, "p1")).json()["resume_code"]
        await record.controls.change(StudyState.PAUSED, None, "operator")
        assert (await recruited(client, "p2")).json()["code"] == "closing_paused"
        assert (await recruited(client, "p1", code)).status_code == 200
        await record.controls.change(StudyState.ENDED, None, "operator")
        assert (await recruited(client, "p1", code)).json()["code"] == "closing_ended"


async def test_password_mode_takes_accounts(context: ApiContext, record: Record) -> None:
    """With their password; what there is no account for answers as a wrong password does."""
    person = await record.enter("bob", "bob", ACCOUNT, ACCOUNT)
    await record.passwords.give(person.participant_id, "right horse battery")
    async with door(context, "password") as client:
        assert (await login(client, "bob", "right horse battery")).status_code == 200
        wrong, unknown = await login(client, "bob", "wrong"), await login(client, "eve", "wrong")
        assert (wrong.status_code, wrong.json()) == (403, unknown.json())


async def test_a_study_that_is_closed_lets_nobody_in(program: Callable[[], Client], record: Record) -> None:
    """Paused, nobody new; ended, nobody: as at the page's own door, and nothing is left of them."""
    code = str((await program().sign_in("Bob"))["resume_code"])
    await record.controls.change(StudyState.PAUSED, None, "operator")
    assert (await login(program(), "Eve")).json()["code"] == "closing_paused"
    assert (await login(program(), "Bob", code)).status_code == 200
    await record.controls.change(StudyState.ENDED, None, "operator")
    assert (await login(program(), "Bob", code)).json()["code"] == "closing_ended"
    assert await count(record, "participants") == 1


async def test_an_access_token_ends_and_is_renewed(ada: Client, clock: HandClock) -> None:
    """After an hour it opens nothing; the other token gives a new one, and does not open anything itself."""
    clock.forward(ACCESS_LASTS.total_seconds() + 1)
    ended = await ada.http.get("/threads")
    assert (ended.status_code, ended.headers["www-authenticate"]) == (401, "Bearer")
    refresh = str(ada.tokens["refresh_token"])
    ada.http.headers["Authorization"] = f"Bearer {refresh}"
    assert (await ada.http.get("/threads")).status_code == 401
    renewed = await ada.http.post("/auth/refresh", data={"refresh_token": refresh})
    ada.http.headers["Authorization"] = f"Bearer {renewed.json()['access_token']}"
    assert (await ada.http.get("/threads")).status_code == 200
    access = {"refresh_token": renewed.json()["access_token"]}
    assert (await ada.http.post("/auth/refresh", data=access)).status_code == 401


async def test_a_sign_in_ends_for_good(ada: Client, clock: HandClock) -> None:
    """After the days that one lasts no token of it is renewed."""
    clock.forward(timedelta(days=15, seconds=1).total_seconds())
    refresh = {"refresh_token": str(ada.tokens["refresh_token"])}
    assert (await ada.http.post("/auth/refresh", data=refresh)).status_code == 401


async def test_signing_out_ends_every_token_of_a_sign_in(ada: Client, program: Callable[[], Client]) -> None:
    """Old and new ones; another sign-in of the same participant goes on."""
    other = program()
    await other.sign_in("Ada", str(ada.tokens["resume_code"]))
    refresh = {"refresh_token": str(ada.tokens["refresh_token"])}
    newer = (await ada.http.post("/auth/refresh", data=refresh)).json()["access_token"]
    assert (await ada.http.post("/auth/logout")).status_code == 204
    for token in (ada.tokens["access_token"], newer):
        bearer = {"Authorization": f"Bearer {token}"}
        assert (await ada.http.get("/threads", headers=bearer)).status_code == 401
    assert (await ada.http.post("/auth/refresh", data=refresh)).status_code == 401
    assert (await other.http.get("/threads")).status_code == 200


def claims(who: SignedIn, **other: Any) -> dict[str, Any]:
    """What a token says."""
    usual = {
        "iss": "verbatim-api",
        "sub": who.participant_id,
        "sid": who.sign_in_id,
        "use": "access",
        "exp": 2**33,
    }
    return usual | other


@pytest.mark.parametrize("forged", ["none", "page", "other", "garbage", "empty", "anothers"])
async def test_a_token_that_is_not_ours_opens_nothing(
    ada: Client, forged: str, program: Callable[[], Client]
) -> None:
    """Unsigned, signed with the page's own key or another server's, torn, or for another's sign-in."""
    read = jwt.decode(str(ada.tokens["access_token"]), options={"verify_signature": False})
    who = SignedIn(read["sub"], read["sid"])
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    eve = await program().sign_in("Eve")
    token = {
        "none": lambda: jwt.encode(claims(who), "", "none"),
        "page": lambda: jwt.encode(claims(who), SECRET),
        "other": lambda: make_token("another secret, long enough", who, "access", now, ACCESS_LASTS),
        "garbage": lambda: "a.b.c",
        "empty": lambda: "..",
        "anothers": lambda: make_token(
            SECRET, SignedIn(str(eve["participant_id"]), who.sign_in_id), "access", now, ACCESS_LASTS
        ),
    }[forged]()
    answer = await ada.http.get("/threads", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_a_cookie_changes_something_only_from_a_page_of_ours(context: ApiContext, ada: Client) -> None:
    """A browser sends it along from any page, and names the page's origin where something changes."""
    read = jwt.decode(str(ada.tokens["access_token"]), options={"verify_signature": False})
    async with door(context, read_cookie=lambda _: (read["sub"], read["sid"])) as client:
        own = str(client.http.base_url).partition("/api")[0]
        assert (await client.http.get("/threads")).status_code == 200
        tried = [
            await client.http.post("/threads", json={}, headers=headers)
            for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": own})
        ]
        assert [one.status_code for one in tried] == [403, 403, 403, 201]
        assert (await client.http.delete("/threads?confirm=true")).status_code == 403


async def test_no_name_of_anybody_stands_in_a_token(ada: Client, record: Record) -> None:
    """A pseudonym and a sign-in: whoever sees one knows nobody."""
    read = jwt.decode(str(ada.tokens["access_token"]), options={"verify_signature": False})
    assert set(read) == {"iss", "sub", "sid", "use", "iat", "exp"}
    assert [row["sign_in_id"] for row in await rows(record, "sign_ins")] == [read["sid"]]
