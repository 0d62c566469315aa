"""The key of a model: quoted back by the client and by the provider, and nowhere in the record."""

import base64
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from agent.context import ReplyContext
from agent.openai_compatible import OpenAIAgent
from data_layer.database import schema
from data_layer.record import Record
from privacy import MaskedRecord
from stages.chat.stage import ChatStage
from study.masking import MASK
from tests.data_layer.rows import one, rows
from tests.fake_openai import FakeOpenAI
from tests.fakes import FakeAgents, english
from tests.stages.talk import LIMIT, Talk

KEY = "sk-" + "swordfish-Ab3dEfGh1jKlMnOpQrStUvWxYz"
Begin = Callable[[str], Awaitable[Talk]]


@pytest.fixture
async def begin(record: Record, fake_openai: FakeOpenAI) -> AsyncIterator[Begin]:
    """ADA before a model that is asked with a key, just as it is given."""
    talks: list[tuple[Talk, OpenAIAgent]] = []

    async def with_key(key: str) -> Talk:
        agent = OpenAIAgent(name="A", model="m", api_key=key, base_url=fake_openai.url, max_retries=0)
        talk = Talk(ChatStage(record, FakeAgents(agent), message_length=LIMIT), record)
        talks.append((talk, agent))
        return talk

    yield with_key
    for talk, agent in talks:
        await talk.stage.close()
        await talk.leave()
        await agent.close()


async def everything(record: Record) -> str:
    """All rows of all tables, and the journal's files."""
    kept = [await rows(record, name) for name in schema.metadata.tables]
    files = [path.read_text() for path in record.data_dir.rglob("*.jsonl")]
    return json.dumps([kept, files], default=str, ensure_ascii=False)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n", "\0"])
async def test_a_header_that_the_client_refuses_leaves_no_key_behind(
    begin: Begin, fake_openai: FakeOpenAI, end: str
) -> None:
    """Its error quotes the key escaped; the record says what was wrong without it."""
    talk = await begin(f"{KEY}{end}x")
    await talk.say("Hello")
    assert fake_openai.requests == []
    assert talk.screen.texts == [english("chat.agent_failed")]
    call = await one(talk.record, "llm_calls")
    assert f"header value b'{MASK}'" in call["error_message"]
    assert (await one(talk.record, "runs"))["error_message"] == call["error_message"]
    assert "swordfish" not in await everything(talk.record)


async def test_a_provider_that_repeats_the_key_leaves_none_behind(
    begin: Begin, fake_openai: FakeOpenAI
) -> None:
    """In its message, in its code, encoded, and cut off by the bound of a message."""
    encoded = base64.b64encode(f"x:{KEY}".encode()).decode()
    talk = await begin(KEY)
    for message in (
        f"Incorrect API key provided: {KEY}.",
        f"Basic {encoded}",
        "".join(f"\\u{ord(letter):04x}" for letter in KEY),
        # Somewhere among these the message ends within the key.
        *("a" * length + KEY for length in range(1935, 1990, 5)),
    ):
        fake_openai.next(status=401, message=message, code=KEY)
        await talk.say("Hello")
    kept = await everything(talk.record)
    assert kept.count(MASK) >= 8
    for part in ("swordfish", encoded[8:24], "\\\\u0073\\\\u0077", KEY[:9]):
        assert part not in kept


async def test_a_provider_that_names_itself_by_the_key_is_masked(
    begin: Begin, fake_openai: FakeOpenAI
) -> None:
    """What it says of a whole answer is kept as well: its model, its id, its reason to end."""
    talk = await begin(KEY)
    fake_openai.next(model=f"model of {KEY}", finish_reason=f"stop {KEY}")
    await talk.say("Hello")
    call = await one(talk.record, "llm_calls")
    assert (call["gen_ai_response_model"], call["finish_reason"]) == (f"model of {MASK}", f"stop {MASK}")


async def test_the_words_of_a_participant_and_of_a_model_are_theirs(
    begin: Begin, fake_openai: FakeOpenAI
) -> None:
    """A key that somebody says is what they said."""
    talk = await begin(KEY)
    fake_openai.next(text=f"You said {KEY}")
    await talk.say(KEY)
    assert talk.screen.texts == [f"You said {KEY}"]
    assert [step["output"] for step in await rows(talk.record, "steps")][:2] == [KEY, f"You said {KEY}"]


async def test_a_log_that_holds_the_failure_holds_no_key(
    begin: Begin, fake_openai: FakeOpenAI, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the line nor the traceback with all its causes, whichever library writes it."""
    talk = await begin(f"{KEY}\r")
    try:
        async for _ in talk.stage._answering._agents.default.reply([], ReplyContext("t", "r")):
            pass
    except Exception as error:
        entry = MaskedRecord(
            "x", logging.ERROR, "x", 1, "failed: %r", (KEY,), (type(error), error, error.__traceback__)
        )
        text = logging.Formatter().format(entry)
    assert "Traceback" in text
    assert "direct cause" in text
    assert "swordfish" not in text
