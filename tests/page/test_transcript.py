"""A thread on paper: it reads like the chat, and nothing in it runs or fetches."""

import asyncio
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from data_layer.conversations.threads import ThreadRecord
from stages.transcript.draw import Paper, draw_page, draw_window, own_file, transcript_headers
from stages.transcript.entries import entries_of
from stages.transcript.markdown import TranscriptMarkdown
from stages.transcript.text import TranscriptConversation, as_json, as_markdown, as_text
from study.strings import LANGUAGES, strings_in
from study.vocabulary import CutOff
from tests.data_layer.rows import new_id
from tests.page.asking import ATTACKS

MOMENT = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
MARKDOWN = """# A title

A *word*, a **strong** one and `code`.

- one
- two

| day | plan |
|---|--:|
| Saturday | walk |

```python
def plan(day: str) -> str:
    return "walk"  # <b>
```

[the web](https://example.org/?a=1&b=2)
"""


class Seen(HTMLParser):
    """What a browser would find: elements, and addresses that it would fetch or follow."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        """Words."""
        self.texts.append(data)


def step(text: str, **columns: Any) -> dict[str, Any]:
    """A row of `steps`, an agent's message."""
    shape: dict[str, Any] = {
        "step_id": new_id(),
        "type": "assistant_message",
        "name": "Agent",
        "output": text,
        "input": "",
    }
    shape |= {"turn": 1, "seq": 1, "display": None, "created_at": MOMENT, "status": "complete"}
    return shape | {"is_error": False} | columns


def record_of(*steps: dict[str, Any], elements: list[dict[str, Any]] | None = None) -> ThreadRecord:
    """A thread that holds them."""
    return ThreadRecord({"title": "A thread"}, list(steps), [], [], elements or [])


async def page_of(record: ThreadRecord, **paper: Any) -> str:
    """A page of its own."""
    lines: dict[str, Any] = {"title": "T", "about": [], "closing": [], "participant": "You"}
    return await draw_page([record], Paper(**lines, address=own_file, **paper), strings_in("en"))


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("kind", ["user_message", "assistant_message", "system_message", "tool"])
async def test_nothing_that_was_written_becomes_an_element(attack: str, kind: str) -> None:
    """Texts, names of authors and of files, a tool's input: each in the chat's window and on a page."""
    file: dict[str, Any] = {
        "element_id": new_id(),
        "message_id": new_id(),
        "name": attack,
        "mime": "text/plain",
    }
    file |= {"file": "kept", "size_bytes": 1}
    row = step(attack, type=kind, name=attack, input=attack, step_id=file["message_id"])
    record = record_of(row, elements=[file])
    for drawn in (await draw_window(record, strings_in("en")), await page_of(record, printable=False)):
        seen = Seen(re.sub("<style>.*</style>", "", drawn, flags=re.DOTALL))
        assert not seen.tags & {"script", "svg", "iframe", "object", "form", "input", "h3", "b", "template"}
        assert not [name for name in seen.attributes if name.startswith("on") or name in ("style", "srcdoc")]
        for address in seen.addresses:
            assert re.match(r"/(files|avatars)/|/favicon$|https?://", address), address
        assert not [
            address
            for address in seen.addresses
            if address.startswith("http") and "pictures.invalid" in address
        ]


async def test_a_participants_words_stand_as_they_were_typed() -> None:
    """Stars, hashes, blanks and line breaks are theirs, not markup."""
    typed = "# not a *title*\n   three blanks\n\n<b>nor bold</b>"
    for drawn in (
        await draw_window(record_of(step(typed, type="user_message")), strings_in("en")),
        await page_of(record_of(step(typed, type="user_message"))),
    ):
        assert typed in "".join(Seen(drawn).texts)


async def test_a_reply_has_its_form() -> None:
    """Headings, lists, tables, code in colours, links that lead away without telling from where."""
    drawn = await page_of(record_of(step(MARKDOWN)))
    assert {"h1", "ul", "table", "pre", "em", "strong", "a"} <= Seen(drawn).tags
    assert '<span class="hljs-keyword">def</span>' in drawn
    assert '<a href="https://example.org/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer' in drawn


