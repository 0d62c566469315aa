"""What agents make of attached files: what a model is sent, what is kept of it, how much of it."""

import base64
import hashlib
import json
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent import parts
from agent.context import Attachment, ReplyContext, Utterance
from agent.eliza import ElizaAgent
from agent.events import CallStarted, TextDelta
from agent.openai_compatible import OpenAIAgent
from agent.parts import messages_of
from stages.chat.provenance import stored_prompt
from study.agent_definitions import ElizaDefinition
from tests import files_to_attach as files
from tests.fake_openai import FakeOpenAI, fake_openai, fake_openai_server

__all__ = ["fake_openai", "fake_openai_server"]

CONTEXT = ReplyContext("thread", "run")


class Desk:
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes, mime: str = "text/plain") -> Attachment:
        """Attach one."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._folder / digest
        path.write_bytes(content)
        return Attachment(name, mime, digest, path)

    def picture(self, name: str = "a.png", width: int = 3) -> Attachment:
        """Attach a picture."""
        return self.put(name, files.png(width), "image/png")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Nothing yet."""
    return Desk(tmp_path)


@pytest.fixture
async def agent(fake_openai: FakeOpenAI) -> AsyncIterator[OpenAIAgent]:
    """An agent with a model behind it."""
    agent = OpenAIAgent(name="Model", model="any", prompt="Be kind.", api_key="k", base_url=fake_openai.url)
    yield agent
    await agent.close()


def said(text: str, *attachments: Attachment) -> Utterance:
    """What a participant sends."""
    return Utterance("user", text, attachments)


async def test_a_model_sees_a_picture_and_the_record_its_digest(
    agent: OpenAIAgent, fake_openai: FakeOpenAI, desk: Desk
) -> None:
    """From the kept prompt and the file of that digest, what was sent can be written again, byte for byte."""
    picture = desk.picture()
    events = [event async for event in agent.reply([said("What is it?", picture)], CONTEXT)]
    sent = fake_openai.requests[0].body["messages"]
    kept = next(event for event in events if isinstance(event, CallStarted)).messages
    url = sent[1]["content"][1]["image_url"]["url"]
    assert base64.b64decode(url.removeprefix("data:image/png;base64,")) == files.png()
    reference = f"sha256:{picture.sha256}"
    assert kept[1]["content"][1]["image_url"]["url"] == f"data:image/png;base64,{reference}"
    encoded = base64.b64encode(files.png()).decode()
    again = [*kept[:1], _replaced(dict(kept[1]), reference, encoded)]
    assert again == sent
    assert sent[1]["content"][0] == {"type": "text", "text": "What is it?"}


def _replaced(message: dict[str, object], reference: str, encoded: str) -> dict[str, object]:
    content = message["content"]
    assert isinstance(content, list)
    url = content[1]["image_url"]["url"].replace(reference, encoded)
    return message | {"content": [content[0], {"type": "image_url", "image_url": {"url": url}}]}


async def test_texts_and_documents_are_quoted_with_their_names(desk: Desk) -> None:
    """A PDF by its words."""
    text = desk.put("plan.txt", b"\xef\xbb\xbfA walk.")
    pdf = desk.put("paper.pdf", files.pdf("Gardens are good."), "application/pdf")
    prompt = await messages_of([], [said("", text, pdf)])
    assert prompt.sent == prompt.kept
    assert [part["text"] for part in prompt.sent[0]["content"]] == [
        "[Attached file: plan.txt]\nA walk.\n[End of plan.txt]",
        "[Attached file: paper.pdf]\nGardens are good.\n[End of paper.pdf]",
    ]


HARD = "a\x00b \x01\x1b[31m \u202e \ufeff \uffff"


