"""One-time codes in the room: on, asked for, off."""

import re

import pytest

from data_layer.people import totp
from data_layer.record import Record
from tests.fakes import HandClock
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD
from tests.research.test_sign_in import actions

ROOM = "verbatim_research"


async def set_up(owner: Browser) -> str:
    """The secret that the account page shows."""
    await owner.post("/account/codes/begin", password=PASSWORD)
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', (await owner.get("/account")).text)
    assert found
    return found[1].replace(" ", "")


def shown(secret: str, clock: HandClock) -> str:
    """What the app shows."""
    return totp.code_of(secret, totp.time_step_of(clock()))


@pytest.fixture
async def secret(owner: Browser, clock: HandClock) -> str:
    """Of an owner whose codes are on, and who has signed out; the next code is free."""
    secret = await set_up(owner)
    assert (await owner.post("/account/codes/confirm", code=shown(secret, clock))).status_code == 303
    await owner.post("/logout")
    clock.forward(60)
    return secret


async def password_step(browser: Browser, next_page: str = "") -> str:
    """Give the password, and get the ticket."""
    form = {"name": "Olga", "password": PASSWORD, "next": next_page}
    page = await browser.client.post("/research/login", data=form)
    found = re.search(r'name="ticket" value="([^"]+)"', page.text)
    assert page.status_code == 200
    assert found
    return found[1]


async def test_the_secret_is_shown_as_picture_and_text(owner: Browser, clock: HandClock) -> None:
    """Until the first right code; after it no page holds it."""
    secret = await set_up(owner)
    page = (await owner.get("/account")).text
    assert '<img class="qr" src="data:image/svg+xml' in page
    wrong = await owner.post("/account/codes/confirm", code="12345")
    assert wrong.status_code == 400
    assert "not right" in wrong.text
    await owner.post("/account/codes/confirm", code=shown(secret, clock))
    after = (await owner.get("/account")).text
    assert "On since" in after
    assert secret[:4] not in after
    assert "qr" not in after


async def test_nobody_sets_codes_up_at_an_open_browser(owner: Browser, record: Record) -> None:
    """It needs the password: else its owner would be locked out."""
    answer = await owner.post("/account/codes/begin", password="a guess")
    assert answer.status_code == 400
    assert "nothing was changed" in answer.text
    olga = await record.researchers.find("Olga")
    assert olga is not None
    assert await record.one_time_codes.waiting_secret(olga.researcher_id) is None


@pytest.mark.usefixtures("secret")
async def test_the_password_alone_opens_nothing(stranger: Browser, record: Record) -> None:
    """No cookie, no page, no line that somebody signed in; and the ticket is no session."""
    before = await actions(record)
    ticket = await password_step(stranger)
    assert ROOM not in stranger.client.cookies
    stranger.client.cookies.set(ROOM, ticket, path="/research")
    assert (await stranger.get("/account")).status_code == 303
    assert await actions(record) == before


async def test_password_and_code_lead_to_the_page_that_was_asked_for(
    stranger: Browser, secret: str, clock: HandClock
) -> None:
    """And to no other site."""
    ticket = await password_step(stranger)
    form = {"ticket": ticket, "code": shown(secret, clock), "next": "/research/audit"}
    entered = await stranger.client.post("/research/login/code", data=form)
    assert (entered.status_code, entered.headers["location"]) == (303, "/research/audit")
    assert (await stranger.get("/account")).status_code == 200
    clock.forward(30)
    form |= {"code": shown(secret, clock), "next": "//evil.example"}
    entered = await stranger.client.post("/research/login/code", data=form)
    assert entered.headers["location"] == "/research/"


async def test_a_code_opens_once(stranger: Browser, secret: str, clock: HandClock, record: Record) -> None:
    """Whoever looked over the shoulder, and knows the password, comes too late; the log holds it."""
    form = {"ticket": await password_step(stranger), "code": shown(secret, clock)}
    assert (await stranger.client.post("/research/login/code", data=form)).status_code == 303
    again = await stranger.client.post("/research/login/code", data=form)
    assert again.status_code == 401
    assert "used before" in again.text
    assert (await actions(record))[-2:] == ["signed_in", "code_refused"]


async def test_codes_cannot_be_tried_one_after_another(
    stranger: Browser, secret: str, clock: HandClock
) -> None:
    """A new ticket gives no new attempts: the sixth code of a minute waits, also when it is right."""
    for _ in range(5):
        form = {"ticket": await password_step(stranger), "code": "000 00"}
        assert (await stranger.client.post("/research/login/code", data=form)).status_code == 401
    form = {"ticket": await password_step(stranger), "code": shown(secret, clock)}
    answer = await stranger.client.post("/research/login/code", data=form)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "Wait" in answer.text


@pytest.mark.usefixtures("secret")
async def test_a_code_without_a_password_is_asked_for_one(stranger: Browser) -> None:
    """With a ticket that nobody gave, or an old one."""
    for ticket in ("", "forged", "a.1.b"):
        answer = await stranger.client.post("/research/login/code", data={"ticket": ticket, "code": "1"})
        assert answer.status_code == 401
        assert 'name="password"' in answer.text


async def test_codes_are_turned_off_with_the_password(
    stranger: Browser, secret: str, clock: HandClock, record: Record
) -> None:
    """And not without; the log tells of both ends."""
    form = {"ticket": await password_step(stranger), "code": shown(secret, clock)}
    await stranger.client.post("/research/login/code", data=form)
    found = re.search(r'name="csrf" value="(\w+)"', (await stranger.get("/account")).text)
    assert found
    stranger.csrf = found[1]
    assert (await stranger.post("/account/codes/off", password="a guess")).status_code == 400
    assert "On since" in (await stranger.get("/account")).text
    await stranger.post("/account/codes/off", password=PASSWORD)
    assert "On since" not in (await stranger.get("/account")).text
    assert [one for one in await actions(record) if "codes" in one] == ["own_codes_on", "own_codes_off"]


async def test_an_owner_turns_a_lost_phones_codes_off(
    stranger: Browser, secret: str, clock: HandClock, record: Record
) -> None:
    """The log says who did it for whom."""
    form = {"ticket": await password_step(stranger), "code": shown(secret, clock)}
    await stranger.client.post("/research/login/code", data=form)
    page = (await stranger.get("/researchers")).text
    found = re.search(r'action="/research(/researchers/[^/]+/codes-off)"', page)
    token = re.search(r'name="csrf" value="(\w+)"', page)
    assert found
    assert token
    stranger.csrf = token[1]
    assert (await stranger.post(found[1])).status_code == 303
    assert "codes-off" not in (await stranger.get("/researchers")).text
    (line, *_) = await record.audit.newest()
    assert (line["action"], line["target"]) == ("researcher_codes_off", "Olga")
