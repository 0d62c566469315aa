"""That somebody types, and that a study has ended: what pages say and are told."""

from typing import Any

import pytest

from data_layer.record import Record
from page.chat.guard import Guard
from page.chat.study_news import StudyNews
from page.chat.typing_guard import TypingGuard
from study.vocabulary import StudyState
from tests.data_layer.rows import ADA, count, new_id
from tests.page.gate import FakeChat, Handlers, said
from tests.pages import FakePage


async def end(record: Record) -> None:
    """A researcher ends the study."""
    await record.controls.change(StudyState.ENDED, None, "Olga")


@pytest.mark.parametrize("payload", [(), ({},), ({"thread_id": new_id(), "text": "secret"},), (None, [])])
async def test_who_types_is_known_by_their_own_page(
    guard: Guard, record: Record, page: FakePage, payload: tuple[Any, ...]
) -> None:
    """In the thread of its session, whatever else it says."""
    await TypingGuard(record.presence).handlers()["typing"](page.sid, *payload)
    assert set(record.presence.typing()) == {(ADA, page.thread_id)}


async def test_a_stranger_types_nowhere(guard: Guard, record: Record) -> None:
    """A socket without a session."""
    await TypingGuard(record.presence).typing("nobody", {})
    assert record.presence.typing() == {}


async def test_what_is_sent_is_typed_no_more(guard: Guard, record: Record, page: FakePage) -> None:
    """The room shows it as waiting next."""
    record.presence.typed(ADA, page.thread_id)
    await guard.client_message(page.sid, said())
    assert record.presence.typing() == {}


async def test_a_message_to_an_ended_study_is_given_back(
    guard: Guard, handlers: Handlers, chat: FakeChat, record: Record, page: FakePage
) -> None:
    """The chat never hears of it, so that no thread begins; the page is told which words it keeps."""
    await end(record)
    sent = said()
    await guard.client_message(page.sid, sent)
    message_id = sent["message"]["id"]
    assert (handlers.called, chat.heard) == ([], [])
    assert page.of("study_state") == [{"state": "ended", "not_taken": message_id}]
    assert page.of("delete_message") == [{"id": message_id}]
    assert page.of("task_end") == [{}]
    for table in ("threads", "steps"):
        assert await count(record, table) == 0


async def test_a_page_that_connects_learns_how_the_study_stands(
    guard: Guard, record: Record, page: FakePage
) -> None:
    """It may have been away when it ended."""
    await end(record)
    await guard.connection_successful(page.sid)
    assert page.of("study_state") == [{"state": "ended"}]


async def test_open_pages_are_told_once(guard: Guard, record: Record, page: FakePage) -> None:
    """At each change, and never twice of the same."""
    news = StudyNews(record.controls, lambda: [page.session])
    await news.look()
    for state in (StudyState.PAUSED, StudyState.ENDED, StudyState.OPEN):
        await record.controls.change(state, None, "Olga")
        await news.look()
        await news.look()
    assert [told["state"] for told in page.of("study_state")] == ["paused", "ended", "open"]
