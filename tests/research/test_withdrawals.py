"""A researcher withdraws a participant: a question with figures, the act, the list, the empty thread."""

import pytest

from data_layer.record import Record
from study.roles import ResearcherRole
from tests.data_layer.rows import ADA, BOB, begin_thread
from tests.data_layer.said_by_ada import EXPORT, MARKER, OWN_PROMPT, leave_files, rows_with, say_everything
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD


@pytest.fixture
async def thread_id(record: Record) -> str:
    """ADA's, with a marker in everything, and an export that may have held it."""
    thread = await say_everything(record, ADA, MARKER, OWN_PROMPT)
    await leave_files(record)
    return thread


async def test_the_question_says_what_would_go(owner: Browser, record: Record, thread_id: str) -> None:
    """Threads, messages, files, and the exports concerned; looking erases nothing and shows no word."""
    page = (await owner.get(f"/withdrawals/ask?participant={ADA}")).text
    for name, n in (("Threads", 1), ("Messages", 3), ("Files", 1)):
        assert f'<th scope="row">{name}</th><td>{n}</td>' in page
    assert "Olga" in page
    assert MARKER not in page
    assert await rows_with(record, MARKER) != []


async def test_a_researcher_withdraws_a_participant(owner: Browser, record: Record, thread_id: str) -> None:
    """The tombstone is shown, the list has it, and the log says who did it to whom, without content."""
    refused = await owner.post("/withdrawals", participant=ADA)
    assert refused.status_code == 400
    assert await rows_with(record, MARKER) != []
    done = await owner.post("/withdrawals", participant=ADA, sure="yes")
    assert done.status_code == 303
    row = await record.withdrawals.of_participant(ADA)
    assert row is not None
    assert done.headers["location"] == f"/research/withdrawals/{row['withdrawal_id']}"
    assert await rows_with(record, MARKER) == []
    page = (await owner.get(f"/withdrawals/{row['withdrawal_id']}")).text
    assert EXPORT not in page
    assert "Asked for by <bdi>Olga</bdi>" in page
    listed = (await owner.get("/withdrawals")).text
    assert row["withdrawal_id"] in listed
    line = next(one for one in await record.audit.newest() if one["action"] == "participant_withdrawn")
    assert (line["name"], line["target"], line["details"]) == ("Olga", ADA, None)


async def test_a_second_press_shows_the_first_withdrawal(owner: Browser, record: Record) -> None:
    """Nobody is withdrawn twice, and nobody is told of an error."""
    participant = await record.enter("Ada", "ada")
    first = await owner.post("/withdrawals", participant=participant.participant_id, sure="yes")
    second = await owner.post("/withdrawals", participant=participant.participant_id, sure="yes")
    asked = await owner.get(f"/withdrawals/ask?participant={participant.participant_id}")
    assert first.headers["location"] == second.headers["location"] == asked.headers["location"]


async def test_who_is_not_there_is_told(owner: Browser) -> None:
    """A pseudonym that nobody has, and what is none: a sentence that names the repair."""
    for asked in (BOB, "nobody", "<script>x</script>"):
        answer = await owner.get(f"/withdrawals/ask?participant={asked}")
        assert answer.status_code == 404
        assert "Copy the pseudonym" in answer.text
        assert "<script>x" not in answer.text
    assert (await owner.post("/withdrawals", participant=BOB, sure="yes")).status_code == 404


async def test_a_withdrawn_thread_says_so(owner: Browser, record: Record, thread_id: str) -> None:
    """Opened in the room it says when; the table of threads, its search and the overview go on."""
    assert "Withdraw this participant" in (await owner.get(f"/threads/{thread_id}")).text
    await begin_thread(record, "somebody else's", BOB)
    await record.withdrawals.withdraw(ADA, "participant")
    page = (await owner.get(f"/threads/{thread_id}")).text
    assert "all that was said here has been erased" in page
    assert MARKER not in page
    assert "Withdraw this participant" not in page
    for address in ("/", "/threads", "/threads?state=withdrawn", f"/threads?q={MARKER}", "/live", "/exports"):
        assert (address, (await owner.get(address)).status_code) == (address, 200)


@pytest.mark.parametrize("role", [ResearcherRole.CODER, ResearcherRole.VIEWER])
async def test_others_withdraw_nobody(
    stranger: Browser, record: Record, thread_id: str, role: ResearcherRole
) -> None:
    """Neither the pages nor the act, and no link to them on a thread."""
    await record.researchers.add("Vera", role, PASSWORD)
    await stranger.sign_in("Vera", PASSWORD)
    for address in ("/withdrawals", f"/withdrawals/ask?participant={ADA}"):
        assert (await stranger.get(address)).status_code == 403
    assert (await stranger.post("/withdrawals", participant=ADA, sure="yes")).status_code == 403
    assert "/research/withdrawals" not in (await stranger.get(f"/threads/{thread_id}")).text
    assert await rows_with(record, MARKER) != []
