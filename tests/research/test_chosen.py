"""Many threads at once: codes, coders, exports, and undoing; whoever asks does it to what they read."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.review import search
from research.threads import chosen
from study.roles import ResearcherRole
from study.vocabulary import CodeColour
from tests.data_layer.rows import ADA, BOB, begin_thread, rows
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD
from tests.research.test_threads import shown


async def code(record: Record, name: str = "Politeness") -> str:
    """A code of the codebook."""
    made = await record.codebook.add(name, "", CodeColour.BLUE, ADA, "Olga")
    return made.code_id


async def person(record: Record, name: str, role: ResearcherRole) -> str:
    """Somebody with an account."""
    await record.researchers.add(name, role, PASSWORD)
    found = await record.researchers.find(name)
    assert found is not None
    return found.researcher_id


async def standing(record: Record, code_id: str) -> set[str]:
    """The threads that bear a code."""
    return {
        row["thread_id"]
        for row in await rows(record, "annotations", code_id=code_id)
        if row["deleted_at"] is None
    }


async def line(record: Record, action: str) -> Row:
    """What the audit log tells of an action."""
    found: list[Row] = [one for one in await record.audit.newest() if one["action"] == action]
    assert len(found) == 1
    return found[0]


async def follow(browser: Browser, location: str) -> str:
    """The page that an act leads to."""
    return (await browser.get(location.removeprefix("/research"))).text


def one_of(location: str) -> str:
    """By what the act is undone."""
    return parse_qs(urlsplit(location).query)["one"][0]


async def test_a_code_is_given_to_the_chosen_and_taken_back(owner: Browser, record: Record) -> None:
    """By their boxes; the page says how many, bears the code beside them, and undoes it at a press."""
    first, second, other = [await begin_thread(record, f"<i>{name}</i>") for name in "abc"]
    code_id = await code(record, "<b>Polite</b>")
    answer = await owner.post("/chosen/code", give=code_id, threads=[first, second], deleted="no")
    page = await follow(owner, answer.headers["location"])
    assert "Polite</b> was given to 2 threads." not in page
    assert "<b>Polite</b> was given to 2 threads." in shown(page).replace("&lt;", "<").replace("&gt;", ">")
    assert await standing(record, code_id) == {first, second}
    assert 'name="deleted" value="no"' in page
    noted = await line(record, "threads_coded")
    assert (noted["target"], noted["details"]["count"]) == (code_id, 2)
    assert set(noted["details"]["threads"]) == {first, second}
    undone = await owner.post("/chosen/uncode", one=one_of(answer.headers["location"]))
    assert "Undone." in await follow(owner, undone.headers["location"])
    assert await standing(record, code_id) == set()
    assert other in page


async def test_all_that_match_are_chosen(owner: Browser, record: Record) -> None:
    """Those of the filters, whatever boxes are ticked; the audit log has the filters."""
    ada, bob = await begin_thread(record), await begin_thread(record, owner=BOB)
    code_id = await code(record)
    await owner.post("/chosen/code", give=code_id, all="yes", threads=ada, participant=BOB[:6])
    assert await standing(record, code_id) == {bob}
    assert (await line(record, "threads_coded"))["details"]["where"] == {"participant": BOB[:6]}


async def test_all_that_a_search_finds_are_chosen(
    owner: Browser, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On all its pages, within the filters; a search that finds too much says so."""
    monkeypatch.setattr(search, "MOST_READ", 2)
    whales = {await begin_thread(record, f"long walks {number}") for number in range(5)}
    await begin_thread(record, "walks, long ones")
    await begin_thread(record, "long walks of Bob's", BOB)
    code_id = await code(record)
    asked = {"give": code_id, "all": "yes", "q": '"long walks"'}
    await owner.post("/chosen/code", **asked, participant=ADA)
    assert await standing(record, code_id) == whales
    monkeypatch.setattr(search, "MOST_MESSAGES", 4)
    answer = await owner.post("/chosen/code", **asked)
    assert answer.status_code == 400
    assert "too many to choose" in answer.text


