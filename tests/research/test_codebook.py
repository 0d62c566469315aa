"""The codebook's page: all read it, some write it, and every change is a version with its author."""

import csv
import io
import re

import pytest

from data_layer.coding.annotation_shapes import AnnotationPlace
from data_layer.coding.codebook import Code
from data_layer.record import Record
from data_layer.writing.coding_writes import PutCode
from study.roles import ResearcherRole
from tests.data_layer.rows import begin_thread, new_id
from tests.page.asking import ATTACKS
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD


async def added(browser: Browser, record: Record, name: str = "Trust", colour: str = "blue") -> Code:
    """Add a code by the form."""
    definition = "Says that they rely on it."
    answer = await browser.post("/codebook", name=name, definition=definition, colour=colour)
    assert answer.status_code == 303
    return (await record.codebook.current())[-1]


async def test_an_empty_codebook_says_what_to_do(owner: Browser) -> None:
    """And offers no download of nothing."""
    page = (await owner.get("/codebook")).text
    assert "Add the first one below" in page
    assert "codebook.csv" not in page


async def test_a_code_is_added_and_noted(owner: Browser, record: Record) -> None:
    """The page shows name, definition, colour and author; the log has the id and the version."""
    code = await added(owner, record)
    page = (await owner.get("/codebook")).text
    for part in ("Trust", "Says that they rely on it.", 'class="code blue"', "Olga", "Not given yet"):
        assert part in page
    (line, *_) = await record.audit.newest()
    assert (line["action"], line["target"], line["details"]) == ("code_added", code.code_id, {"version": 1})


async def test_what_cannot_be_added_is_kept_in_the_form(owner: Browser, record: Record) -> None:
    """Nobody types a definition twice because its name was taken."""
    await added(owner, record)
    answer = await owner.post("/codebook", name=" trust", definition="Another.", colour="pink")
    assert answer.status_code == 400
    assert "There is a code" in answer.text
    assert "Another." in answer.text
    assert (await owner.post("/codebook", name="Other", definition="", colour="plaid")).status_code == 400
    assert len(await record.codebook.history()) == 1


async def test_a_change_is_a_version(owner: Browser, record: Record) -> None:
    """The one before stays in the history."""
    code = await added(owner, record)
    answer = await owner.post(
        f"/codebook/{code.code_id}", seen="1", name="Reliance", definition=code.definition, colour="pink"
    )
    assert answer.status_code == 303
    page = (await owner.get("/codebook")).text
    assert "2 versions" in page
    assert page.index("Reliance") < page.index("Trust")


async def test_a_code_is_put_under_another(owner: Browser, record: Record) -> None:
    """By a form; the page draws it below, the download names its parent, and neither offers a circle."""
    feeling = await added(owner, record, "Feeling")
    fields = {"name": "Lonely", "definition": "", "colour": "pink", "parent": feeling.code_id}
    assert (await owner.post("/codebook", **fields)).status_code == 303
    page = (await owner.get("/codebook")).text
    lonely = (await record.codebook.current())[1]
    assert f'<li class="entry-of depth-1" id="{lonely.code_id}">' in page
    assert page.count(f'<option value="{lonely.code_id}"') == 1  # of the form that adds, not of its parent's
    rows = list(csv.DictReader(io.StringIO((await owner.get("/codebook.csv")).text)))
    assert [row["parent"] for row in rows] == ["", "Feeling"]
    form = {"seen": "1", "name": "Feeling", "definition": feeling.definition, "colour": "blue"}
    refused = await owner.post(f"/codebook/{feeling.code_id}", **form, parent=lonely.code_id)
    assert (refused.status_code, "under itself" in refused.text) == (400, True)
    assert "Feeling / Lonely" in (await owner.get("/threads")).text


async def test_of_many_codes_one_at_a_time_is_put_under_another(owner: Browser, record: Record) -> None:
    """The page does not grow with their square: a link beside each leads to what it can stand under."""
    who, ids = new_id(), [new_id() for _ in range(101)]
    await record.writer.submit(
        *(
            PutCode(
                one,
                record.now(),
                who,
                "Olga",
                {"name": f"Code {number}", "name_key": f"code {number}", "definition": "", "colour": "blue"},
                creates=True,
            )
            for number, one in enumerate(ids)
        )
    )
    page = (await owner.get("/codebook")).text
    assert page.count(f'<option value="{ids[0]}"') == 1  # of the form that adds
    assert f'href="/research/codebook?change={ids[1]}#{ids[1]}"' in page
    page = (await owner.get(f"/codebook?change={ids[1]}")).text
    assert page.count(f'<option value="{ids[0]}"') == 2
    assert page.count("<details open>") == 1
    form = {"seen": "2", "name": "Code 1", "definition": "", "colour": "blue", "parent": ids[0]}
    assert (await owner.post(f"/codebook/{ids[1]}", **form)).status_code == 303
    assert "Stands under “<bdi>Code 0</bdi>”" in (await owner.get("/codebook")).text


