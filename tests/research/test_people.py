"""Accounts of researchers, in the room."""

import re

from data_layer.record import Record
from study.roles import ResearcherRole
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD


async def test_an_owner_lets_somebody_in(owner: Browser, record: Record) -> None:
    """The password is shown once, and works; the log says who let whom in as what."""
    page = await owner.post("/researchers", name="Vera", role="viewer")
    found = re.search(r'class="secret">([^<]+)<', page.text)
    assert found
    assert await record.researchers.with_password("Vera", found[1]) is not None
    assert found[1] not in (await owner.get("/researchers")).text
    (line, *_) = await record.audit.newest()
    assert (line["name"], line["action"], line["target"], line["details"]) == (
        "Olga",
        "researcher_added",
        "Vera",
        {"role": "viewer"},
    )


async def test_two_spellings_are_one_researcher(owner: Browser, record: Record) -> None:
    """Whoever is asked for a second time is told so; the first keeps their password."""
    answer = await owner.post("/researchers", name="  OLGA ", role="viewer")
    assert answer.status_code == 400
    assert "already" in answer.text
    assert await record.researchers.with_password("Olga", PASSWORD) is not None


async def test_the_last_owner_stays(owner: Browser, record: Record) -> None:
    """Nobody could let anybody in any more."""
    olga = await record.researchers.find("Olga")
    assert olga is not None
    demoted = await owner.post(f"/researchers/{olga.researcher_id}/role", role="viewer")
    shut_out = await owner.post(f"/researchers/{olga.researcher_id}/access")
    assert (demoted.status_code, shut_out.status_code) == (400, 400)
    assert "last owner" in demoted.text
    assert (await owner.get("/researchers")).status_code == 200


async def test_a_role_changes_at_the_next_request(owner: Browser, record: Record) -> None:
    """Not at the next sign-in."""
    await record.researchers.add("Otto", ResearcherRole.OWNER)
    olga = await record.researchers.find("Olga")
    assert olga is not None
    await owner.post(f"/researchers/{olga.researcher_id}/role", role="viewer")
    assert (await owner.get("/researchers")).status_code == 403


async def test_a_role_that_is_none_is_refused(owner: Browser, record: Record) -> None:
    """With the roles that there are."""
    answer = await owner.post("/researchers", name="Vera", role="emperor")
    assert answer.status_code == 400
    assert "viewer" in answer.text
    assert await record.researchers.find("Vera") is None


async def test_a_new_password_ends_all_sessions(owner: Browser, record: Record) -> None:
    """Of whoever changes their own as well."""
    wrong = await owner.post("/account/password", old="not it", new="another long password")
    assert wrong.status_code == 400
    short = await owner.post("/account/password", old=PASSWORD, new="short")
    assert "12 or more" in short.text
    await owner.post("/account/password", old=PASSWORD, new="another long password")
    assert (await owner.get("/account")).status_code == 303
    assert await record.researchers.with_password("Olga", "another long password") is not None


async def test_a_session_is_ended_from_another(owner: Browser, record: Record) -> None:
    """A browser that was left behind somewhere is signed out from here."""
    olga = await record.researchers.find("Olga")
    assert olga is not None
    token = await record.researchers.begin(olga, "A library's computer")
    left = await record.researchers.session(token)
    assert left is not None
    assert "A library&#39;s computer" in (await owner.get("/account")).text
    await owner.post(f"/account/sessions/{left.session_id}/end")
    assert await record.researchers.session(token) is None
    assert (await owner.get("/account")).status_code == 200


async def test_anothers_session_is_not_ended(owner: Browser, record: Record) -> None:
    """An id that somebody has come to know ends nothing."""
    await record.researchers.add("Otto", ResearcherRole.OWNER)
    otto = await record.researchers.find("Otto")
    assert otto is not None
    token = await record.researchers.begin(otto, None)
    session = await record.researchers.session(token)
    assert session is not None
    await owner.post(f"/account/sessions/{session.session_id}/end")
    assert await record.researchers.session(token) is not None
