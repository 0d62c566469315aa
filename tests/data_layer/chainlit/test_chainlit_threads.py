"""Chainlit's calls for threads, users and ratings (CHAINLIT.md sections 1.2 and 1.3)."""

from typing import Any

import pytest
from chainlit.types import Feedback, Pagination, ThreadFilter
from chainlit.user import User

from data_layer.chainlit.layer import ChainlitLayer
from data_layer.record import Record
from study.errors import WriteRefused
from tests.data_layer.rows import (
    ADA,
    BOB,
    Requests,
    begin_thread,
    chainlit_step,
    count,
    message,
    new_id,
    one,
    reply,
)
from tests.pages import FakePage

PAGE = Pagination(first=35, cursor=None)


async def test_create_step_comes_before_the_thread(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """The two run at the same time: the thread has its owner, its title and its message either way."""
    page.enter()
    page.session.has_first_interaction = True
    asked = chainlit_step(page.thread_id, type="user_message", output="Where is the library?")
    await layer.create_step(asked)
    await layer.update_thread(page.thread_id, name="Where is the library?", user_id=ADA, tags=["Agent"])
    thread = await one(record, "threads")
    assert (thread["participant_id"], thread["title"], thread["tags"], thread["message_count"]) == (
        ADA,
        "Where is the library?",
        ["Agent"],
        1,
    )


async def test_a_flush_without_a_user_id_finds_the_owner(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """Chainlit passes none for a user that it could not read; the socket knows whose it is."""
    page.enter()
    await layer.update_thread(page.thread_id, name="Hi")
    assert (await one(record, "threads"))["participant_id"] == ADA


async def test_a_second_flush_renames_nothing(layer: ChainlitLayer, record: Record, page: FakePage) -> None:
    """After a restart Chainlit names the thread after the message that was typed during the outage."""
    page.enter()
    await layer.update_thread(page.thread_id, name="First", user_id=ADA)
    await layer.update_thread(page.thread_id, name="Typed in the outage", user_id=ADA)
    assert (await one(record, "threads"))["title"] == "First"


async def test_a_rename_by_http_renames(layer: ChainlitLayer, record: Record, requests: Requests) -> None:
    """PUT /project/thread gives a name and nothing else."""
    thread_id = await begin_thread(record)
    requests.participant_id = ADA
    await layer.update_thread(thread_id, name="My holiday")
    assert (await one(record, "threads"))["title"] == "My holiday"


async def test_anothers_thread_is_not_renamed(
    layer: ChainlitLayer, record: Record, requests: Requests
) -> None:
    """Even if Chainlit's own check were gone."""
    thread_id = await begin_thread(record)
    requests.participant_id = BOB
    await layer.update_thread(thread_id, name="Bob's now")
    await layer.delete_thread(thread_id)
    thread = await one(record, "threads")
    assert (thread["title"], thread["deleted_at"]) == ("Hello there", None)


async def test_the_disconnects_metadata_stays_inside(
    layer: ChainlitLayer, record: Record, page: FakePage
) -> None:
    """Chainlit saves the whole user_session at each disconnect; the page gets profile and settings back."""
    thread_id = await begin_thread(record)
    page.enter()
    secret = {"condition": "treatment", "prompt": "Be rude.", "id": "x", "env": {}}
    shown = {"chat_profile": "Agent", "chat_settings": {"pace": "slow"}}
    await layer.update_thread(thread_id, metadata=secret | shown)
    thread: Any = await layer.get_thread(thread_id)
    assert thread["metadata"] == shown
    listed = await layer.list_threads(PAGE, ThreadFilter(userId=ADA))
    assert "treatment" not in str(listed) + str(thread)


async def test_a_deleted_thread_stays_deleted(
    layer: ChainlitLayer, record: Record, page: FakePage, requests: Requests
) -> None:
    """The page deletes and then disconnects, with metadata."""
    thread_id = await begin_thread(record)
    requests.participant_id = ADA
    await layer.delete_thread(thread_id)
    page.enter()
    await layer.update_thread(thread_id, metadata={"chat_profile": "Agent"})
    assert await layer.get_thread(thread_id) is None
    assert await layer.get_thread_author(thread_id) == ""
    assert (await layer.list_threads(PAGE, ThreadFilter(userId=ADA))).data == []
    assert await count(record, "steps") == 1


@pytest.mark.parametrize("thread_id", ["zz') OR ('1'='1", "", "../../etc", "\x00"])
async def test_a_thread_id_that_is_no_uuid_finds_nothing(layer: ChainlitLayer, thread_id: str) -> None:
    """The client may ask for any string."""
    assert await layer.get_thread(thread_id) is None
    assert await layer.get_thread_author(thread_id) == ""
    assert await layer.get_element(thread_id, new_id()) is None


async def test_a_user_is_who_came_in_by_our_door(layer: ChainlitLayer, record: Record) -> None:
    """The identifier is the pseudonym; a name that nobody entered by makes nobody."""
    participant = await record.enter("Ada Lovelace", "ada lovelace")
    user = await layer.get_user(participant.participant_id)
    assert user is not None
    assert user.identifier == user.id == participant.participant_id
    assert user.display_name is None
    assert user.metadata == {}
    assert await layer.get_user("Ada Lovelace") is None
    assert await layer.create_user(User(identifier="Ada Lovelace")) is None
    assert await count(record, "participants") == 1


async def test_a_list_shows_the_threads_of_the_one_who_asks(layer: ChainlitLayer, record: Record) -> None:
    """In the page's shape: createdAt is the last activity, and no steps come along."""
    thread_id = await begin_thread(record, "Hello")
    await begin_thread(record, "Not yours", owner=BOB)
    listed: Any = await layer.list_threads(PAGE, ThreadFilter(userId=ADA))
    assert [thread["id"] for thread in listed.data] == [thread_id]
    activity = (await one(record, "threads", thread_id=thread_id))["last_activity_at"]
    assert listed.data[0]["createdAt"] == f"{activity:%Y-%m-%dT%H:%M:%S}.{activity.microsecond // 1000:03d}Z"
    assert listed.data[0]["steps"] == []
    assert listed.pageInfo.hasNextPage is False


async def test_a_list_for_nobody_is_empty(layer: ChainlitLayer, record: Record) -> None:
    """Never everybody's."""
    await begin_thread(record)
    assert (await layer.list_threads(PAGE, ThreadFilter())).data == []


async def test_a_thread_is_a_tree_without_loose_ends(layer: ChainlitLayer, record: Record) -> None:
    """The page hides a step whose parent it does not have: such a parent is left out."""
    thread_id = await begin_thread(record)
    await record.writer.submit(reply(record, thread_id, "Answer", parent_id=new_id()))
    thread: Any = await layer.get_thread(thread_id)
    known = {one["id"] for one in thread["steps"]}
    assert all(one["parentId"] in known | {None} for one in thread["steps"])
    assert [one["output"] for one in thread["steps"]] == ["Hello there", "Answer"]


async def test_what_a_participant_has_made_of_a_message_goes_with_it(
    layer: ChainlitLayer, record: Record
) -> None:
    """Their rating, their bookmark, and where it stands among its branches; no rating comes by Chainlit."""
    thread_id = await begin_thread(record)
    message_id, put = (await one(record, "steps"))["step_id"], reply(record, thread_id, "Answer")
    await record.writer.submit(
        put, message(record, thread_id, "Otherwise", step_id=message_id, creates=False)
    )
    await record.ratings.put(ADA, put.row["step_id"], 1, "Yes", ["Kind"])
    await record.bookmarks.put(ADA, message_id)
    thread: Any = await layer.get_thread(thread_id)
    assert [step["metadata"] for step in thread["steps"]] == [
        {"branch": {"at": 2, "of": 2}, "bookmarked": True},
        {"rating": {"value": 1, "reasons": ["Kind"], "comment": "Yes"}},
    ]
    with pytest.raises(WriteRefused):
        await layer.upsert_feedback(Feedback(forId=put.row["step_id"], value=1, comment=None))
    with pytest.raises(WriteRefused):
        await layer.delete_feedback(put.row["step_id"])
