"""Imported conversations in the room: marked, chosen by a filter, and in no figure unasked."""

import csv
import re
from pathlib import Path

from data_layer.record import Record
from study.vocabulary import CodeColour
from tests.data_layer.rows import begin_thread, rows
from tests.imports.bringing import bring, write
from tests.research.browser import Browser

ELSEWHERE = {
    "user": "ada",
    "messages": [{"role": "user", "content": "Said elsewhere", "timestamp": "2001-01-01"}],
}
NAMED = {
    "messages": [
        {"role": "user", "content": "Said elsewhere, too"},
        {"role": "assistant", "content": "So it was", "model": "gpt-4o-2024-08-06"},
    ]
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
    assert "3 threads, 2 of them imported" in page
    only = said((await owner.get("/threads?imported=yes")).text)
    assert "2 threads match, all imported" in only
    assert "1 thread matches Thread" in said((await owner.get("/threads?imported=no")).text)


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


async def test_what_a_search_finds_is_marked(owner: Browser, record: Record, tmp_path: Path) -> None:
    """Each message from elsewhere bears the word, and one of the study's own does not."""
    await begin(record, tmp_path)
    await bring(record, "openai", write(tmp_path / "m.jsonl", [NAMED]), at=record.now())
    own = await record.enter("Bob", "bob")
    await begin_thread(record, owner=own.participant_id, words="Said elsewhere by nobody")
    page = said((await owner.get("/threads?q=said+elsewhere")).text)
    assert "3 messages found" in page
    assert page.count("Said elsewhere imported") == page.count("Said elsewhere, too imported") == 1
    assert "by nobody imported" not in page
    page = said((await owner.get("/threads?q=said+elsewhere&sort=relevance&imported=no")).text)
    assert "1 message found" in page
    assert "imported Said" not in page


async def test_excerpts_of_a_code_are_marked_counted_and_chosen(
    owner: Browser, record: Record, tmp_path: Path
) -> None:
    """The codebook says how many are from elsewhere; their page has a filter, and their file a column."""
    thread_id = await begin(record, tmp_path)
    (own,) = await rows(record, "threads", title="Hello there")
    me = (await record.researchers.all())[0]
    trust = await record.codebook.add("Trust", "", CodeColour.BLUE, me.researcher_id, me.name)
    code = trust.code_id
    await record.annotations.give_code_to_threads(
        [thread_id, own["thread_id"]], code, me.researcher_id, me.name
    )
    page = said((await owner.get("/codebook")).text)
    assert "Given 2 times in 2 threads, 1 of them in imported conversations" in page
    page = said((await owner.get(f"/codebook/{code}/excerpts")).text)
    assert page.count("· imported · given by") == 1
    page = said((await owner.get(f"/codebook/{code}/excerpts?imported=no")).text)
    assert "1 excerpt" in page
    assert "· imported" not in page
    told = list(csv.DictReader((await owner.get(f"/codebook/{code}/excerpts.csv")).text.splitlines()))
    assert {row["thread_id"]: row["imported"] for row in told} == {
        thread_id: "TRUE",
        own["thread_id"]: "FALSE",
    }


async def test_a_model_that_the_source_names_is_said_to_be_claimed(
    owner: Browser, record: Record, tmp_path: Path
) -> None:
    """At the reply that it is of; no call stands there, for nobody here made one."""
    await bring(record, "openai", write(tmp_path / "m.jsonl", [NAMED]), at=record.now())
    (thread,) = await rows(record, "threads")
    page = said((await owner.get(f"/threads/{thread['thread_id']}")).text)
    assert page.count("its source names the model gpt-4o-2024-08-06") == 1
    assert "nobody here asked a model, or measured one" in page
    assert "imported then from a source of the kind openai: no conversation of this study." in page
    assert "Study fingerprint" not in page
    assert "What the model saw" not in page


async def test_their_participant_says_so_at_each_thread(
    owner: Browser, record: Record, tmp_path: Path
) -> None:
    """On the list of participants, and at each conversation on their own page."""
    thread_id = await begin(record, tmp_path)
    (thread,) = await rows(record, "threads", thread_id=thread_id)
    page = said((await owner.get(f"/participants/{thread['participant_id']}")).text)
    assert "Howimported" in page
    assert ", imported" in page
