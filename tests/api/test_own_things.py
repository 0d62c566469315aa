"""What else a participant can do in the page, by a program: marks, copies, search, leaving."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from api.context import ApiContext
from data_layer.record import Record
from study.loader import LoadedStudy
from study.vocabulary import StudyState
from tests.api.server import Client
from tests.fakes import FakeAgent
from tests.stages.talk import words


async def said(client: Client, agent: FakeAgent, text: str = "Hello", *reply: str) -> dict[str, Any]:
    """A thread in which something was said and answered; the turn."""
    agent.enqueue(*words(*(reply or ("Good ", "morning."))))
    answer = await client.http.post("/threads", json={"initial_message": text})
    assert answer.status_code == 201, answer.text
    turn: dict[str, Any] = answer.json()["said"]
    return turn | {"thread": answer.json()["thread"]["id"], "reply": turn["replies"][0]["id"]}


async def test_a_reply_is_rated_as_the_study_offers(
    ada: Client, agent: FakeAgent, study: LoadedStudy
) -> None:
    """A rating stands until it is taken back; what is not offered is refused, with its field."""
    turn = await said(ada, agent)
    path, bad = f"/messages/{turn['reply']}/rating", list(study.definition.ratings.bad[:1])
    put = await ada.http.put(path, json={"value": 0, "reasons": bad, "comment": "No."})
    assert (put.status_code, put.json()) == (200, {"value": 0, "reasons": bad, "comment": "No."})
    one = await ada.http.get(f"/threads/{turn['thread']}/messages/{turn['reply']}")
    assert one.json()["rating"] == put.json()
    refused = await ada.http.put(path, json={"value": 1, "reasons": ["Never offered"]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.reasons")
    assert [(await ada.http.delete(path)).status_code for _ in range(2)] == [204, 204]
    assert (await ada.http.get(f"/threads/{turn['thread']}/messages/{turn['reply']}")).json()[
        "rating"
    ] is None
    question = f"/messages/{turn['message']['id']}/rating"
    assert (await ada.http.put(question, json={"value": 1})).status_code == 404


async def test_a_bookmark_is_put_found_and_taken_away(ada: Client, agent: FakeAgent) -> None:
    """Twice is once, both ways."""
    turn = await said(ada, agent)
    path = f"/messages/{turn['reply']}/bookmark"
    assert [(await ada.http.put(path)).status_code for _ in range(2)] == [204, 204]
    listed = (await ada.http.get("/bookmarks")).json()["bookmarks"]
    assert [(one["message_id"], one["text"], one["stands"]) for one in listed] == [
        (turn["reply"], "Good morning.", True)
    ]
    assert [(await ada.http.delete(path)).status_code for _ in range(2)] == [204, 204]
    assert (await ada.http.get("/bookmarks")).json() == {"bookmarks": []}


async def test_a_message_is_deleted_alone(ada: Client, agent: FakeAgent, record: Record) -> None:
    """Its thread counts one less and shows another preview; the row stays in the record, with its reason."""
    turn = await said(ada, agent, "Delete me not")
    path = f"/threads/{turn['thread']}/messages/{turn['reply']}"
    assert (await ada.http.delete(path)).status_code == 204
    assert (await ada.http.get(path)).status_code == 404
    assert (await ada.http.delete(path)).status_code == 404
    thread = (await ada.http.get(f"/threads/{turn['thread']}")).json()
    assert (thread["message_count"], thread["preview"]) == (1, "Delete me not")
    left = (await ada.http.get(f"/threads/{turn['thread']}/messages")).json()["messages"]
    assert [one["content"] for one in left] == ["Delete me not"]
    agent.enqueue(*words("Once more."))
    again = await ada.http.post(f"/threads/{turn['thread']}/messages", json={"content": "And now?"})
    assert [one.content for one in agent.asked[-1]] == ["Delete me not", "And now?"]
    assert again.json()["replies"][0]["content"] == "Once more."


async def test_a_message_is_changed_only_as_it_was_read(ada: Client, agent: FakeAgent) -> None:
    """If-Match with the version that was read; with one that has passed nothing happens."""
    turn = await said(ada, agent)
    path = f"/threads/{turn['thread']}/messages/{turn['message']['id']}"
    etag = (await ada.http.get(path)).headers["etag"]
    agent.enqueue(*words("Hi."))
    edited = await ada.http.put(path, json={"content": "Hallo"}, headers={"If-Match": etag})
    assert (edited.status_code, edited.json()["message"]["revision"]) == (200, 2)
    late = await ada.http.put(path, json={"content": "Hola"}, headers={"If-Match": etag})
    assert (late.status_code, late.json()["code"]) == (412, "changed")
    assert (await ada.http.delete(path, headers={"If-Match": etag})).status_code == 412
    wordings = (await ada.http.get(f"{path}/revisions")).json()["revisions"]
    assert [(one["content"], one["stands"]) for one in wordings] == [("Hello", False), ("Hallo", True)]


async def test_branches_are_walked(ada: Client, agent: FakeAgent) -> None:
    """To the first wording, with the answer that it had, and to another answer; to none that is not there."""
    turn = await said(ada, agent)
    path = f"/threads/{turn['thread']}/messages/{turn['message']['id']}"
    agent.enqueue(*words("Hi."))
    await ada.http.put(path, json={"content": "Hallo"})
    back = await ada.http.post(f"{path}/branch", json={"number": 1})
    assert back.status_code == 200, back.text
    assert (back.json()["message"]["content"], back.json()["replies"][0]["content"]) == (
        "Hello",
        "Good morning.",
    )
    none = await ada.http.post(f"{path}/branch", json={"number": 7})
    assert (none.status_code, none.json()["code"]) == (409, "cannot_be_done")
    agent.enqueue(*words("Another."))
    again = await ada.http.post(f"{path}/again")
    assert again.json()["replies"][0]["branch"] == {"number": 2, "of": 2}


async def test_a_failed_answer_is_retried(ada: Client, agent: FakeAgent) -> None:
    """The notice goes, the answer comes; only the last message can be retried."""
    agent.enqueue(*words("Half"), RuntimeError("gone"))
    answer = (await ada.http.post("/threads", json={"initial_message": "Hello"})).json()
    path = f"/threads/{answer['thread']['id']}/messages/{answer['said']['message']['id']}"
    agent.enqueue(*words("Whole."))
    retried = await ada.http.post(f"{path}/retry")
    assert retried.status_code == 200, retried.text
    assert [(one["role"], one["content"]) for one in retried.json()["replies"]] == [("assistant", "Whole.")]


async def test_words_are_found_in_what_is_ones_own(
    ada: Client, program: Callable[[], Client], agent: FakeAgent
) -> None:
    """With the place marked; another's search finds nothing; by meaning says that it is off."""
    turn = await said(ada, agent, "A pinguin in the garden")
    found = (await ada.http.get("/search", params={"q": "pinguin"})).json()["hits"]
    assert [(one["message_id"], one["role"]) for one in found] == [(turn["message"]["id"], "user")]
    assert [one["text"] for one in found[0]["snippet"] if one["hit"]] == ["pinguin"]
    eve = program()
    await eve.sign_in("Eve")
    assert (await eve.http.get("/search", params={"q": "pinguin"})).json()["hits"] == []
    off = await ada.http.get("/search", params={"q": "pinguin", "mode": "hybrid"})
    assert (off.status_code, off.json()["code"]) == (409, "meaning_is_off")