async def test_a_form_overwrites_only_what_it_changed(owner: Browser, record: Record) -> None:
    """Two researchers had the page open: one changes the name, one the colour; both are there."""
    code = await added(owner, record)
    form = {"seen": "1", "name": "Trust", "definition": code.definition, "colour": "blue"}
    await owner.post(f"/codebook/{code.code_id}", **(form | {"name": "Reliance"}))
    await owner.post(f"/codebook/{code.code_id}", **(form | {"colour": "pink"}))
    (now,) = await record.codebook.current()
    assert (now.name, now.colour.value, now.version) == ("Reliance", "pink", 3)


async def test_a_code_retires_and_comes_back(owner: Browser, record: Record) -> None:
    """It is shown apart; the log tells of both."""
    code = await added(owner, record)
    await owner.post(f"/codebook/{code.code_id}/retire")
    assert "Retired codes" in (await owner.get("/codebook")).text
    await owner.post(f"/codebook/{code.code_id}/bring-back")
    assert "Retired codes" not in (await owner.get("/codebook")).text
    actions = [line["action"] for line in await record.audit.newest()][:3]
    assert actions == ["code_brought_back", "code_retired", "code_added"]


async def test_a_name_that_was_taken_meanwhile(owner: Browser, record: Record) -> None:
    """A retired code cannot come back beside another of its name, and the page says so."""
    code = await added(owner, record)
    await owner.post(f"/codebook/{code.code_id}/retire")
    await added(owner, record)
    answer = await owner.post(f"/codebook/{code.code_id}/bring-back")
    assert answer.status_code == 400
    assert "Choose another name" in answer.text


async def test_what_is_not_there_is_not_found(owner: Browser, record: Record) -> None:
    """Neither a code nor a version of one."""
    code = await added(owner, record)
    form = {"name": "Trust", "definition": "", "colour": "blue"}
    for place, seen in (("nothing", "1"), (code.code_id, "2"), (code.code_id, "x")):
        assert (await owner.post(f"/codebook/{place}", seen=seen, **form)).status_code == 404
    assert (await owner.post("/codebook/nothing/retire")).status_code == 404


@pytest.mark.parametrize("attack", ATTACKS)
async def test_script_stays_text(owner: Browser, record: Record, attack: str) -> None:
    """In a name and in a definition, also of earlier versions."""
    await owner.post("/codebook", name=attack[:80], definition=attack, colour="red")
    page = (await owner.get("/codebook")).text
    assert not any(part in page for part in ("<script>", "<img src=x", 'href="javascript', "<svg"))


@pytest.mark.parametrize("role", [ResearcherRole.CODER, ResearcherRole.VIEWER])
async def test_who_only_reads_sees_no_form(stranger: Browser, record: Record, role: ResearcherRole) -> None:
    """Definitions, and nothing to change them with."""
    await record.researchers.add("Rita", role, PASSWORD)
    await stranger.sign_in("Rita", PASSWORD)
    page = (await stranger.get("/codebook")).text
    assert re.findall(r'<form[^>]*action="([^"]+)"', page) == ["/research/logout"]
    assert (await stranger.post("/codebook", name="x", definition="", colour="red")).status_code == 403


async def test_counts_are_all_or_a_coders_own(owner: Browser, record: Record) -> None:
    """What others have given is not a coder's to know."""
    code = await added(owner, record)
    olga = await record.researchers.find("Olga")
    assert olga is not None
    for _ in range(2):
        place = AnnotationPlace(await begin_thread(record))
        await record.annotations.give_code(place, code.code_id, olga.researcher_id, "Olga")
    assert "Given 2 times in 2 threads" in (await owner.get("/codebook")).text
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    await owner.sign_in("Cora", PASSWORD)
    assert "Not given yet" in (await owner.get("/codebook")).text


async def test_the_codebook_is_downloaded(owner: Browser, record: Record) -> None:
    """The living codes as they read now, and a line in the log."""
    code = await added(owner, record, 'Tr"ust, ثقة')
    answer = await owner.get("/codebook.csv")
    assert 'filename="codebook.csv"' in answer.headers["content-disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.content.decode()))
    assert row == {
        "code_id": code.code_id,
        "name": 'Tr"ust, ثقة',
        "definition": "Says that they rely on it.",
        "colour": "blue",
        "version": "1",
        "parent": "",
    }
    assert (await record.audit.newest())[0]["action"] == "codebook_downloaded"
