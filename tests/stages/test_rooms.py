"""Rooms: every page of a participant that shows a thread sees the same, and nobody else's does."""

import asyncio
from collections.abc import Iterator
from typing import Any, cast

import pytest

from agent.events import TextDelta
from data_layer.chainlit.shapes import thread_dict
from data_layer.record import Record
from page.chat.chainlit_chat import ChainlitChat
from page.chat.page_hub import MOST_PAGES, PageHub, caught_up
from stages.chat.audiences import Audiences
from stages.chat.limits import ThreadLimits
from stages.chat.stage import ChatStage
from study.limits import Limits
from study.strings import strings_in
from tests.data_layer.rows import ADA, BOB, new_id, one, read_thread, rows
from tests.fakes import FakeAgent
from tests.pages import FakePage, forget_pages, heard, leave_pages
from tests.stages.talk import until, words


@pytest.fixture(autouse=True)
def no_pages() -> Iterator[None]:
    """Chainlit knows no page before the test, and none after it."""
    forget_pages()
    yield
    leave_pages()
    forget_pages()


@pytest.fixture
def chat(record: Record, stage: ChatStage) -> ChainlitChat:
    """The chat stage's Chainlit side."""
    return ChainlitChat(stage, record.connections)


async def open_thread(chat: ChainlitChat, record: Record, page: FakePage) -> dict[str, Any]:
    """Open a page's thread as the guard and Chainlit do.

    Returns:
        What the page is sent.
    """
    page.enter()
    page.session.thread_id_to_resume = page.thread_id
    chat.on_opening(page.session)
    kept = await read_thread(record.database, page.thread_id)
    assert kept is not None
    thread: Any = thread_dict(kept)
    await chat.on_resume(page.session, thread)
    page.emitted.append(("resume_thread", thread))
    await chat.on_opened(page.session)
    sent: dict[str, Any] = thread
    return sent


def screen_of(page: FakePage) -> list[tuple[str, str]]:
    """What stands on a page, message by message: drawn as Chainlit's page draws what it is sent."""
    drawn: dict[str, dict[str, Any]] = {}
    for event, data in page.emitted:
        if event == "resume_thread":
            drawn = {step["id"]: dict(step) for step in data["steps"]}
        elif event in ("new_message", "stream_start"):
            drawn[data["id"]] = drawn.get(data["id"], {}) | data
        elif event == "stream_token" and data["id"] in drawn:
            drawn[data["id"]]["output"] += data["token"]
        elif event == "delete_message":
            drawn.pop(data["id"], None)
    return [(step["type"], step["output"]) for step in drawn.values() if "message" in step["type"]]


async def test_a_second_device_sees_what_the_first_one_says_and_hears(
    chat: ChainlitChat, record: Record, agent: FakeAgent
) -> None:
    """The message, the reply as it grows, that the agent is at work, and that it is done."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two "), hold := asyncio.Event(), *words("three."))
    first = FakePage(ADA)
    await heard(chat, first.session, new_id(), "Hello")
    second = FakePage(ADA, first.thread_id)
    await open_thread(chat, record, second)
    turn = asyncio.create_task(heard(chat, first.session, message_id := new_id(), "Go on"))
    await until(lambda: second.of("stream_start") and second.of("task_start"))
    assert screen_of(second)[-2:] == [("user_message", "Go on"), ("assistant_message", "Two ")]
    assert first.of("kept")[-1] == {"id": message_id}
    assert second.of("kept") == []
    hold.set()
    await turn
    assert screen_of(second)[-1] == ("assistant_message", "Two three.")
    assert second.emitted[-1] == ("task_end", {})


async def test_either_device_can_stop_a_reply(chat: ChainlitChat, record: Record, agent: FakeAgent) -> None:
    """Both show what was said until then."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Long "), asyncio.Event())
    first = FakePage(ADA)
    await heard(chat, first.session, new_id(), "Hello")
    second = FakePage(ADA, first.thread_id)
    await open_thread(chat, record, second)
    turn = asyncio.create_task(heard(chat, first.session, new_id(), "Go on"))
    await until(lambda: second.of("stream_start"))
    assert chat.on_stop(second.session)
    await turn
    assert screen_of(second)[-1] == ("assistant_message", "Long ")
    assert [run["status"] for run in await rows(record, "runs")] == ["complete", "stopped"]


