"""The page of one thread, and of what the model saw."""

import re

import pytest

from data_layer.record import Record
from data_layer.review.thread import read_whole
from data_layer.writing.writes import DeleteSteps, DeleteThread, PatchRow, PutStep
from study.roles import ResearcherRole
from tests.data_layer.rows import new_id, rows
from tests.exports.seed import Seed, id_of
from tests.exports.story import story
from tests.page.asking import ATTACKS
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD

ADAS = id_of("Ada's thread")
BOBS_DELETED = id_of("Bob's deleted thread")


@pytest.fixture(autouse=True)
def everything(sqlite_url: str, record: Record) -> None:
    """The study in which everything happens."""
    story().write(sqlite_url)


async def coder_with(record: Record, browser: Browser, *thread_ids: str) -> str:
    """A coder is in, and has threads to code."""
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    coder = await record.researchers.find("Cora")
    assert coder is not None
    await record.coding_tasks.given.give(thread_ids, coder.researcher_id, coder.researcher_id)
    await browser.sign_in("Cora", PASSWORD)
    return coder.researcher_id


async def test_a_thread_is_read_and_the_reading_is_written_down(owner: Browser, record: Record) -> None:
    """Every message is on the page; the log says who read which thread."""
    page = (await owner.get(f"/threads/{ADAS}")).text
    for name in ("greeting", "first question", "old reply", "new reply", "notice"):
        assert f'id="{id_of(name)}"' in page
    (line, *_) = await record.audit.newest()
    assert (line["name"], line["action"], line["target"]) == ("Olga", "thread_read", ADAS)


async def test_one_click_leads_to_what_the_model_saw(owner: Browser, record: Record) -> None:
    """To the exact messages, and back to the reply."""
    page = (await owner.get(f"/threads/{ADAS}")).text
    assert len(set(re.findall(r"/research(/calls/[^\"]+)", page))) == 4
    call = await owner.get(f"/calls/{id_of('first call')}")
    reply = id_of("first reply")
    assert f"/research/threads/{ADAS}?at={reply}#{reply}" in call.text
    (line, *_) = await record.audit.newest()
    assert line["action"] == "prompt_read"


async def test_what_left_the_screen_says_when_and_why(owner: Browser) -> None:
    """Greyed, and still there."""
    page = (await owner.get(f"/threads/{ADAS}")).text
    assert "because a message before it was edited" in page
    deleted = (await owner.get(f"/threads/{BOBS_DELETED}")).text
    assert "This conversation left the screen" in deleted


async def test_thinking_stands_with_its_reply_and_says_whether_it_was_shown(
    owner: Browser, record: Record
) -> None:
    """Always, whatever the participant saw; and a reply that was cut off says what stood under it."""
    first = (await rows(record, "steps", step_id=id_of("first reply")))[0]
    for words, shown in (("I think of a zebra.", False), ("I may say so.", True)):
        step = {"step_id": new_id(), "thread_id": ADAS, "run_id": first["run_id"], "type": "thinking"}
        step |= {"name": "thinking", "output": words, "turn": first["turn"], "shown": shown}
        await record.writer.submit(PutStep(step, record.now()))
    await record.writer.submit(
        PatchRow("steps", {"step_id": first["step_id"]}, {"cut_off": "content_filter"})
    )
    page = (await owner.get(f"/threads/{ADAS}")).text
    behind = page[page.index(f'id="{first["step_id"]}"') :].split("</section>")[0]
    assert "I think of a zebra." in page
    assert "I may say so." in page
    assert page.count("not shown to the participant") == 1
    assert "The page said: cut off by a content filter." in behind


@pytest.mark.parametrize("attack", ATTACKS)
async def test_script_stays_text(owner: Browser, record: Record, attack: str) -> None:
    """In a title, in what a participant says, in what an agent says, in a comment."""
    for table, key, column in (
        ("threads", {"thread_id": ADAS}, "title"),
        ("steps", {"step_id": id_of("first question")}, "output"),
        ("steps", {"step_id": id_of("first reply")}, "output"),
        ("steps", {"step_id": id_of("look up")}, "input"),
        ("ratings", {"rating_id": id_of("rating")}, "comment"),
    ):
        await record.writer.submit(PatchRow(table, key, {column: attack}))
    page = (await owner.get(f"/threads/{ADAS}")).text
    assert not any(
        part in page for part in ("<script>", "<img src=x", 'href="javascript', 'href="data', "<svg onload")
    )
    # The logo is the page's own, and its only picture.
    assert page.count("<img") == 1


