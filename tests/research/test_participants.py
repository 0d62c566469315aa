"""Participants in the room: pseudonyms for all who read, names on a click for those who may."""

import pytest

from data_layer.record import Record
from study.roles import ResearcherRole
from tests.data_layer.rows import begin_thread, new_id
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD

NAME = "Ada <i>Lovelace</i>"


@pytest.fixture
async def ada(record: Record) -> str:
    """A participant with a thread."""
    person = await record.enter(NAME, "ada")
    await begin_thread(record, owner=person.participant_id)
    return person.participant_id


async def actions(record: Record) -> list[tuple[str, str]]:
    """The newest lines of the audit log, the last first."""
    return [(line["action"], line["target"]) for line in await record.audit.newest()]


async def test_a_participant_is_a_pseudonym(owner: Browser, record: Record, ada: str) -> None:
    """On the list and on their own page no name stands, and reading the page is noted."""
    for path in ("/participants", f"/participants/{ada}"):
        page = (await owner.get(path)).text
        assert ada in page
        assert "Lovelace" not in page
    assert (await actions(record))[0] == ("participant_read", ada)


async def test_who_it_is_is_told_on_a_click_and_noted(owner: Browser, record: Record, ada: str) -> None:
    """As text, in the answer to a form: no address leads to a name."""
    answer = await owner.post(f"/participants/{ada}/identity")
    assert "Ada &lt;i&gt;Lovelace&lt;/i&gt;" in answer.text
    assert (await actions(record))[0] == ("identity_read", ada)
    assert (await owner.get(f"/participants/{ada}/identity")).status_code in (404, 405)
    assert "Lovelace" not in (await owner.get(f"/participants/{ada}")).text


@pytest.mark.parametrize(
    ("role", "sees"), [(ResearcherRole.RESEARCHER, True), (ResearcherRole.VIEWER, False)]
)
async def test_a_viewer_is_offered_no_name(
    stranger: Browser, record: Record, ada: str, role: ResearcherRole, sees: bool
) -> None:
    """Nor told one; a researcher is. The form is where the right is."""
    await record.researchers.add("Vera", role, PASSWORD)
    await stranger.sign_in("Vera", PASSWORD)
    page = (await stranger.get(f"/participants/{ada}")).text
    assert ("/identity" in page) is sees
    answer = await stranger.post(f"/participants/{ada}/identity")
    assert answer.status_code == (200 if sees else 403)
    assert ("Lovelace" in answer.text) is sees


async def test_a_coder_sees_no_participant(stranger: Browser, record: Record, ada: str) -> None:
    """Neither the list nor one of them."""
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    await stranger.sign_in("Cora", PASSWORD)
    for path in ("/participants", f"/participants/{ada}"):
        assert (await stranger.get(path)).status_code == 403
    assert (await stranger.post(f"/participants/{ada}/identity")).status_code == 403


async def test_who_has_withdrawn_has_no_name(owner: Browser, record: Record, ada: str) -> None:
    """The page says that they have, and offers nothing."""
    await record.withdrawals.withdraw(ada, "participant")
    page = (await owner.get(f"/participants/{ada}")).text
    assert "Withdrawn at" in page
    assert "/identity" not in page
    assert "/research/withdrawals?participant" not in page


async def test_lists_are_of_a_standing(owner: Browser, ada: str) -> None:
    """One that there is none of shows everybody."""
    assert ada in (await owner.get("/participants?standing=under%20way")).text
    assert ada not in (await owner.get("/participants?standing=finished")).text
    assert ada in (await owner.get("/participants?standing=nonsense&after=nonsense")).text


async def test_nobody_is_no_page(owner: Browser) -> None:
    """With a sentence."""
    answer = await owner.get(f"/participants/{new_id()}")
    assert answer.status_code == 404
    assert "There is no such participant." in answer.text


async def test_a_thread_leads_to_its_participant(owner: Browser, record: Record, ada: str) -> None:
    """By the pseudonym; the overview leads to the lists."""
    thread = await begin_thread(record, owner=ada)
    assert f'href="/research/participants/{ada}"' in (await owner.get(f"/threads/{thread}")).text
    assert "/research/participants?standing=abandoned" in (await owner.get("/")).text
