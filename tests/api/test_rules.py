"""The study's rules over the API: what is paused, ended or used up, keys, versions, and two at once."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from api.app import api_app
from api.context import ApiContext
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from stages.chat.as_read import AsRead
from stages.chat.stage import ChatStage
from stages.screen import Screen
from stages.spoken import Spoken
from study.limits import Limits, ThreadAllowance
from study.pace import RateLimiter
from study.vocabulary import StudyState
from tests.api.server import Client, served
from tests.api.test_conversation import events_of, text_of
from tests.api.test_own_things import said
from tests.data_layer.rows import count
from tests.fakes import FakeAgent, FakeAgents
from tests.stages.talk import words

KEY = {"Idempotency-Key": "once"}


@pytest.fixture
def defaults(defaults: ThreadDefaults) -> ThreadDefaults:
    """At most two threads with one agent on the list."""
    return replace(defaults, active_threads=2)


async def test_an_ended_study_is_read_and_written_no_more(
    ada: Client, agent: FakeAgent, record: Record
) -> None:
    """What begins something new is refused in the study's words; all that was said is there."""
    turn = await said(ada, agent)
    await record.controls.change(StudyState.ENDED, None, "operator")
    message = f"/threads/{turn['thread']}/messages/{turn['message']['id']}"
    tried = (
        ("POST", "/threads", {}),
        ("POST", f"/threads/{turn['thread']}/messages", {"content": "More"}),
        ("PUT", message, {"content": "Otherwise"}),
        ("POST", f"{message}/again", None),
        ("POST", f"{message}/retry", None),
        ("POST", "/chat/stream", {"message": "More"}),
    )
    for method, path, body in tried:
        answer = await ada.http.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "study_ended"), path
    assert (await ada.http.get(message)).json()["content"] == "Hello"


async def test_a_limit_that_is_met_is_met_here_too(
    context: ApiContext, record: Record, agent: FakeAgent
) -> None:
    """The last message is answered, the next one refused, and what is left says so."""
    limits = Limits(thread=ThreadAllowance(messages=1))
    agents = FakeAgents(agent)
    stage = ChatStage(record, agents, message_length=10_000, limits=limits)
    async with served(api_app(replace(context, stage=stage, agents=agents))) as base:
        client = Client(base)
        async with client.http:
            await client.sign_in("Ada")
            turn = await said(client, agent)
            left = (await client.http.get(f"/threads/{turn['thread']}/left")).json()
            assert (left["messages"], left["over"]) == (0, "thread")
            path = f"/threads/{turn['thread']}/messages"
            for method, one in (("POST", path), ("PUT", f"{path}/{turn['message']['id']}")):
                refused = await client.http.request(method, one, json={"content": "More"})
                assert (refused.status_code, refused.json()["code"]) == (403, "limit_reached")
            assert (await client.http.get("/me")).json()["left"]["over"] is None
    await stage.close()


async def test_who_is_too_fast_is_told_when(context: ApiContext, agent: FakeAgent) -> None:
    """With Retry-After; nothing of it is kept, and another participant's pace is their own."""
    slow = replace(context, spoken=RateLimiter(1, 0.001))
    async with served(api_app(slow)) as base:
        ada, eve = Client(base), Client(base)
        async with ada.http, eve.http:
            await ada.sign_in("Ada")
            await eve.sign_in("Eve")
            await ada.begin()
            refused = await ada.http.post("/threads", json={})
            assert (refused.status_code, refused.json()["code"]) == (429, "too_fast")
            assert int(refused.headers["retry-after"]) > 0
            assert len((await ada.http.get("/threads")).json()["threads"]) == 1
            await eve.begin()


async def test_a_retry_is_asked_its_pace_and_nothing_else(
    context: ApiContext, record: Record, agent: FakeAgent
) -> None:
    """Once: who has used up the study's limit is answered what broke off, and told when they are too fast."""
    agents, limits = FakeAgents(agent), Limits(thread=ThreadAllowance(messages=1))
    stage = ChatStage(record, agents, message_length=10_000, limits=limits)
    slow = replace(context, stage=stage, agents=agents, spoken=RateLimiter(2, 0.001))
    async with served(api_app(slow)) as base:
        client = Client(base)
        async with client.http:
            await client.sign_in("Ada")
            agent.enqueue(*words("Half"), RuntimeError("gone"))
            begun = (await client.http.post("/threads", json={"initial_message": "Hello"})).json()
            path = f"/threads/{begun['thread']['id']}/messages/{begun['said']['message']['id']}/retry"
            agent.enqueue(*words("Whole."))
            assert (await client.http.post(path)).json()["replies"][0]["content"] == "Whole."
            refused = await client.http.post(path)
            assert (refused.status_code, refused.json()["code"]) == (429, "too_fast")
    await stage.close()