async def test_nothing_can_be_corrected(owner: Browser) -> None:
    """The page's forms sign out, and put annotations beside the record."""
    page = (await owner.get(f"/threads/{ADAS}")).text
    beside = f"/research/threads/{ADAS}/annotations"
    forms = set(re.findall(r'<form[^>]*action="([^"]+)"', page))
    assert {form for form in forms if not form.startswith(beside)} == {"/research/logout"}


async def test_a_deleted_conversation_comes_back(owner: Browser, record: Record) -> None:
    """By a form; the log and an event say by whose hand, and the form is gone with the reason for it."""
    place = f"/threads/{BOBS_DELETED}"
    assert f'action="/research{place}/restore"' in (await owner.get(place)).text
    assert (await owner.post(f"{place}/restore")).status_code == 303
    assert "/restore" not in (await owner.get(place)).text
    whole = await read_whole(record.database, BOBS_DELETED)
    assert whole is not None
    assert whole.thread["deleted_at"] is None
    assert whole.events[-1]["type"] == "thread_returned"
    assert "thread_restored" in [line["action"] for line in await record.audit.newest()]


async def test_a_removed_message_comes_back(owner: Browser, record: Record) -> None:
    """By a form at the message; the log and an event say by whose hand; a branch has no such form."""
    branch = id_of("old reply")
    assert "/messages/" not in (await owner.get(f"/threads/{ADAS}")).text
    assert (await owner.post(f"/threads/{ADAS}/messages/{branch}/restore")).status_code == 404
    thread, message = id_of("Bob's thread"), id_of("Bob's thread: reply")
    gone = DeleteSteps((message,), record.now(), "removed", by=id_of("Bob"))
    await record.writer.submit(gone)
    place = f"/threads/{thread}/messages/{message}/restore"
    assert f'action="/research{place}"' in (await owner.get(f"/threads/{thread}")).text
    assert (await owner.post(f"/threads/{ADAS}/messages/{message}/restore")).status_code == 404
    assert (await owner.post(place, csrf="")).status_code == 403
    assert (await owner.post(place)).headers["location"].endswith(f"#{message}")
    page = (await owner.get(f"/threads/{thread}")).text
    assert "/messages/" not in page
    assert "A researcher brought a message back" in page
    assert "message_restored" in [line["action"] for line in await record.audit.newest()]


async def test_a_restore_needs_the_forms_token(owner: Browser, record: Record) -> None:
    """Another site's form brings nothing back."""
    assert (await owner.post(f"/threads/{BOBS_DELETED}/restore", csrf="")).status_code == 403
    whole = await read_whole(record.database, BOBS_DELETED)
    assert whole is not None
    assert whole.thread["deleted_at"] is not None


async def test_a_viewer_restores_nothing(stranger: Browser, record: Record) -> None:
    """They see no form, and sending one is refused."""
    await record.researchers.add("Vera", ResearcherRole.VIEWER, PASSWORD)
    await stranger.sign_in("Vera", PASSWORD)
    assert "/restore" not in (await stranger.get(f"/threads/{BOBS_DELETED}")).text
    assert (await stranger.post(f"/threads/{BOBS_DELETED}/restore")).status_code == 403


async def test_what_the_app_took_away_is_not_restored(owner: Browser, record: Record) -> None:
    """No form, and no way around it: a withdrawal stays one."""
    await record.writer.submit(DeleteThread(ADAS, record.now(), None))
    assert "/restore" not in (await owner.get(f"/threads/{ADAS}")).text
    assert (await owner.post(f"/threads/{ADAS}/restore")).status_code == 404
    whole = await read_whole(record.database, ADAS)
    assert whole is not None
    assert whole.thread["deleted_at"] is not None


