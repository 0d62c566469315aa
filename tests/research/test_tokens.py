"""Tokens for programs on the account's page: made with the password, shown once, revoked."""

import hashlib
import re

from data_layer.record import Record
from study.roles import ResearcherRole
from tests.data_layer.rows import rows
from tests.fakes import HandClock
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD

ASKED = {
    "name": "R in the lab",
    "scope": ["read:threads", "make:exports"],
    "days": "30",
    "password": PASSWORD,
}


def token_in(page: str) -> str:
    """The token that a page shows."""
    found = re.search(r"vbt_[\w-]{43}", page)
    assert found is not None, page
    return found[0]


async def test_a_token_is_shown_once_and_kept_as_a_digest(owner: Browser, record: Record) -> None:
    """The page that answers has it; no later page, and no table."""
    assert "You have no token yet." in (await owner.get("/account")).text
    token = token_in((await owner.post("/account/tokens", **ASKED)).text)
    later = (await owner.get("/account")).text
    assert "R in the lab" in later
    assert "vbt_" not in later
    (kept,) = await rows(record, "researcher_tokens")
    assert kept["token_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(await rows(record, "audit_log"))
    assert kept["scopes"] == ["read:threads", "make:exports"]
    assert (kept["expires_at"] - kept["created_at"]).days == 30
    made = [line for line in await rows(record, "audit_log") if line["action"] == "token_made"]
    assert [line["target"] for line in made] == ["R in the lab"]


async def test_a_token_is_made_by_who_knows_the_password(owner: Browser, record: Record) -> None:
    """Whoever sits at a browser that somebody left open makes none; what they had typed stays typed."""
    answer = await owner.post("/account/tokens", **(ASKED | {"password": "wrong horse battery"}))
    assert answer.status_code == 400
    assert "The present password is not right" in answer.text
    assert 'value="R in the lab"' in answer.text
    assert await rows(record, "researcher_tokens") == []


async def test_a_token_needs_a_name_of_its_own_and_a_use(owner: Browser, record: Record) -> None:
    """The audit log tells tokens apart by their names."""
    await owner.post("/account/tokens", **ASKED)
    for wrong in (
        {},
        {"name": " r IN the  lab"},
        {"name": " "},
        {"name": "x" * 61},
        {"name": "B", "scope": []},
    ):
        answer = await owner.post("/account/tokens", **(ASKED | wrong))
        assert (answer.status_code, 'role="alert"' in answer.text) == (400, True), wrong
    for days in ("", "0", "-1", "3650", "30.0"):
        assert (
            await owner.post("/account/tokens", **(ASKED | {"name": "C", "days": days}))
        ).status_code == 400
    assert len(await rows(record, "researcher_tokens")) == 1


async def test_a_token_is_revoked_at_once(owner: Browser, record: Record) -> None:
    """It is off the list, finds nobody, and the log says who revoked which."""
    token = token_in((await owner.post("/account/tokens", **ASKED)).text)
    assert await record.researcher_tokens.find(token) is not None
    (kept,) = await rows(record, "researcher_tokens")
    answer = await owner.post(f"/account/tokens/{kept['token_id']}/revoke")
    assert (answer.status_code, answer.headers["location"]) == (303, "/research/account#tokens")
    assert await record.researcher_tokens.find(token) is None
    assert "You have no token yet." in (await owner.get("/account")).text
    assert (await owner.post(f"/account/tokens/{kept['token_id']}/revoke")).status_code == 404
    lines = [line for line in await rows(record, "audit_log") if line["action"] == "token_revoked"]
    assert [line["target"] for line in lines] == ["R in the lab"]


async def test_nobody_revokes_anothers_token(owner: Browser, record: Record, stranger: Browser) -> None:
    """Another's id answers as an unknown one."""
    token = token_in((await owner.post("/account/tokens", **ASKED)).text)
    (kept,) = await rows(record, "researcher_tokens")
    await record.researchers.add("Rosa", ResearcherRole.RESEARCHER, PASSWORD)
    await owner.post("/logout")
    await stranger.sign_in("Rosa", PASSWORD)
    assert (await stranger.post(f"/account/tokens/{kept['token_id']}/revoke")).status_code == 404
    assert "R in the lab" not in (await stranger.get("/account")).text
    assert await record.researcher_tokens.find(token) is not None


async def test_a_token_that_is_over_says_so(owner: Browser, record: Record, clock: HandClock) -> None:
    """It stays on the list until it is revoked, so that whoever wonders sees why it opens nothing."""
    await owner.post("/account/tokens", **(ASKED | {"days": "7"}))
    clock.forward(7 * 86_400)
    await owner.sign_in("Olga", PASSWORD)
    page = (await owner.get("/account")).text
    assert "R in the lab" in page
    assert '<span class="quiet">over</span>' in page


async def test_a_page_offers_what_a_role_may(owner: Browser, record: Record, stranger: Browser) -> None:
    """A coder is not offered to make exports."""
    await record.researchers.add("Carla", ResearcherRole.CODER, PASSWORD)
    assert 'value="make:exports"' in (await owner.get("/account")).text
    await owner.post("/logout")
    await stranger.sign_in("Carla", PASSWORD)
    page = (await stranger.get("/account")).text
    assert 'value="read:threads"' in page
    assert 'value="make:exports"' not in page


async def test_what_is_no_token_finds_nobody(owner: Browser, record: Record) -> None:
    """A part of one, one with more behind it, one in another spelling, and a digest."""
    token = token_in((await owner.post("/account/tokens", **ASKED)).text)
    (kept,) = await rows(record, "researcher_tokens")
    for wrong in (token[:-1], f"{token}x", token.swapcase(), f"{token}\n", "", "vbt_", kept["token_hash"]):
        assert await record.researcher_tokens.find(wrong) is None, wrong