async def test_a_page_that_comes_between_a_message_and_its_reply_misses_nothing(
    chat: ChainlitChat, record: Record, agent: FakeAgent
) -> None:
    """Its thread is read when nothing of the reply is there; the first words come before it is sent."""
    agent.enqueue(begin := asyncio.Event(), *words("From the "), hold := asyncio.Event(), *words("start."))
    first = FakePage(ADA)
    turn = asyncio.create_task(heard(chat, first.session, new_id(), "Go on"))
    await until(lambda: agent.asked)
    second = FakePage(ADA, first.thread_id)
    second.enter()
    second.session.thread_id_to_resume = second.thread_id
    chat.on_opening(second.session)
    kept = await read_thread(record.database, first.thread_id)
    assert kept is not None
    thread: Any = thread_dict(kept)
    begin.set()
    await until(lambda: first.of("stream_start"))
    assert second.emitted == []
    await chat.on_resume(second.session, thread)
    second.emitted.append(("resume_thread", thread))
    await chat.on_opened(second.session)
    assert screen_of(second) == [("user_message", "Go on"), ("assistant_message", "From the ")]
    assert second.of("task_start") == [{}]
    hold.set()
    await turn
    assert screen_of(second)[-1] == ("assistant_message", "From the start.")


async def test_nobody_elses_page_is_in_the_room(chat: ChainlitChat, record: Record, agent: FakeAgent) -> None:
    """Whoever says something into a thread of another's hears nothing of it, then or later."""
    agent.enqueue(*words("Mine."))
    agent.enqueue(*words("Still mine."))
    own, strange = FakePage(ADA), FakePage(BOB)
    await heard(chat, own.session, new_id(), "Hello")
    strange.session.thread_id = own.thread_id
    await heard(chat, strange.session, new_id(), "Let me in")
    await heard(chat, own.session, new_id(), "Go on")
    assert {event for event, _ in strange.emitted} <= {"delete_message", "toast", "task_start", "task_end"}
    assert not any(output == "Let me in" for _, output in screen_of(own))


async def test_a_page_learns_of_its_thread_with_its_first_message_alone(
    chat: ChainlitChat, record: Record, agent: FakeAgent
) -> None:
    """Once it is kept: its address and its list go by that; a second message has nothing new to tell."""
    agent.enqueue(*words("One."))
    agent.enqueue(*words("Two."))
    page = FakePage(ADA)
    await heard(chat, page.session, new_id(), "Hello")
    await heard(chat, page.session, new_id(), "Go on")
    assert page.of("first_interaction") == [{"interaction": "Hello", "thread_id": page.thread_id}]


class Broken:
    """A stage with a mistake in it."""

    files = None

    def __init__(self, record: Record) -> None:
        self.limits = ThreadLimits(record, Limits())
        self.audiences = Audiences()

    async def hear(self, *_: Any) -> None:
        """Nobody foresaw this."""
        raise RuntimeError("a password of the operator's")

    def under_way(self, _thread_id: str) -> bool:
        """Nothing is."""
        return False


async def test_a_turn_that_breaks_in_our_own_code_is_told(record: Record) -> None:
    """In a sentence without the error's text, and the page may write again."""
    chat = ChainlitChat(cast(ChatStage, Broken(record)), record.connections)
    page = FakePage(ADA)
    await heard(chat, page.session, new_id(), "Hello")
    assert page.of("toast") == [{"message": strings_in("en")("page.failed"), "type": "info"}]
    assert page.emitted[-1] == ("task_end", {})