async def test_nothing_of_a_prompt_is_left_out(owner: Browser, record: Record) -> None:
    """A call of a tool has no words, and was sent all the same."""
    call = (await owner.get(f"/calls/{id_of('first call')}")).text
    (digest,) = re.findall(r">([0-9a-f]{64})<", call)
    prompt = '[{"role":"assistant","content":null,"tool_calls":[{"id":"<b>call_1</b>"}]}]'
    await record.writer.submit(PatchRow("prompts", {"prompt_hash": digest}, {"messages": prompt}))
    page = (await owner.get(f"/calls/{id_of('first call')}")).text
    assert "tool_calls" in page
    assert "&lt;b&gt;call_1&lt;/b&gt;" in page


async def test_who_is_not_there_is_not_found(owner: Browser) -> None:
    """Neither a thread nor a call nor a file, and no reading is written down."""
    for path in ("threads", "calls", "files"):
        for name in (id_of("nothing"), "%2e%2e", "x" * 300):
            assert (await owner.get(f"/{path}/{name}")).status_code == 404


async def test_a_coder_reads_nothing_that_is_not_assigned(stranger: Browser, record: Record) -> None:
    """An id that they have come to know opens nothing, and answers as one does that nobody has."""
    await coder_with(record, stranger, BOBS_DELETED)
    nothing = id_of("nothing")
    for path, name in (("threads", ADAS), ("calls", id_of("first call")), ("files", id_of("picture"))):
        answer, unknown = await stranger.get(f"/{path}/{name}"), await stranger.get(f"/{path}/{nothing}")
        assert answer.status_code == 404
        assert answer.text.replace(name, nothing) == unknown.text
    assert [line["action"] for line in await record.audit.newest()] == ["signed_in"]


async def test_a_coder_reads_what_is_assigned_until_it_ends(stranger: Browser, record: Record) -> None:
    """The thread, what the model saw, what was attached; and nothing more once it ended."""
    kept = record.files.keep(id_of("picture"), b"a picture")
    await record.writer.submit(PatchRow("elements", {"element_id": id_of("picture")}, {"file": kept.file}))
    coder = await coder_with(record, stranger, ADAS)
    paths = (f"threads/{ADAS}", f"calls/{id_of('first call')}", f"files/{id_of('picture')}")
    assert [(await stranger.get(f"/{path}")).status_code for path in paths] == [200] * 3
    await record.coding_tasks.given.end([ADAS], coder)
    assert [(await stranger.get(f"/{path}")).status_code for path in paths] == [404] * 3


async def test_a_file_is_given_as_what_it_is(owner: Browser, record: Record) -> None:
    """A picture in its place; whatever could run is a download, and sandboxed."""
    kept = record.files.keep(id_of("picture"), b"<script>alert(1)</script>")
    for mime, how in (("image/png", "inline"), ("text/html", "attachment"), ("image/svg+xml", "attachment")):
        key = {"element_id": id_of("picture")}
        await record.writer.submit(PatchRow("elements", key, {"file": kept.file, "mime": mime}))
        answer = await owner.get(f"/files/{id_of('picture')}")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith(how)
        assert "sandbox" in answer.headers["content-security-policy"]
        assert "html" not in answer.headers["content-type"]
        assert "svg" not in answer.headers["content-type"]


async def test_a_long_conversation_comes_in_parts(owner: Browser, sqlite_url: str) -> None:
    """Links lead from part to part; an address finds the part that has its message; all is one click away."""
    seed = Seed()
    seed.thread("long", "Ada", 0)
    for number in range(1_250):
        seed.step(f"message {number}", "long", number * 2 + 1, "user_message", turn=number + 1)
    seed.write(sqlite_url)
    place = f"/threads/{id_of('long')}"
    first = (await owner.get(f"{place}?sort=new")).text
    assert "Part 1 of 3" in first
    assert 'href="?sort=new&amp;part=2">Later' in first
    last = id_of("message 1249")
    assert f'id="{last}"' not in first
    for query in (f"at={last}", "at=turn-1250", "part=3", "part=all"):
        page = (await owner.get(f"{place}?{query}")).text
        assert f'id="{last}"' in page
        assert f'href="?at={last}#{last}"' in page
    assert f'id="{id_of("message 0")}"' in page
    for query in ("part=0", "part=x", "at=%00", "part=99"):
        assert "Part 1 of 3" in (await owner.get(f"{place}?{query}")).text