async def test_tags_are_listed(ada: Client, agent: FakeAgent) -> None:
    """With how many threads bear each."""
    turn = await said(ada, agent)
    await ada.http.patch(f"/threads/{turn['thread']}", json={"tags": ["birds"]})
    assert (await ada.http.get("/tags")).json() == {"tags": [{"tag": "birds", "count": 1}]}


@pytest.mark.parametrize(("kind", "mime"), [("md", "text/markdown"), ("txt", "text/plain"), ("json", "json")])
async def test_a_thread_is_saved(ada: Client, agent: FakeAgent, kind: str, mime: str) -> None:
    """As the page saves it: a file with a name, in which nothing runs."""
    turn = await said(ada, agent)
    saved = await ada.http.get(f"/threads/{turn['thread']}/copy.{kind}")
    assert mime in saved.headers["content-type"]
    assert "Good morning." in saved.text
    assert f".{kind}" in saved.headers["content-disposition"]
    assert saved.headers["content-security-policy"].startswith("sandbox")
    assert (await ada.http.get(f"/threads/{turn['thread']}/copy.exe")).status_code == 422


async def test_a_thread_is_printed(ada: Client, agent: FakeAgent) -> None:
    """As a page whose policy lets it draw itself, and nothing else."""
    turn = await said(ada, agent)
    page = await ada.http.get(f"/threads/{turn['thread']}/print")
    assert "Good morning." in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_me_says_who_is_in(ada: Client) -> None:
    """The name as it was typed, the pseudonym, the code for another device, and what is left."""
    me = (await ada.http.get("/me")).json()
    assert (me["name"], me["participant_id"]) == ("Ada", ada.tokens["participant_id"])
    assert me["resume_code"] == ada.tokens["resume_code"]
    assert me["left"]["over"] is None


async def test_who_withdraws_is_gone(ada: Client, agent: FakeAgent) -> None:
    """Said in words; then there are figures, and every token has ended."""
    await said(ada, agent)
    assert (await ada.http.post("/me/withdrawal", json={"withdraw": False})).status_code == 422
    assert (await ada.http.get("/me/withdrawal")).json() == {"threads": 1, "messages": 2, "files": 0}
    gone = await ada.http.post("/me/withdrawal", json={"withdraw": True})
    assert gone.json()["erased"] == {"threads": 1, "messages": 2, "files": 0}
    assert (await ada.http.get("/threads")).status_code == 401
    renewed = await ada.http.post("/auth/refresh", data={"refresh_token": str(ada.tokens["refresh_token"])})
    assert renewed.status_code == 401


async def test_who_withdraws_while_they_are_answered_hears_that_they_are_out(
    ada: Client, agent: FakeAgent
) -> None:
    """Not that their words are kept, and will be answered: they are erased."""
    thread, hold = await ada.begin(), asyncio.Event()
    agent.enqueue(*words("Before "), hold)
    asked = asyncio.create_task(ada.http.post(f"/threads/{thread}/messages", json={"content": "Hello"}))
    async with ada.http.stream("GET", f"/threads/{thread}/stream") as following:
        async for line in following.aiter_lines():
            if '"Before' in line:
                break
    assert (await ada.http.post("/me/withdrawal", json={"withdraw": True})).status_code == 200
    told = await asked
    assert (told.status_code, told.json()["code"]) == (401, "signed_out")


async def test_the_study_says_what_a_front_end_needs(
    program: Callable[[], Client], study: LoadedStudy, context: ApiContext
) -> None:
    """Before anybody is in; nothing of how its agents are made."""
    about = await program().http.get("/study")
    told = about.json()
    assert (told["title"], told["login"], told["state"]) == (study.definition.title, "claim", "open")
    assert [one["name"] for one in told["agents"]] == [one.name for one in context.agents.offered]
    await context.record.controls.change(StudyState.ENDED, None, "operator")
    ended = (await program().http.get("/study")).json()
    assert (ended["state"], bool(ended["notice"])) == ("ended", True)