async def test_two_pages_that_come_back_at_once_say_once_that_an_answer_broke_off(
    chat: ChainlitChat, record: Record, stage: ChatStage, agent: FakeAgent
) -> None:
    """And each has one button, also when it comes back once more."""
    agent.enqueue(*words("Half"), asyncio.Event())
    page = FakePage(ADA)
    turn = asyncio.create_task(heard(chat, page.session, new_id(), "Hello"))
    await until(lambda: page.of("stream_start"))
    await stage.close()
    await turn
    pages = [FakePage(ADA, page.thread_id) for _ in range(2)]
    await asyncio.gather(*(open_thread(chat, record, one) for one in pages))
    await open_thread(chat, record, pages[0])
    for back in pages:
        assert [kind for kind, _ in screen_of(back)].count("system_message") == 1
        actions = {action["id"] for action in back.of("action")}
        assert len(actions) == 1
        events = [event for event, _ in back.emitted if event in ("action", "remove_action")]
        assert events == ["remove_action", "action"] * (len(events) // 2)


async def test_a_stop_before_the_first_event_of_a_reply_is_heard(
    chat: ChainlitChat, record: Record, agent: FakeAgent
) -> None:
    """The message is kept, the agent is not asked for a word, and the run ends as stopped."""
    agent.enqueue(TextDelta("Too late."))
    page = FakePage(ADA)
    pressed: list[bool] = []
    page.when("kept", lambda: pressed.append(chat.on_stop(page.session)))
    await heard(chat, page.session, new_id(), "Never mind")
    assert pressed == [True]
    assert (await one(record, "runs"))["status"] == "stopped"
    assert [row["output"] for row in await rows(record, "steps")] == ["Never mind"]


async def test_rooms_hold_no_more_pages_than_are_open() -> None:
    """A page in another thread, a page that is gone, and more pages than anybody has leave nothing behind."""
    rooms = PageHub()
    page = FakePage(ADA)
    rooms.enter(page.session)
    page.session.thread_id = new_id()
    rooms.enter(page.session)
    assert len(rooms) == 1
    rooms.leave(page.session)
    rooms.leave(page.session)
    assert len(rooms) == 0
    thread_id = new_id()
    many = [FakePage(ADA, thread_id) for _ in range(MOST_PAGES + 3)]
    for each in many:
        rooms.enter(each.session)
    await rooms.tell((ADA, thread_id), "task_end", {})
    assert [each for each in many if each.of("task_end")] == many[3:]
    for each in many:
        rooms.leave(each.session)
    assert len(rooms) == 0


async def test_a_page_that_cannot_be_reached_stops_nobody() -> None:
    """Its socket may have gone a moment ago."""
    rooms = PageHub()
    thread_id = new_id()
    gone, there = FakePage(ADA, thread_id), FakePage(ADA, thread_id)

    async def fail(*_: Any) -> None:
        raise ConnectionError("gone")

    gone.session.emit = fail  # type: ignore[assignment]  # as in FakePage
    for page in (gone, there):
        rooms.enter(page.session)
    await rooms.screen(gone.session, strings_in("en")).more("reply", "word")
    assert [token["token"] for token in there.of("stream_token")] == ["word"]


def test_what_was_told_is_drawn_into_a_thread_that_was_read_before() -> None:
    """The last state of each step counts; what hangs under a removed one goes too; no words are doubled."""
    steps: list[dict[str, Any]] = [
        {"id": "q", "output": "Hello", "parentId": None},
        {"id": "r", "output": "", "parentId": "q"},
        {"id": "a", "output": "Old", "parentId": "r"},
    ]
    told: list[tuple[str, Any]] = [
        ("delete_message", {"id": "r"}),
        ("new_message", {"id": "s", "output": "", "parentId": "q"}),
        ("stream_start", {"id": "b", "output": "New ", "parentId": "s"}),
        ("stream_token", {"id": "b", "token": "words"}),
        ("task_start", {}),
    ]
    drawn = caught_up(steps, told, [{"id": "b", "output": "New words", "parentId": "s"}])
    assert [(step["id"], step["output"]) for step in drawn] == [("q", "Hello"), ("s", ""), ("b", "New words")]