async def test_the_thread_untouched_longest_is_archived_and_comes_back(ada: Client, agent: FakeAgent) -> None:
    """As the page has it: the next one archives it, its state is said, and another goes when it returns."""
    threads = [(await said(ada, agent, f"Thread {number}"))["thread"] for number in range(3)]
    archived = (await ada.http.get("/threads?state=archived")).json()["threads"]
    assert [(one["id"], one["state"]) for one in archived] == [(threads[0], "archived")]
    back = await ada.http.patch(f"/threads/{threads[0]}", json={"state": "active"})
    assert (back.status_code, back.json()["state"]) == (200, "active")
    archived = (await ada.http.get("/threads?state=archived")).json()["threads"]
    assert [one["id"] for one in archived] == [threads[1]]


async def test_a_key_makes_a_thread_once(ada: Client, agent: FakeAgent, record: Record, context: Any) -> None:
    """Sent again, after a restart too, it is the same thread; a rename in between stays."""
    agent.enqueue(*words("Hi."))
    new = {"title": "Mine", "initial_message": "Hello"}
    first = await ada.http.post("/threads", json=new, headers=KEY)
    again = await ada.http.post("/threads", json=new, headers=KEY)
    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (
        201,
        first.json(),
        "true",
    )
    thread = first.json()["thread"]["id"]
    await ada.http.patch(f"/threads/{thread}", json={"title": "Renamed"})
    context.onces.__init__()
    restarted = (await ada.http.post("/threads", json=new, headers=KEY)).json()
    assert (restarted["thread"]["id"], restarted["thread"]["title"]) == (thread, "Renamed")
    assert restarted["said"]["replies"] == first.json()["said"]["replies"]
    assert (await count(record, "threads"), len(agent.asked)) == (1, 1)


async def test_a_key_of_another_request_is_refused(ada: Client, agent: FakeAgent, context: Any) -> None:
    """By what this process remembers, and by what a message says in the record."""
    thread = await ada.begin()
    agent.enqueue(*words("Hi."))
    path = f"/threads/{thread}/messages"
    assert (await ada.http.post(path, json={"content": "One"}, headers=KEY)).status_code == 201
    for _ in range(2):
        other = await ada.http.post(path, json={"content": "Two"}, headers=KEY)
        assert (other.status_code, other.json()["code"]) == (422, "key_used")
        context.onces.__init__()
    assert len(agent.asked) == 1


async def test_one_key_twice_at_once_is_one(ada: Client, agent: FakeAgent, record: Record) -> None:
    """The second waits for the first, and answers the same."""
    thread = await ada.begin()
    agent.enqueue(*words("Hi."))
    path = f"/threads/{thread}/messages"
    answers = await asyncio.gather(
        *(ada.http.post(path, json={"content": "One"}, headers=KEY) for _ in range(4))
    )
    assert {one.status_code for one in answers} == {201}
    assert len({one.text for one in answers}) == 1
    assert len(agent.asked) == 1


async def test_keys_of_others_are_other_keys(
    ada: Client, program: Callable[[], Client], agent: FakeAgent, record: Record
) -> None:
    """Two participants with one key have a thread each."""
    eve = program()
    await eve.sign_in("Eve")
    made = [(await one.http.post("/threads", json={}, headers=KEY)).json() for one in (ada, eve)]
    assert made[0]["thread"]["id"] != made[1]["thread"]["id"]