async def test_more_than_the_most_are_refused(
    owner: Browser, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is done to some of them."""
    monkeypatch.setattr(chosen, "MOST", 2)
    code_id = await code(record)
    for _ in range(3):
        await begin_thread(record)
    answer = await owner.post("/chosen/code", give=code_id, all="yes")
    assert (answer.status_code, "More than 2 threads match" in answer.text) == (400, True)
    assert await standing(record, code_id) == set()


async def test_threads_are_given_to_a_coder_and_taken_back(owner: Browser, record: Record) -> None:
    """The table says whose they are; each act is undone."""
    thread_id = await begin_thread(record)
    cora = await person(record, "Cora", ResearcherRole.CODER)
    given = await owner.post("/chosen/assign", person=cora, threads=thread_id)
    page = shown(await follow(owner, given.headers["location"]))
    assert "1 thread is Cora’s to code now." in page
    assert await record.coding_tasks.given.has(thread_id, cora)
    again = await owner.post("/chosen/assign", person=cora, threads=thread_id)
    assert "Nothing had to change" in await follow(owner, again.headers["location"])
    await owner.post("/chosen/unassign", what="assigned", one=one_of(given.headers["location"]))
    assert not await record.coding_tasks.given.has(thread_id, cora)
    await owner.post("/chosen/assign", person=cora, threads=thread_id)
    ended = await owner.post("/chosen/end", person=cora, threads=thread_id)
    assert "not Cora’s to code any more" in shown(await follow(owner, ended.headers["location"]))
    assert not await record.coding_tasks.given.has(thread_id, cora)
    await owner.post("/chosen/unassign", what="ended", one=one_of(ended.headers["location"]))
    assert await record.coding_tasks.given.has(thread_id, cora)


async def test_a_coder_codes_their_own_threads_only(stranger: Browser, record: Record) -> None:
    """Whatever ids or filters a form holds; they assign nothing and see nobody's assignments."""
    cora = await person(record, "Cora", ResearcherRole.CODER)
    await stranger.sign_in("Cora", PASSWORD)
    mine, other = await begin_thread(record), await begin_thread(record)
    await record.coding_tasks.given.give([mine], cora, ADA)
    code_id = await code(record)
    await stranger.post("/chosen/code", give=code_id, threads=[mine, other])
    assert await standing(record, code_id) == {mine}
    await stranger.post("/chosen/code", give=await code(record, "All"), all="yes", assigned=BOB)
    assert {row["thread_id"] for row in await rows(record, "annotations")} == {mine}
    assert (await stranger.post("/chosen/code", give=code_id, threads=other)).status_code == 400
    assert (await stranger.post("/chosen/code", give=code_id, all="yes", q="hello")).status_code == 403
    assert (await stranger.post("/chosen/assign", person=cora, threads=other)).status_code == 403
    page = (await stranger.get("/threads")).text
    assert "Assigned to" not in page
    assert "Annotated by" not in page


async def test_a_coder_sees_their_own_codes_only(stranger: Browser, record: Record) -> None:
    """Beside a thread and by the filters: two coders do not look over each other's shoulder."""
    cora = await person(record, "Cora", ResearcherRole.CODER)
    await stranger.sign_in("Cora", PASSWORD)
    thread_id = await begin_thread(record, "Whales")
    await record.coding_tasks.given.give([thread_id], cora, ADA)
    code_id = await code(record)
    await record.annotations.give_code_to_threads([thread_id], code_id, BOB, "Carl")
    assert 'class="code blue"' not in (await stranger.get("/threads")).text
    for query in ("annotated=yes", f"code={code_id}", f"by={BOB}", f"code={code_id}&by={BOB}"):
        assert thread_id not in (await stranger.get(f"/threads?{query}")).text
    await record.annotations.give_code_to_threads([thread_id], code_id, cora, "Cora")
    assert thread_id in (await stranger.get(f"/threads?code={code_id}")).text


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        ("code", {}, "No code is chosen."),
        ("code", {"give": "code"}, "No thread is chosen."),
        ("code", {"give": "code", "threads": ["x", "\x00"]}, "No thread is chosen."),
        ("code", {"give": "code", "all": "yes", "since": "soon"}, "is no date"),
        ("assign", {"threads": "thread"}, "Nobody is chosen"),
        ("assign", {"threads": "thread", "person": "viewer"}, "Nobody is chosen"),
        ("uncode", {"one": "x"}, "There is nothing to undo."),
        ("unassign", {"one": "x"}, "There is nothing to undo."),
    ],
)
async def test_what_cannot_be_done_says_why(
    owner: Browser, record: Record, path: str, fields: dict[str, str | list[str]], sentence: str
) -> None:
    """And leaves nothing behind."""
    known = {
        "code": await code(record),
        "thread": await begin_thread(record),
        "viewer": await person(record, "Vera", ResearcherRole.VIEWER),
    }
    sent = {
        name: known.get(value, value) if isinstance(value, str) else value for name, value in fields.items()
    }
    answer = await owner.post(f"/chosen/{path}", **sent)
    assert answer.status_code in (400, 404)
    assert sentence in shown(answer.text)
    assert await rows(record, "annotations") == []
    assert await rows(record, "coding_assignments") == []


async def test_nobody_undoes_what_another_has_done(owner: Browser, record: Record) -> None:
    """An id that they have come to know undoes nothing."""
    thread_id, code_id = await begin_thread(record), await code(record)
    made = await record.annotations.give_code_to_threads([thread_id], code_id, BOB, "Bob")
    given = await record.coding_tasks.given.give([thread_id], BOB, BOB)
    await owner.post("/chosen/uncode", one=made[0])
    await owner.post("/chosen/unassign", what="assigned", one=given[0])
    assert await standing(record, code_id) == {thread_id}
    assert await record.coding_tasks.given.has(thread_id, BOB)
    assert "Undo" not in (await owner.get(f"/threads?did=coded&one={made[0]}")).text


async def test_chosen_threads_go_to_the_exports(owner: Browser, record: Record) -> None:
    """All that match as their filters, those with a tick as the form that it was."""
    thread_id = await begin_thread(record)
    answer = await owner.post("/chosen/export", all="yes", deleted="no", sort="old", threads=thread_id)
    assert answer.headers["location"] == "/research/exports?deleted=no"
    sent_on = await owner.post("/chosen/export", threads=thread_id)
    assert (sent_on.status_code, sent_on.headers["location"]) == (307, "/research/exports/chosen")


async def test_a_viewer_has_no_boxes(stranger: Browser, record: Record) -> None:
    """Who changes nothing is offered nothing to change."""
    await person(record, "Vera", ResearcherRole.VIEWER)
    await stranger.sign_in("Vera", PASSWORD)
    await begin_thread(record)
    page = (await stranger.get("/threads")).text
    assert re.findall('type="checkbox"', page) == []
    assert "chosen" not in page
