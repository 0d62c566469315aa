"""Forms and intents in copies of a conversation: on paper, in files, behind a link, as they stood there."""

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from agent.events import FormAsked, IntentBegan, IntentEnded, TextDelta
from data_layer.conversations import intents
from data_layer.conversations.paging import whole_thread
from data_layer.conversations.threads import ThreadRecord
from data_layer.record import Record
from data_layer.writing.intent_writes import MoveIntent
from stages.chat.stage import ChatStage
from stages.transcript.draw import Paper, draw_page, draw_window, own_file
from stages.transcript.entries import entries_of
from stages.transcript.text import TranscriptConversation, as_json, as_markdown, as_text
from study.forms import Form
from study.strings import strings_in
from tests.data_layer.rows import ADA, one, rows
from tests.fakes import FakeAgent, FakeAgents, HandClock
from tests.page.test_transcript import MOMENT, Seen, page_of
from tests.stages.talk import LIMIT, Talk, words

COFFEE: Final = "Order <b>coffee</b>"
ORDER: Final = Form.model_validate(
    {
        "id": "order",
        "title": "Your <b>order</b>",
        "items": [
            {"id": "drink", "kind": "choice", "label": "Which drink?", "options": ["Tea", "Coffee"]},
            {"id": "milk", "kind": "yes_no", "label": "Milk", "show_if": {"item": "drink", "is": "Coffee"}},
            {"id": "cups", "kind": "number", "label": "How *many*?", "required": False},
        ],
    }
)


@pytest.fixture
def agent() -> FakeAgent:
    """One that keeps intents."""
    agent = FakeAgent()
    agent.keeps_intents = True
    return agent


@pytest.fixture
async def talk(record: Record, agent: FakeAgent) -> AsyncIterator[Talk]:
    """A participant who says what they want, and was asked with a form."""
    stage = ChatStage(record, FakeAgents(agent), message_length=LIMIT)
    talk = Talk(stage, record)
    agent.enqueue(IntentBegan("order", COFFEE, 0.9), TextDelta("What would you like?"), FormAsked(ORDER))
    await talk.say("A drink, please")
    yield talk
    await stage.close()


async def answered(talk: Talk, agent: FakeAgent) -> None:
    """The form is sent, and the order is made."""
    agent.enqueue(IntentEnded("completed", "tool"), *words("Coming."))
    await talk.answer(next(iter(talk.screen.forms)), drink="Tea")
    await talk.record.writer.flush()


async def copied(record: Record, thread_id: str) -> ThreadRecord:
    """The thread as its owner's copies have it."""
    (piece,) = await whole_thread(record.database, thread_id)
    piece.intents.extend(await intents.lines(record.database, thread_id))
    return piece


def texts(piece: ThreadRecord, language: str = "en") -> tuple[str, str, dict[str, Any]]:
    """As text, as Markdown and as JSON."""
    saved = TranscriptConversation("T", "S", MOMENT, entries_of(piece))
    strings = strings_in(language)
    return as_text(saved, strings), as_markdown(saved, strings), json.loads(as_json(saved, strings))


