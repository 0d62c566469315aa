"""Imported conversations in the room: marked, chosen by a filter, and in no figure unasked."""

import re
from pathlib import Path

from data_layer.record import Record
from tests.data_layer.rows import begin_thread, rows
from tests.imports.bringing import bring, write
from tests.research.browser import Browser

ELSEWHERE = {
    "user": "ada",
    "messages": [{"role": "user", "content": "Said elsewhere", "timestamp": "2001-01-01"}],
}


def said(page: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


async def begin(record: Record, folder: Path) -> str:
    """One thread of the study, two that are imported; the id of one of these."""
    await begin_thread(record, owner=(await record.enter("Ada", "ada")).participant_id)
    untimed = ELSEWHERE | {"messages": [{"role": "user", "content": "Untimed"}], "user": "bob"}
    await bring(record, "openai", write(folder / "o.jsonl", [ELSEWHERE, untimed]), at=record.now())
    (origin,) = await rows(record, "imports", times="none")
    return str(origin["thread_id"])


async def test_no_figure_counts_them_unless_it_is_asked(
    owner: Browser, record: Record, tmp_path: Path
) -> None:
    """They are said to be left out; among the others, or alone, they stand where that is chosen."""
    await begin(record, tmp_path)
    page = said((await owner.get("/")).text)
    assert "2 imported conversations are left out." in page
    assert "1 of 1 began a thread" in page
    assert "far from the days on which most happened" not in page
    page = said((await owner.get("/?imported=with")).text)
    assert "2 conversations were imported." in page
    assert "3 of 3 began a thread" in page
    page = said((await owner.get("/?imported=only")).text)
    assert "2 of 2 began a thread" in page
    answer = await owner.get("/?imported=some")
    assert answer.status_code == 400
    assert "Imported: “some” is none of its choices" in answer.text


async def test_the_list_marks_and_chooses_them(owner: Browser, record: Record, tmp_path: Path) -> None:
    """By a word in its row, and a filter."""
    await begin(record, tmp_path)
    page = said((await owner.get("/threads")).text)
    assert page.count("Said elsewhere imported") == page.count("Untimed imported") == 1
    assert "Said elsewhere" not in said((await owner.get("/threads?imported=no")).text)
    only = said((await owner.get("/threads?imported=yes")).text)
    assert "2 threads match" in only


async def test_a_thread_says_that_it_was_held_elsewhere(
    owner: Browser, record: Record, tmp_path: Path
) -> None:
    """With its source, and that times which it never had say nothing; never with what it was called there."""
    thread_id = await begin(record, tmp_path)
    page = said((await owner.get(f"/threads/{thread_id}")).text)
    assert "Imported from openai at" in page
    assert "nothing of it was said in this study" in page
    assert "Its messages had no times of their own" in page
    assert "line 2" not in page