async def test_an_answer_anew_under_one_key_is_one(ada: Client, agent: FakeAgent) -> None:
    """And a Stop that is sent again stops nothing that began since."""
    turn = await said(ada, agent)
    agent.enqueue(*words("Another."))
    path = f"/threads/{turn['thread']}/messages/{turn['message']['id']}/again"
    answers = [(await ada.http.post(path, headers=KEY)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(agent.asked) == 2


async def test_of_two_who_read_the_same_one_changes_it(ada: Client, agent: FakeAgent) -> None:
    """Both send the version that they read: one title stands, and the other one learns of it."""
    turn = await said(ada, agent)
    path = f"/threads/{turn['thread']}"
    etag = {"If-Match": (await ada.http.get(path)).headers["etag"]}
    titles = [f"Title {number}" for number in range(4)]
    answers = await asyncio.gather(
        *(ada.http.put(path, json={"title": one, "tags": []}, headers=etag) for one in titles)
    )
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412]
    won = next(one.json()["title"] for one in answers if one.status_code == 200)
    assert (await ada.http.get(path)).json()["title"] == won
    assert (await ada.http.delete(path, headers=etag)).status_code == 412
    # What is changed is answered with its new version: the next change goes on from it.
    changed = await ada.http.patch(path, json={"title": "Third"})
    assert changed.headers["etag"] == (await ada.http.get(path)).headers["etag"] != etag["If-Match"]
    assert (await ada.http.delete(path, headers={"If-Match": "*"})).status_code == 204


async def test_two_writers_at_once_are_both_kept(
    ada: Client, program: Callable[[], Client], agent: FakeAgent
) -> None:
    """On two devices in one thread: both messages, in an order, with one reply each."""
    phone = program()
    await phone.sign_in("Ada", str(ada.tokens["resume_code"]))
    thread = await ada.begin()
    for number in range(6):
        agent.enqueue(*words(f"Reply {number}."))
    path = f"/threads/{thread}/messages"
    answers = await asyncio.gather(
        *(
            client.http.post(path, json={"content": f"{name} {number}"})
            for number in range(3)
            for client, name in ((ada, "desk"), (phone, "phone"))
        )
    )
    assert all(one.status_code == 201 and len(one.json()["replies"]) == 1 for one in answers)
    kept = (await ada.http.get(path)).json()["messages"]
    asked = [one["content"] for one in kept if one["role"] == "user"]
    assert sorted(asked) == sorted(f"{name} {number}" for number in range(3) for name in ("desk", "phone"))
    assert len([one for one in kept if one["role"] == "assistant"]) == 6
    assert len({one["turn"] for one in kept}) == 6


async def test_words_are_said_otherwise_live(ada: Client, agent: FakeAgent) -> None:
    """An edit's new answer comes as it is given, where its reader asks for a stream."""
    turn = await said(ada, agent)
    agent.enqueue(*words("Other ", "words."))
    path = f"/threads/{turn['thread']}/messages/{turn['message']['id']}"
    stream = {"Accept": "text/event-stream"}
    async with ada.http.stream("PUT", path, json={"content": "Hallo"}, headers=stream) as answer:
        events = await events_of(answer)
    assert (text_of(events), events[-1][0], events[-1][1]["content"]) == (
        "Other words.",
        "done",
        "Other words.",
    )


@pytest.mark.parametrize("body", [{"content": ""}, {"content": " \n"}, {}, {"content": 7}, [], "x", None])
async def test_a_body_that_says_nothing_is_refused(ada: Client, body: Any) -> None:
    """With the field that is at fault."""
    thread = await ada.begin()
    refused = await ada.http.post(f"/threads/{thread}/messages", json=body)
    assert (refused.status_code, refused.json()["status"]) == (422, 422)
    assert refused.json()["errors"][0]["field"].startswith("body")


async def test_a_body_that_is_too_long_is_refused(ada: Client) -> None:
    """By its length, before anything reads it; in the one shape of problems."""
    thread = await ada.begin()
    refused = await ada.http.post(f"/threads/{thread}/messages", json={"content": "x" * 300_000})
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_of_two_who_say_it_otherwise_at_once_one_does(
    ada: Client, agent: FakeAgent, accept: str
) -> None:
    """Under one ETag: one is answered, whole or live; the other learns by its status that it has changed."""
    turn = await said(ada, agent)
    for text in ("Other words.", "Not to be said."):
        agent.enqueue(*words(text))
    path = f"/threads/{turn['thread']}/messages/{turn['message']['id']}"
    headers = {"If-Match": (await ada.http.get(path)).headers["etag"], "Accept": accept}
    edits = [ada.http.put(path, json={"content": one}, headers=headers) for one in ("Hallo", "Hola")]
    answers = await asyncio.gather(*edits)
    assert sorted(one.status_code for one in answers) == [200, 412]
    assert "Other words." in next(one.text for one in answers if one.status_code == 200).replace('"', "")
    assert len((await ada.http.get(f"{path}/revisions")).json()["revisions"]) == 2
    assert len(agent.asked) == 2


async def test_what_the_page_changed_meanwhile_is_not_overwritten(
    ada: Client, agent: FakeAgent, context: ApiContext
) -> None:
    """The version is compared where the edit is carried out: one of the page in between is seen there."""
    turn = await said(ada, agent)
    agent.enqueue(*words("Of the page."))
    path = f"/threads/{turn['thread']}/messages/{turn['message']['id']}"
    headers = {"If-Match": (await ada.http.get(path)).headers["etag"], "Accept": "text/event-stream"}
    edit = context.stage.edit

    async def after_the_page(spoken: Spoken, screen: Screen, as_read: AsRead | None = None) -> None:
        await edit(replace(spoken, text="From the page"), screen)
        await edit(spoken, screen, as_read)

    object.__setattr__(context.stage, "edit", after_the_page)
    refused = await ada.http.put(path, json={"content": "Hallo"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (412, "changed")
    assert (await ada.http.get(path)).json()["content"] == "From the page"