@pytest.mark.parametrize("mime", ["text/plain", "application/pdf"])
async def test_what_cannot_be_kept_is_not_sent(
    agent: OpenAIAgent, fake_openai: FakeOpenAI, desk: Desk, mime: str
) -> None:
    """NUL and half a surrogate, from a file, a name, a message or the study: both sides have U+FFFD there."""
    content = files.pdf(r"a\000b") if mime == "application/pdf" else HARD.encode()
    turns = [
        said(HARD),
        Utterance("assistant", f"{HARD}\ud800"),
        said(f"\udfff{HARD}", desk.put(f"n{HARD}\ud800.txt", content, mime)),
        said(HARD),
    ]
    agent._system.append({"role": "system", "content": HARD})
    events = [event async for event in agent.reply(turns, CONTEXT)]
    sent = fake_openai.requests[0].body["messages"]
    started = next(event for event in events if isinstance(event, CallStarted))
    _, kept = stored_prompt(started)
    assert json.loads(kept) == sent
    assert all(end not in kept for end in (r"\u0000", r"\ud800", "\x00"))
    assert "a\ufffdb" in sent[4]["content"][1]["text"].partition("]")[2]
    assert HARD.replace("\x00", "\ufffd") == sent[1]["content"]


@pytest.mark.parametrize("content", [b"%PDF-1.7 and then nothing", b"%PDF-1.4\n" + b"\xff" * 10_000])
async def test_a_pdf_without_words_is_named(desk: Desk, content: bytes) -> None:
    """A scan, or a file that only begins like one, ends no reply."""
    prompt = await messages_of([], [said("Look", desk.put("scan.pdf", content, "application/pdf"))])
    noted = "[Attached file: scan.pdf. Its content is not given here.]"
    assert prompt.sent[0]["content"][1] == {"type": "text", "text": noted}


async def test_a_pdf_that_would_fill_memory_is_named(desk: Desk) -> None:
    """120 MB come out of half a megabyte: in a process that may not have them."""
    drawn = zlib.compress(b"(" + b"x" * 120_000_000 + b") Tj", 1)
    old = b"<< /Length %d >>\nstream\n%s\nendstream"
    plain = files.pdf("x")
    begin = plain.index(b"<< /Length")
    end = plain.index(b"endobj", begin)
    bomb = plain[:begin] + old.replace(b"/Length", b"/Filter /FlateDecode /Length") % (len(drawn), drawn)
    content = bomb + b"\n" + plain[end:]
    prompt = await messages_of([], [said("Look", desk.put("bomb.pdf", content, "application/pdf"))])
    assert "not given" in prompt.sent[0]["content"][1]["text"]


async def test_a_file_that_is_gone_is_named(desk: Desk) -> None:
    """The conversation goes on."""
    prompt = await messages_of([], [said("Look", Attachment("a.png", "image/png", "0" * 64, None))])
    assert "not given" in prompt.sent[0]["content"][1]["text"]


async def test_the_newest_files_are_given_and_older_ones_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long conversation with many files stays a prompt that a model can take."""
    monkeypatch.setattr(parts, "MOST_PICTURES", 2)
    monkeypatch.setattr(parts, "LONGEST_TEXT", 10)
    monkeypatch.setattr(parts, "LONGEST_TEXTS", 15)
    turns = [
        said("", desk.picture("one.png", 4), desk.put("old.txt", b"o" * 9)),
        Utterance("assistant", "Yes."),
        said("", desk.picture("two.png", 5), desk.put("new.txt", b"n" * 20)),
        Utterance("assistant", "Yes."),
        said("", desk.picture("three.png", 6)),
    ]
    first, second, third = (message["content"] for message in (await messages_of([], turns)).sent[::2])
    assert [part["type"] for part in (*first, *second, *third)] == [
        *("text", "text", "image_url", "text", "image_url")
    ]
    assert first[0]["text"] == "[Attached file: one.png. Its content is not given here.]"
    assert "n" * 10 + "\n[The file goes on" in second[1]["text"]
    assert "ooooo\n[The file goes on" in first[1]["text"]


async def test_without_attachments_messages_are_plain_text() -> None:
    """As servers without content parts take them."""
    prompt = await messages_of([], [said("Hello")])
    assert prompt.sent == [{"role": "user", "content": "Hello"}]


async def test_eliza_answers_a_message_of_files_alone(desk: Desk) -> None:
    """She has read nothing, and says so as she does to whatever has no keyword."""
    eliza = ElizaAgent(ElizaDefinition(name="ELIZA", kind="eliza", letters="sentence"))
    events = [event async for event in eliza.reply([said("", desk.picture())], CONTEXT)]
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert text == "I am not sure I understand you fully"
