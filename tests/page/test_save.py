"""A participant takes a conversation along: every word, in three forms, and nobody else's."""

import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from markdown_it import MarkdownIt

from data_layer.record import Record
from data_layer.writing.writes import DeleteSteps, InsertRow, RenameThread
from page.me.participant_request import ParticipantRoutes
from page.me.save import save_routes
from tests.data_layer.rows import ADA, BOB, begin_thread, message, new_id, reply, rows
from tests.page.asking import ATTACKS, browser_of, study
from tests.page.gate import SECRET

# Line ends of three kinds, blanks at both ends, what fences are made of, a zero-width joiner, a stray half.
ODD = "  first\r\nsecond\rthird\n````\n~~~\n`````\n\ttab \u200d👩\u200d🚀 \u2028 ü \x0b end \n\n"
ENDINGS = ("txt", "md", "json")
Browser = Callable[[str | None], httpx2.AsyncClient]


@pytest.fixture
async def browser(record: Record, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Browser]:
    """Browsers before the routes."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    opened: list[httpx2.AsyncClient] = []

    def open_one(participant_id: str | None) -> httpx2.AsyncClient:
        opened.append(browser_of(participant_id, save_routes(ParticipantRoutes(), record, study)))
        return opened[-1]

    yield open_one
    for one in opened:
        await one.aclose()


async def long_talk(record: Record, *texts: str) -> str:
    """A thread in which a participant and an agent take turns with these texts."""
    thread_id = await begin_thread(record, texts[0])
    for place, text in enumerate(texts[1:]):
        make = message if place % 2 else reply
        await record.writer.submit(make(record, thread_id, text))
    return thread_id


async def test_every_word_comes_out_as_it_went_in(record: Record, browser: Browser) -> None:
    """Byte for byte, in each form, whatever the text is made of."""
    texts = ("Hello", ODD, *ATTACKS)
    thread_id = await long_talk(record, *texts)
    kept = [row["output"] for row in await rows(record, "steps")]
    ada = browser(ADA)
    saved = {ending: (await ada.get(f"/me/threads/{thread_id}/save.{ending}")).content for ending in ENDINGS}
    assert [one["text"] for one in json.loads(saved["json"])["messages"]] == kept
    for text in kept:
        for ending in ("txt", "md"):
            assert text.encode() in saved[ending]


async def test_json_says_who_spoke_and_when(record: Record, browser: Browser) -> None:
    """As docs/how-to/share-and-save.md tells it; no id, no name, no pseudonym."""
    thread_id = await long_talk(record, "Hello", "Good day")
    asked = (await rows(record, "steps"))[0]["step_id"]
    file: dict[str, Any] = {
        "element_id": new_id(),
        "thread_id": thread_id,
        "message_id": asked,
        "type": "file",
    }
    file |= {"name": "notes.txt", "mime": "text/plain", "file": "x", "size_bytes": 5, "seq": 1}
    await record.writer.submit(InsertRow("elements", file | {"created_at": record.now()}))
    answer = await browser(ADA).get(f"/me/threads/{thread_id}/save.json")
    saved = answer.json()
    assert (saved["format"], saved["version"], saved["title"]) == ("verbatim-conversation", 1, "Hello")
    first, second = saved["messages"]
    assert (first["role"], first["author"], first["status"]) == ("participant", None, "complete")
    assert first["attachments"] == [{"name": "notes.txt", "type": "text/plain", "size_bytes": 5}]
    assert (second["role"], second["author"]) == ("agent", "Agent")
    assert re.fullmatch(r"2026-11-21T12:00:\d\d\.\d{3}Z", second["at"])
    for secret in (ADA, thread_id, asked):
        assert secret not in answer.text


async def test_the_page_about_json_is_true(record: Record, browser: Browser) -> None:
    """docs/how-to/share-and-save.md shows the names that are there, and no other."""
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "share-and-save.md").read_text(encoding="utf-8")
    shown = json.loads(page.partition("```json\n")[2].partition("```")[0])
    thread_id = await long_talk(record, "Hello", "Good day")
    saved = (await browser(ADA).get(f"/me/threads/{thread_id}/save.json")).json()
    assert saved.keys() == shown.keys()
    assert saved["messages"][1].keys() == shown["messages"][1].keys()
    assert saved["messages"][0].keys() | {"attachments"} == shown["messages"][0].keys()
    assert (saved["format"], saved["version"]) == (shown["format"], shown["version"])


async def test_markdown_runs_nothing_in_any_reader(record: Record, browser: Browser) -> None:
    """Not even in one that takes HTML: texts stand in fences, titles and names are escaped."""
    thread_id = await long_talk(record, "Hi", *ATTACKS)
    for attack in ATTACKS:
        await record.writer.submit(RenameThread(thread_id, attack, record.now(), ADA))
        saved = await browser(ADA).get(f"/me/threads/{thread_id}/save.md")
        tokens = MarkdownIt("commonmark").enable("table").parse(saved.text)
        flat = [one for token in tokens for one in (token, *(token.children or []))]
        assert not {one.type for one in flat} & {
            "html_block",
            "html_inline",
            "link_open",
            "image",
            "code_inline",
        }
        title = next(token for token in tokens if token.type == "inline")
        assert "".join(one.content for one in title.children or []) == " ".join(attack.split())[:200]


async def test_only_what_stands_on_the_screen(record: Record, browser: Browser) -> None:
    """A message that was removed is not saved."""
    thread_id = await long_talk(record, "Stays", "Goes")
    gone = (await rows(record, "steps"))[1]["step_id"]
    await record.writer.submit(DeleteSteps((gone,), record.now(), "removed", thread_id))
    for ending in ENDINGS:
        answer = await browser(ADA).get(f"/me/threads/{thread_id}/save.{ending}")
        assert "Stays" in answer.text
        assert "Goes" not in answer.text
    assert "Goes" not in (await browser(ADA).get(f"/me/threads/{thread_id}/print")).text


@pytest.mark.parametrize("what", ["save.txt", "save.md", "save.json", "print"])
async def test_not_yours_and_not_there_look_alike(record: Record, browser: Browser, what: str) -> None:
    """And who is not signed in gets nothing."""
    thread_id = await long_talk(record, "Private")
    answers = [
        await browser(BOB).get(f"/me/threads/{target}/{what}")
        for target in (thread_id, new_id(), "zz') OR ('1'='1", "x" * 5_000)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert (await browser(None).get(f"/me/threads/{thread_id}/{what}")).status_code == 401
    assert (await browser(ADA).get(f"/me/threads/{thread_id}/{what}")).status_code == 200
    assert (await browser(ADA).get(f"/me/threads/{thread_id}/save.exe")).status_code == 404


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("A walk", "A walk 2026-11-21.md"),
        ("Wie geht’s? Grüße", "Wie geht’s Grüße 2026-11-21.md"),
        ('a"; filename="evil.exe', "a ; filename= evil.exe 2026-11-21.md"),
        ("x\r\nSet-Cookie: stolen=1\r\n\r\n<html>", "x Set-Cookie stolen=1 html 2026-11-21.md"),
        ("../../etc/passwd", "etcpasswd 2026-11-21.md"),
        ("photo\u202egnp.exe", "photo gnp.exe 2026-11-21.md"),
        ("....", "file 2026-11-21.md"),
        ("天气" * 100, "天气" * 30 + " 2026-11-21.md"),
    ],
)
async def test_a_title_names_the_file_and_steers_nothing(
    record: Record, browser: Browser, title: str, name: str
) -> None:
    """No header of its own, no path, no other ending, no turned writing."""
    thread_id = await long_talk(record, "Hi")
    await record.writer.submit(RenameThread(thread_id, title, record.now(), ADA))
    answer = await browser(ADA).get(f"/me/threads/{thread_id}/save.md")
    disposition = answer.headers["content-disposition"]
    found = re.fullmatch(
        r"attachment; filename=\"[^\"\\\x00-\x1f]*\"; filename\*=UTF-8''([^;\s]*)", disposition
    )
    assert found, disposition
    assert httpx2.URL(f"http://x/?n={found[1]}").params["n"] == name
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_the_page_to_print_speaks_the_readers_language(record: Record, browser: Browser) -> None:
    """With its button; the words stay as they are."""
    thread_id = await long_talk(record, "Hello", "**Good** day")
    asked: dict[str, Any] = {"headers": {"Accept-Language": "de"}}
    answer = await browser(ADA).get(f"/me/threads/{thread_id}/print", **asked)
    assert '<html lang="de">' in answer.text
    assert ">Drucken</button>" in answer.text
    assert "<strong>Good</strong> day" in answer.text


async def test_a_long_thread_is_saved_whole(record: Record, browser: Browser) -> None:
    """Window by window, and nothing is lost between two."""
    texts = [f"Message {n}." for n in range(250)]
    thread_id = await long_talk(record, *texts)
    answer = await browser(ADA).get(f"/me/threads/{thread_id}/save.json")
    assert [one["text"] for one in answer.json()["messages"]] == texts
