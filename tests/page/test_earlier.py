"""Earlier messages of a long thread, for their owner."""

import httpx2
import pytest

from data_layer.conversations.paging import WINDOW, read_window
from data_layer.record import Record
from data_layer.writing.form_writes import PutForm
from data_layer.writing.writes import PutStep
from page.me.earlier import earlier_routes
from page.me.participant_request import ParticipantRoutes
from tests.data_layer.rows import ADA, BOB, begin_thread, message, new_id, reply, rows
from tests.page.asking import browser_of
from tests.page.gate import SECRET


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cookies are signed with."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)


def browser(record: Record, participant_id: str | None) -> httpx2.AsyncClient:
    """A browser before the route."""
    return browser_of(participant_id, earlier_routes(ParticipantRoutes(), record))


async def long_thread(record: Record) -> tuple[str, int]:
    """A thread of two and a half windows, and where its newest window begins."""
    thread_id = await begin_thread(record, "Message 0")
    for n in range(1, WINDOW * 5 // 2):
        make = reply if n % 2 else message
        await record.writer.submit(make(record, thread_id, f"Message {n}"))
    window = await read_window(record.database, thread_id)
    assert window is not None
    assert window.earlier is not None
    return thread_id, window.earlier.before


async def test_walking_back_shows_every_message_once(record: Record) -> None:
    """With the words for Copy, and how much is left."""
    thread_id, before = await long_thread(record)
    ids = [row["step_id"] for row in await rows(record, "steps")]
    async with browser(record, ADA) as ada:
        first = (await ada.get(f"/me/threads/{thread_id}/earlier?before={before}")).json()
        assert first["earlier"]["count"] == WINDOW // 2
        last = (await ada.get(f"/me/threads/{thread_id}/earlier?before={first['earlier']['before']}")).json()
    assert last["earlier"] is None
    shown = [*last["texts"], *first["texts"]]
    assert shown == ids[: len(ids) - WINDOW]
    assert list(first["texts"].values())[-1] == f"Message {len(shown) - 1}"
    assert all(f'id="step-{one}"' in first["html"] for one in first["texts"])


async def test_not_yours_and_not_there_look_alike(record: Record) -> None:
    """And who is not signed in gets nothing."""
    thread_id, before = await long_thread(record)
    async with browser(record, BOB) as bob, browser(record, None) as nobody:
        answers = [
            await bob.get(f"/me/threads/{target}/earlier?before={before}")
            for target in (thread_id, new_id(), "zz') OR ('1'='1")
        ]
        refused = await nobody.get(f"/me/threads/{thread_id}/earlier?before={before}")
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert refused.status_code == 401


@pytest.mark.parametrize("before", ["", "-1", "1e9", "٣", "9" * 19, "1 OR 1=1", "0x10", "%00"])
async def test_a_place_that_is_none_is_refused(record: Record, before: str) -> None:
    """Before anything is read."""
    thread_id = await begin_thread(record)
    async with browser(record, ADA) as ada:
        answer = await ada.get(f"/me/threads/{thread_id}/earlier?before={before}")
    assert answer.status_code == 400


async def test_forms_come_with_their_messages(record: Record) -> None:
    """As the page draws those under newer messages; those of this window alone."""
    thread_id, before = await long_thread(record)
    replies = [row for row in await rows(record, "steps") if row["type"] == "assistant_message"]
    now = record.now()
    for reply_row in (replies[-WINDOW // 2 - 1], replies[0]):
        form = {
            "form_id": new_id(),
            "thread_id": thread_id,
            "message_id": reply_row["step_id"],
            "seq": record.take_order(),
            "name": "order",
            "definition": {"id": "order", "items": [{"id": "drink", "kind": "text", "label": "Which?"}]},
            "state": "open",
            "shown_at": now,
        } | dict.fromkeys(("run_id", "turn", "answers", "left_because", "closed_at", "answered_by_message"))
        under = {"step_id": reply_row["step_id"], "thread_id": thread_id}
        under["metadata"] = {"form_id": form["form_id"]}
        await record.writer.submit(PutForm(form, now), PutStep(under, now))
    async with browser(record, ADA) as ada:
        told = (await ada.get(f"/me/threads/{thread_id}/earlier?before={before}")).json()
    (mark,) = told["forms"]
    assert mark["message"] == replies[-WINDOW // 2 - 1]["step_id"]
    assert mark["definition"]["items"][0]["label"] == "Which?"
    assert set(mark) == {"id", "message", "state", "definition", "answers"}
