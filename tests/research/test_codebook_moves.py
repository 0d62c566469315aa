"""Codes are moved on the page of the codebook, and moves are taken back."""

import re

from data_layer.record import Record
from study.roles import ResearcherRole
from study.vocabulary import CodeColour
from tests.data_layer.rows import count, new_id
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD


async def add(record: Record, *names: str) -> list[str]:
    """New codes, each by itself."""
    return [
        (await record.codebook.add(name, "", CodeColour.BLUE, new_id(), "Olga")).code_id for name in names
    ]


def drawn(page: str) -> list[str]:
    """The codes as a page shows them, a dot a level."""
    found = re.findall(r'class="entry-of(?: depth-(\d))?".*?<h3>.*?<bdi>(.*?)</bdi>', page, re.DOTALL)
    return ["." * int(depth or 0) + name for depth, name in found]


async def test_a_code_is_moved_and_moved_back(owner: Browser, record: Record) -> None:
    """By a form, which leads to a page with an undo; by a script, which gets the page; each with a line."""
    first, second = await add(record, "Trust", "Doubt <i>")
    answer = await owner.post(f"/codebook/{second}/move", to="up")
    address = answer.headers["location"].removeprefix("/research")
    assert address == f"/codebook?moved={second}:3#{second}"
    page = (await owner.get(address)).text
    assert drawn(page) == ["Doubt &lt;i&gt;", "Trust"]
    assert f'action="/research/codebook/{second}/move/undo"' in page
    await owner.post(f"/codebook/{second}/move/undo", version=3)
    assert drawn((await owner.get("/codebook")).text) == ["Trust", "Doubt &lt;i&gt;"]
    told = (await owner.post(f"/codebook/{second}/move", to="in", script="yes")).json()
    assert told["said"] == "“Doubt <i>” is 1 of 1 under “Trust”."
    assert drawn(told["page"]) == ["Trust", ".Doubt &lt;i&gt;"]
    lines = [line for line in await record.audit.newest() if line["action"].startswith("code_move")]
    assert [(line["action"], line["target"], line["details"]) for line in lines] == [
        ("code_moved", second, {"to": "in", "version": 5}),
        ("code_move_undone", second, {"version": 3}),
        ("code_moved", second, {"to": "up", "version": 3}),
    ]
    assert first != second


async def test_what_cannot_go_further_stays(owner: Browser, record: Record) -> None:
    """With a sentence that says why; no version, and no line in the log."""
    first, _ = await add(record, "Trust", "Doubt")
    before = await count(record, "codes")
    for way, said in (
        ("up", "It is the first here already."),
        ("in", "There is none above it here that it could stand under."),
        ("out", "It stands under none."),
    ):
        told = (await owner.post(f"/codebook/{first}/move", to=way, script="yes")).json()
        assert (told["said"], told["version"]) == (said, "")
    assert (await owner.post(f"/codebook/{first}/move", to="sideways")).status_code == 400
    assert (await owner.post(f"/codebook/{new_id()}/move", to="up")).status_code == 404
    assert await count(record, "codes") == before
    assert not [line for line in await record.audit.newest() if line["action"].startswith("code_move")]


async def test_another_hand_has_changed_it_since(owner: Browser, record: Record) -> None:
    """Then nothing is taken back: what reads otherwise now is not what was moved."""
    _, second = await add(record, "Trust", "Doubt")
    await owner.post(f"/codebook/{second}/move", to="up")
    await record.codebook.change(second, new_id(), "Rita", definition="When they doubt.")
    told = (await owner.post(f"/codebook/{second}/move/undo", version=3, script="yes")).json()
    assert told["said"] == "It was changed since: nothing was taken back."
    assert drawn(told["page"]) == ["Doubt", "Trust"]


async def test_one_code_moved_twice_is_moved_back_twice(owner: Browser, record: Record) -> None:
    """The last move first, though others have moved theirs in between; a third time nothing is taken back."""
    *_, last = await add(record, "A", "B", "C", "D")
    versions = [
        (await owner.post(f"/codebook/{last}/move", to=way, script="yes")).json()["version"]
        for way in ("up", "in")
    ]
    other = (await add(record, "E"))[0]
    await owner.post(f"/codebook/{other}/move", to="up")
    for version, then in (
        (versions[1], ["A", "B", "D", "E", "C"]),
        (versions[0], ["A", "B", "E", "C", "D"]),
        (versions[0], ["A", "B", "E", "C", "D"]),
    ):
        told = (await owner.post(f"/codebook/{last}/move/undo", version=version, script="yes")).json()
        assert drawn(told["page"]) == then
    assert told["said"] == "It was changed since: nothing was taken back."


async def test_a_script_reads_why_it_was_refused(owner: Browser, record: Record) -> None:
    """In a sentence, not in a page that it cannot show: a form of an earlier sign-in, a code that is gone."""
    (code_id,) = await add(record, "Trust")
    for path, fields, status, why in (
        (code_id, {"csrf": "of yesterday"}, 403, "earlier sign-in"),
        (new_id(), {"csrf": owner.csrf}, 404, "no such code"),
    ):
        asked = {"to": "up", "script": "yes", **fields}
        answer = await owner.client.post(f"/research/codebook/{path}/move", data=asked)
        assert answer.status_code == status
        assert why in answer.json()["problem"]


async def test_a_coder_moves_nothing(stranger: Browser, record: Record) -> None:
    """They read the codebook, without what would move its codes."""
    (code_id,) = await add(record, "Trust")
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    await stranger.sign_in("Cora", PASSWORD)
    assert "/move" not in (await stranger.get("/codebook")).text
    assert (await stranger.post(f"/codebook/{code_id}/move", to="up")).status_code == 403
