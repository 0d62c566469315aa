"""Saved views on the page of threads: links above the table."""

import re

from data_layer.record import Record
from study.roles import ResearcherRole
from tests.data_layer.rows import new_id, rows
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD
from tests.research.test_threads import shown

LINK = re.compile(r'<li><a href="/research(/threads\?[^"]*)"([^>]*)><bdi>([^<]*)</bdi>')


async def links(browser: Browser, query: str = "") -> list[tuple[str, str, bool]]:
    """Name and address of the views that a page offers, and whether one is what the page shows."""
    page = (await browser.get(f"/threads{query}")).text
    return [(name, address, "aria-current" in rest) for address, rest, name in LINK.findall(page)]


async def test_a_search_and_its_filters_are_saved(owner: Browser, record: Record) -> None:
    """Without what is empty; the link leads back to them and says that they are shown."""
    answer = await owner.post("/views", name="<i>Whales</i>", q="whale* NOT dogs", agent="", sort="old")
    address = answer.headers["location"].removeprefix("/research")
    (link,) = await links(owner)
    assert link[0] == "&lt;i&gt;Whales&lt;/i&gt;"
    assert link[2] is False
    assert (await links(owner, address.partition("/threads")[2]))[0][2] is True
    assert (await rows(record, "saved_views"))[0]["query"] == {"q": "whale* NOT dogs", "sort": "old"}
    page = await owner.get(address)
    assert 'value="whale* NOT dogs"' in page.text
    assert "Change this view" in page.text


async def test_a_view_is_offered_to_be_saved(owner: Browser) -> None:
    """When something is asked for, and no view shows it."""
    assert "Save this view" not in (await owner.get("/threads")).text
    assert "Save this view" in (await owner.get("/threads?deleted=no")).text
    await owner.post("/views", name="Standing", deleted="no")
    assert "Save this view" not in (await owner.get("/threads?deleted=no")).text


async def test_a_view_is_renamed_shared_and_deleted(
    owner: Browser, stranger: Browser, record: Record
) -> None:
    """By whose it is; each change is in the audit log."""
    await owner.post("/views", name="Standing", deleted="no")
    (row,) = await rows(record, "saved_views")
    await owner.post(f"/views/{row['view_id']}", name="Not deleted", shared="yes")
    assert [name for name, *_ in await links(owner)] == ["Not deleted"]
    assert (await rows(record, "saved_views"))[0]["is_shared"]
    await owner.post(f"/views/{row['view_id']}/delete")
    assert await links(owner) == []
    actions = [line["action"] for line in await record.audit.newest()]
    assert actions[:3] == ["view_deleted", "view_changed", "view_saved"]


async def test_what_cannot_be_saved_says_why(owner: Browser) -> None:
    """Nothing to save, no name, a name that is taken; nobody else's view is changed."""
    for fields, sentence in (
        ({"name": "All"}, "There is nothing to save yet."),
        ({"name": " ", "deleted": "no"}, "A view needs a name."),
    ):
        answer = await owner.post("/views", **fields)
        assert (answer.status_code, sentence in shown(answer.text)) == (400, True)
    assert (await owner.post(f"/views/{new_id()}", name="Mine")).status_code == 404
    assert (await owner.post("/views/x/delete")).status_code == 404


async def test_each_role_has_its_own(stranger: Browser, record: Record) -> None:
    """A viewer saves for themselves and shares nothing; a coder, who reads what is assigned, sees none."""
    owner = new_id()
    shared = await record.views.save("Shared", {"deleted": "no"}, owner, "Olga", is_shared=True)
    await record.views.save("Olga's", {"deleted": "yes"}, owner, "Olga")
    await record.researchers.add("Vera", ResearcherRole.VIEWER, PASSWORD)
    await stranger.sign_in("Vera", PASSWORD)
    await stranger.post("/views", name="Mine", error="yes", shared="yes")
    assert [name for name, *_ in await links(stranger)] == ["Mine", "Shared"]
    assert not [row for row in await rows(record, "saved_views", name="Mine") if row["is_shared"]]
    assert (await stranger.post(f"/views/{shared}", name="Hers")).status_code == 404
    assert (await stranger.post(f"/views/{shared}/delete")).status_code == 404
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    await stranger.sign_in("Cora", PASSWORD)
    assert await links(stranger) == []
    assert (await stranger.post("/views", name="Mine", error="yes")).status_code == 403


async def test_an_owner_takes_a_shared_view_away(owner: Browser, record: Record) -> None:
    """Of whoever has left the study."""
    view_id = await record.views.save("Old", {"deleted": "no"}, new_id(), "Gone", is_shared=True)
    assert "Delete this shared view" in (await owner.get("/threads?deleted=no")).text
    await owner.post(f"/views/{view_id}/delete")
    assert await links(owner) == []
