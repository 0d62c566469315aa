"""What people ask of a chat with a memory, over the API: each line of the list is a test."""

import asyncio
from collections.abc import Callable

from tests.api.server import Client
from tests.api.test_own_things import said
from tests.fakes import FakeAgent, HandClock
from tests.stages.talk import words


async def contents(client: Client, thread: str, query: str = "") -> list[str]:
    """What stands in a thread."""
    read = await client.http.get(f"/threads/{thread}/messages{query}")
    return [one["content"] for one in read.json()["messages"]]


async def test_a_new_chat_has_a_new_id_and_switching_shows_its_own(ada: Client, agent: FakeAgent) -> None:
    """Each thread has its own messages, whichever was open before."""
    threads = [(await said(ada, agent, f"In {one}", f"Yes, {one}"))["thread"] for one in range(3)]
    assert len(set(threads)) == 3
    for place in (2, 0, 1, 0):
        assert await contents(ada, threads[place]) == [f"In {place}", f"Yes, {place}"]


async def test_everything_is_there_after_signing_out_and_in_and_on_a_second_device(
    ada: Client, program: Callable[[], Client], agent: FakeAgent
) -> None:
    """With the code, on whichever device; each goes on where the other one stopped."""
    turn = await said(ada, agent)
    code = str(ada.tokens["resume_code"])
    await ada.http.post("/auth/logout")
    await ada.sign_in("Ada", code)
    phone = program()
    await phone.sign_in("ada", code)
    agent.enqueue(*words("From the phone."))
    await phone.http.post(f"/threads/{turn['thread']}/messages", json={"content": "Hi"})
    both = [await contents(one, turn["thread"]) for one in (ada, phone)]
    assert both[0] == both[1] == ["Hello", "Good morning.", "Hi", "From the phone."]


async def test_clear_all_clears_and_order_is_newest_first(ada: Client, agent: FakeAgent) -> None:
    """The thread that was written in last is on top; after clearing there is none, and each can come back."""
    first, second = [(await said(ada, agent))["thread"] for _ in range(2)]
    listed = (await ada.http.get("/threads")).json()["threads"]
    assert [one["id"] for one in listed] == [second, first]
    agent.enqueue(*words("Again."))
    await ada.http.post(f"/threads/{first}/messages", json={"content": "Here"})
    listed = (await ada.http.get("/threads")).json()["threads"]
    assert [one["id"] for one in listed] == [first, second]
    assert (await ada.http.delete("/threads")).status_code == 422
    assert (await ada.http.delete("/threads?confirm=true")).json() == {"deleted": 2}
    assert (await ada.http.get("/threads")).json() == {"threads": [], "next_cursor": None}
    assert (await ada.http.post(f"/threads/{first}/restore")).json()["state"] == "active"


async def test_long_lists_and_long_threads_page(ada: Client, agent: FakeAgent) -> None:
    """Every thread and every message once, in order, whatever the size of a page."""
    thread = await ada.begin()
    for number in range(7):
        agent.enqueue(*words(f"{number}b"))
        await ada.http.post(f"/threads/{thread}/messages", json={"content": f"{number}a"})
    whole = await contents(ada, thread, "?limit=200")
    assert whole == [f"{number}{side}" for number in range(7) for side in "ab"]
    read: list[str] = []
    query = "?limit=3"
    while True:
        page = (await ada.http.get(f"/threads/{thread}/messages{query}")).json()
        read = [one["content"] for one in page["messages"]] + read
        if not page["more"]:
            break
        query = f"?limit=3&before={page['messages'][0]['id']}"
    assert read == whole
    threads = [thread, *[await ada.begin(title=f"T {one}") for one in range(4)]]
    found: list[str] = []
    cursor = ""
    while True:
        listed = (await ada.http.get(f"/threads?limit=2{cursor}")).json()
        found += [one["id"] for one in listed["threads"]]
        if listed["next_cursor"] is None:
            break
        cursor = f"&cursor={listed['next_cursor']}"
    assert found == threads[::-1]


async def test_messages_at_once_do_not_race(ada: Client, agent: FakeAgent) -> None:
    """Each is answered once, in an order that stays."""
    thread = await ada.begin()
    for number in range(5):
        agent.enqueue(*words(f"Reply {number}"))
    path = f"/threads/{thread}/messages"
    await asyncio.gather(*(ada.http.post(path, json={"content": f"M {one}"}) for one in range(5)))
    kept = await contents(ada, thread)
    assert sorted(one for one in kept if one.startswith("M")) == [f"M {one}" for one in range(5)]
    assert len(kept) == 10
    assert await contents(ada, thread) == kept


async def test_a_token_that_expired_signs_out(ada: Client, agent: FakeAgent, clock: HandClock) -> None:
    """It opens nothing; who signs in anew finds everything."""
    turn = await said(ada, agent)
    code = str(ada.tokens["resume_code"])
    clock.forward(3_700)
    refused = await ada.http.get(f"/threads/{turn['thread']}/messages")
    assert (refused.status_code, refused.json()["code"]) == (401, "signed_out")
    await ada.sign_in("Ada", code)
    assert await contents(ada, turn["thread"]) == ["Hello", "Good morning."]