async def test_the_window_has_the_chats_elements() -> None:
    """The same classes and ids as Chainlit's messages, so that sheets and jumps work on both."""
    row = step(MARKDOWN)
    drawn = await draw_window(record_of(row), strings_in("en"))
    assert f'id="step-{row["step_id"]}"' in drawn
    assert 'data-step-type="assistant_message"' in drawn
    assert 'role="article"' in drawn


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_reply_that_was_cut_off_says_so_everywhere(language: str) -> None:
    """In the chat's window, on a page to print or share, in text and Markdown: the reader's words for it."""
    strings = strings_in(language)
    cut = [step("Once upon a", cut_off=one.value) for one in CutOff]
    record = record_of(*cut, step("Whole."), step("Hm.", type="thinking", name="thinking"))
    paper = Paper(title="T", about=[], closing=[], participant="You", address=own_file)
    saved = TranscriptConversation("T", "S", MOMENT, entries_of(record))
    for drawn in (
        await draw_window(record, strings),
        await draw_page([record], paper, strings),
        as_text(saved, strings),
        as_markdown(saved, strings).replace("\\", ""),
    ):
        for one in CutOff:
            assert drawn.count(strings(f"page.cut_off_{one.value}")) == 1
        assert strings("page.said_thinking") in drawn
    kept = json.loads(as_json(saved, strings))["messages"]
    assert [one.get("cut_off") for one in kept] == ["length", "content_filter", None, None]


async def test_a_pages_policy_lets_it_draw_itself() -> None:
    """Its style, and the printing page's one script, are allowed by their digests, and nothing else is."""
    import base64
    import hashlib

    for printable in (False, True):
        drawn = await page_of(record_of(step("Words")), printable=printable)
        policy = transcript_headers(printable=printable)["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        inline = re.findall("<(?:style|script)>(.*?)</(?:style|script)>", drawn, re.DOTALL)
        assert len(inline) == 1 + printable
        for text in inline:
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
        assert ("script-src" in policy) is printable


def test_a_turns_answers_follow_its_message() -> None:
    """Also where the next message came before they did: so the page draws them."""
    rows = [
        step("First", type="user_message", turn=1, seq=1),
        step("Second", type="user_message", turn=2, seq=2),
        step("To the first", turn=1, seq=3),
        step("To the second", turn=2, seq=4),
    ]
    said = [entry.text for entry in entries_of(record_of(*rows))]
    assert said == ["First", "To the first", "Second", "To the second"]


def test_an_address_in_a_sentence_is_a_link() -> None:
    """As in the chat, without the full stop that follows it; in code and in links it stays what it is."""
    drawn = TranscriptMarkdown(like_chat=False, no_picture="not shown")
    assert '<a href="https://example.org/a?b=1&amp;c=2" ' in drawn("See https://example.org/a?b=1&c=2.")
    assert drawn("See (https://example.org/a).").endswith("</a>).</p>")
    assert "<a" not in drawn("`https://example.org`")
    assert drawn("[https://one.example](https://two.example)").count("<a") == 1
    assert "<a" not in drawn("https://")


def test_a_picture_at_another_site_is_a_sentence() -> None:
    """Fetching it would tell that site who reads; a study's own pictures are drawn."""
    drawn = TranscriptMarkdown(like_chat=True, no_picture="not shown")
    assert "<img" not in drawn("![A cat](https://pictures.invalid/cat.png)")
    assert "A cat (not shown)" in drawn("![A cat](https://pictures.invalid/cat.png)")
    assert "<img" not in drawn("![x](/public/../files/secret.png)")
    assert '<img src="/public/pictures/cat.png"' in drawn("![A cat](/public/pictures/cat.png)")


async def test_other_work_goes_on_while_a_long_thread_is_drawn() -> None:
    """Drawing happens beside the loop: it turns many times meanwhile."""
    record = record_of(*(step(MARKDOWN, seq=n) for n in range(200)))
    drawing = asyncio.create_task(draw_window(record, strings_in("en")))
    turns = 0
    while not drawing.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await drawing).count('data-step-type="assistant_message"') == 200
    assert turns > 10