async def test_a_copy_has_the_form_and_the_intent(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """In text: where it began and ended, what was asked, and what was answered; nothing that was hidden."""
    await answered(talk, agent)
    text, _, _ = texts(await copied(record, talk.thread_id))
    told = [line for line in text.splitlines()[4:] if not line.startswith("[2")]
    assert [line for line in told if line] == [
        f"[Begins: {COFFEE}]",
        "A drink, please",
        "What would you like?",
        "Your <b>order</b>",
        "Which drink? Tea",
        "How *many*? Not answered",
        "[Sent]",
        "Which drink? Tea",
        "Coming.",
        f"[Completed: {COFFEE}]",
    ]


async def test_markdown_makes_no_markup_of_questions(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """Questions, titles and answers stand as they were read, whatever signs are in them."""
    await answered(talk, agent)
    _, markdown, _ = texts(await copied(record, talk.thread_id))
    assert "\n- How \\*many\\*\\? Not answered\n" in markdown
    assert "\n*Begins\\: Order \\<b\\>coffee\\<\\/b\\>*\n" in markdown
    assert markdown.index("Begins") < markdown.index("A drink, please") < markdown.index("Completed")


async def test_json_has_them_by_name(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """As docs/how-to/share-and-save.md tells it; a message without any has no such name."""
    await answered(talk, agent)
    _, _, told = texts(await copied(record, talk.thread_id))
    first, second, third, fourth = told["messages"]
    assert first["intents"] == [{"title": COFFEE, "state": "began"}]
    assert fourth["intents"] == [{"title": COFFEE, "state": "completed"}]
    assert second["form"] == {
        "title": "Your <b>order</b>",
        "state": "answered",
        "questions": [
            {"question": "Which drink?", "answer": "Tea"},
            {"question": "How *many*?", "answer": None},
        ],
    }
    assert not {"form", "intents"} & third.keys()


async def test_a_page_shows_them_quietly(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """On the page to print, and so behind a link; what was written is no element there."""
    await answered(talk, agent)
    drawn = await page_of(await copied(record, talk.thread_id))
    seen = Seen(drawn)
    shown = [one.strip() for one in seen.texts if one.strip()]
    place = shown.index("Which drink?")
    assert shown[place : place + 5] == ["Which drink?", "Tea", "How *many*?", "Not answered", "Sent"]
    assert shown.index(f"Begins: {COFFEE}") < place < shown.index(f"Completed: {COFFEE}")
    assert {"dl", "dt", "dd"} <= seen.tags
    assert not {"b", "form", "input"} & seen.tags


async def test_the_readers_language_says_what_became_of_it(talk: Talk, record: Record) -> None:
    """The questions stay in the language in which they were asked."""
    piece = await copied(record, talk.thread_id)
    paper = Paper(title="T", about=[], closing=[], participant="Sie", address=own_file)
    drawn = await draw_page([piece], paper, strings_in("de"))
    assert "Noch keine Antwort" in drawn
    assert "Beginnt: Order" in drawn
    assert "Which drink?" in drawn


async def test_a_form_that_was_left_says_so(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """All that it asked, also what a condition would have hidden, and no answer to any."""
    agent.enqueue(*words("All right."))
    await talk.say("Tea, please")
    await record.writer.flush()
    text, _, told = texts(await copied(record, talk.thread_id))
    asked = "Your <b>order</b>\nWhich drink? –\nMilk: –\nHow *many*? –\n"
    assert f"{asked}[Not answered: the conversation went on.]" in text
    assert told["messages"][1]["form"]["state"] == "left"
    assert f"[Completed: {COFFEE}]" not in text


async def test_one_that_was_abandoned_says_so_once_and_not_when_it_was_taken_up_again(
    talk: Talk, record: Record
) -> None:
    """As the page does: a line where it ended, which goes when it is continued."""
    intent = (await one(record, "intents", thread_id=talk.thread_id))["intent_id"]
    for move, said in (("abandoned", 1), ("continued", 0), ("abandoned", 1)):
        await record.writer.submit(MoveIntent(talk.thread_id, intent, move, "idle", record.now()))
        text, _, _ = texts(await copied(record, talk.thread_id))
        assert text.count(f"[Not finished: {COFFEE}]") == said
        assert text.count(f"[Begins: {COFFEE}]") == 1


async def test_what_was_edited_away_is_in_no_copy(talk: Talk, agent: FakeAgent, record: Record) -> None:
    """The form and the intent of the wording that left the screen leave with it."""
    await answered(talk, agent)
    agent.enqueue(*words("Good day."))
    asked = next(row for row in await talk.steps() if row["output"] == "A drink, please")
    await talk.edit(asked["step_id"], "Hello")
    await record.writer.flush()
    piece = await copied(record, talk.thread_id)
    for copy in (*texts(piece)[:2], json.dumps(texts(piece)[2]), await page_of(piece)):
        assert "Which drink?" not in copy
        assert "coffee" not in copy


async def test_the_chats_own_windows_leave_them_to_the_page(
    talk: Talk, agent: FakeAgent, record: Record
) -> None:
    """It draws forms and intents itself, above the newest messages as below."""
    await answered(talk, agent)
    drawn = await draw_window(await copied(record, talk.thread_id), strings_in("en"))
    assert "How *many*?" not in drawn
    assert "Begins" not in drawn


async def test_a_link_shows_a_form_and_an_intent_as_they_were(
    talk: Talk, agent: FakeAgent, record: Record, clock: HandClock
) -> None:
    """What was answered, and what ended, after the link was made is not behind it."""
    clock.forward(1)
    early = await record.shares.make(ADA, talk.thread_id, 7)
    clock.forward(1)
    await answered(talk, agent)
    clock.forward(1)
    late = await record.shares.make(ADA, talk.thread_id, 7)
    told = {}
    for name, share in (("early", early), ("late", late)):
        pieces = await record.shares.read(share.token)
        (piece,) = pieces
        told[name] = await page_of(piece)
    assert "No answer yet" in told["early"]
    assert "Completed" not in told["early"]
    assert "Begins" in told["early"]
    assert ">Tea</dd>" in told["late"]
    assert "Completed: Order" in told["late"]
    assert ">Tea</dd>" not in told["early"]


async def test_an_end_by_the_sweep_after_a_link_is_not_behind_it(
    talk: Talk, record: Record, clock: HandClock
) -> None:
    """It happened in no reply: its moment says that it came later."""
    clock.forward(1)
    share = await record.shares.make(ADA, talk.thread_id, 7)
    clock.forward(1)
    intent = (await one(record, "intents", thread_id=talk.thread_id))["intent_id"]
    await record.writer.submit(MoveIntent(talk.thread_id, intent, "abandoned", "idle", record.now()))
    (piece,) = await record.shares.read(share.token)
    assert [line["state"] for line in piece.intents] == ["began"]
    assert (await rows(record, "intents"))[0]["state"] == "abandoned"
