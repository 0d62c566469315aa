"""The audit log's page."""

import re

from data_layer.audit import PAGE
from data_layer.record import Record
from tests.research.browser import Browser


async def test_the_log_is_paged_and_whole(owner: Browser, record: Record) -> None:
    """The newest line first; older ones behind a link, each line once."""
    for number in range(PAGE + 5):
        await record.audit.note("thread_read", name="Olga", target=f"thread {number:03}")
    first = (await owner.get("/audit")).text
    assert f"thread {PAGE + 4:03}" in first
    assert "thread 000" not in first
    second = (await owner.get("/audit?before=7")).text
    assert "thread 000" in second
    assert "The log is whole" in (await owner.post("/audit/verify")).text


async def test_older_lines_come_in_place_or_by_a_page(owner: Browser, record: Record) -> None:
    """The same address serves both; a session that ended in between leads to the way in, as a whole page."""
    for number in range(PAGE + 5):
        await record.audit.note("thread_read", name="Olga", target=f"thread {number:03}")
    first = (await owner.get("/audit")).text
    older = re.search(r'<a href="(/research/audit\?before=\d+)" hx-get="(.*?)"', first)
    assert older is not None
    assert older[1] == older[2]
    await owner.post("/logout")
    answer = await owner.client.get(older[1], headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/research/login?next=%2Fresearch%2Faudit%3Fbefore%3D")


async def test_a_changed_line_is_told(owner: Browser, record: Record) -> None:
    """By its number."""
    await record.audit.note("thread_read", name="Olga", target="what was read")
    async with record.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE audit_log SET target = 'something else' WHERE position = 2")
    page = (await owner.post("/audit/verify")).text
    assert "Line 2 was changed after it was written." in page


async def test_what_is_told_is_text(owner: Browser, record: Record) -> None:
    """A name or a search that holds script is shown as it is."""
    await record.audit.note(
        "searched", name="<b>Olga</b>", target="<img src=x>", details={"query": "<script>"}
    )
    page = (await owner.get("/audit")).text
    assert "<b>Olga" not in page
    assert "<img src=x>" not in page
    assert "<script>" not in page
