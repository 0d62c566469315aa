"""The way into the researchers' room, and the way out."""

import pytest

from data_layer.record import Record
from study.roles import ResearcherRole
from tests.fakes import HandClock
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD


async def actions(record: Record) -> list[str]:
    """What the audit log holds, the first line first."""
    return [line["action"] for line in reversed(await record.audit.newest())]


async def test_a_researcher_comes_in_and_goes(owner: Browser, record: Record) -> None:
    """Signing out ends the session on the server: a copied cookie is worth nothing after it."""
    assert (await owner.get("/account")).status_code == 200
    copied = dict(owner.client.cookies)
    assert (await owner.post("/logout")).headers["location"] == "/research/login"
    owner.client.cookies.update(copied)
    assert (await owner.get("/account")).status_code == 303
    assert await actions(record) == ["signed_in", "signed_out"]


async def test_nobody_comes_in_with_a_wrong_password(stranger: Browser, record: Record) -> None:
    """The refusal is the same for a name that nobody has; both are in the audit log."""
    await record.researchers.add("Olga", ResearcherRole.OWNER, PASSWORD)
    wrong = await stranger.sign_in("Olga", "not the password")
    nobody = await stranger.sign_in("Nobody", "not the password")
    assert (wrong.status_code, nobody.status_code) == (401, 401)
    assert wrong.text.replace("Olga", "?") == nobody.text.replace("Nobody", "?")
    assert await actions(record) == ["sign_in_refused", "sign_in_refused"]


async def test_passwords_cannot_be_tried_one_after_another(stranger: Browser, record: Record) -> None:
    """The sixth attempt of a minute is not compared, also when it is right, and says how long to wait."""
    await record.researchers.add("Olga", ResearcherRole.OWNER, PASSWORD)
    for _ in range(5):
        assert (await stranger.sign_in("Olga", "a guess")).status_code == 401
    answer = await stranger.sign_in("Olga", PASSWORD)
    assert answer.status_code == 429
    assert "seconds" in answer.text
    assert int(answer.headers["retry-after"]) > 0


async def test_a_session_ends_by_itself(owner: Browser, clock: HandClock) -> None:
    """Twelve hours after it began."""
    clock.forward(12 * 3600)
    assert (await owner.get("/account")).headers["location"].startswith("/research/login")


async def test_a_researcher_who_is_shut_out_is_out_at_once(owner: Browser, record: Record) -> None:
    """Not when the session would have ended."""
    olga = await record.researchers.find("olga")
    await record.researchers.add("Otto", ResearcherRole.OWNER)
    assert olga is not None
    await record.researchers.disable(olga.researcher_id)
    assert (await owner.get("/account")).status_code == 303


async def test_the_way_in_leads_to_the_page_that_was_asked_for(stranger: Browser, record: Record) -> None:
    """With its parameters."""
    await record.researchers.add("Olga", ResearcherRole.OWNER, PASSWORD)
    asked = await stranger.get("/audit?before=7")
    assert asked.headers["location"] == "/research/login?next=%2Fresearch%2Faudit%3Fbefore%3D7"
    entered = await stranger.sign_in("Olga", PASSWORD, "/research/audit?before=7")
    assert entered.headers["location"] == "/research/audit?before=7"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/research//evil.example",
        "/research/\r\nX: y",
    ],
)
async def test_the_way_in_leads_nowhere_else(stranger: Browser, record: Record, elsewhere: str) -> None:
    """A link to the sign-in page cannot send a researcher to another site."""
    await record.researchers.add("Olga", ResearcherRole.OWNER, PASSWORD)
    entered = await stranger.sign_in("Olga", PASSWORD, elsewhere)
    assert entered.headers["location"] == "/research/"


async def test_the_cookie_is_for_the_room_alone(stranger: Browser, record: Record) -> None:
    """Out of scripts' reach, not sent from other sites, not sent to the participants' page."""
    await record.researchers.add("Olga", ResearcherRole.OWNER, PASSWORD)
    cookie = (await stranger.sign_in("Olga", PASSWORD)).headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/research"))
    secure = await stranger.client.post(
        "https://study.example/research/login", data={"name": "Olga", "password": PASSWORD}
    )
    assert "secure" in secure.headers["set-cookie"].lower()


async def test_only_hashes_are_kept(owner: Browser, record: Record) -> None:
    """Neither a password nor a session's token stands in the database."""
    async with record.database.engine.connect() as connection:
        kept = ""
        for table in ("researchers", "researcher_sessions", "audit_log"):
            kept += repr((await connection.exec_driver_sql(f"SELECT * FROM {table}")).all())
    assert PASSWORD not in kept
    assert owner.client.cookies["verbatim_research"] not in kept


async def test_a_name_is_text(stranger: Browser) -> None:
    """Also in the form that refuses it."""
    answer = await stranger.sign_in("<script>alert(1)</script>", "wrong")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text
