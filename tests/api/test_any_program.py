"""Random programs of API calls by several participants, beside a model of what must be true."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from starlette.applications import Starlette
from starlette.routing import Mount

from api.app import api_app
from api.context import ApiContext
from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from stages.chat.stage import ChatStage
from stages.entry.throttle import EntryThrottle
from study.loader import load_study
from study.pace import RateLimiter
from tests.api.conftest import SECRET
from tests.browser.conftest import STUDY
from tests.data_layer.rows import new_id
from tests.fakes import FakeAgent, FakeAgents, HandClock
from tests.stages.talk import words

NAMES = ("Ada", "Bob", "Eve")
PEOPLE = st.sampled_from(NAMES)
WHICH = st.integers(0, 5)
# No two words of a title or tag are the same after trimming: what is kept is what was sent.
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=12)


@dataclass
class Said:
    """A message that must stand."""

    message_id: str
    role: str
    content: str
    revision: int = 1
    bookmarked: bool = False
    rating: int | None = None


@dataclass
class Kept:
    """A thread that must be there."""

    thread_id: str
    owner: str
    title: str
    active_at: int
    tags: list[str] = field(default_factory=list)
    deleted: bool = False
    said: list[Said] = field(default_factory=list)

    def mine(self) -> list[Said]:
        """What its participant said."""
        return [one for one in self.said if one.role == "user"]


class AnyProgram(RuleBasedStateMachine):
    """Three participants, and what each must find."""

    empty: Path
    defaults: ThreadDefaults

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.threads: list[Kept] = []
        self.moment = 0
        self.folder = Path(tempfile.mkdtemp())
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        database = self.folder / "verbatim.db"
        shutil.copyfile(self.empty, database)
        url = f"sqlite+aiosqlite:///{database}"
        self.record = Record(open_database(url), self.folder / "kept", self.defaults, HandClock())
        await self.record.start()
        self.agent = FakeAgent()
        agents = FakeAgents(self.agent)
        self.stage = ChatStage(self.record, agents, message_length=10_000)
        context = ApiContext(
            self.record,
            load_study(STUDY),
            self.stage,
            agents,
            EntryThrottle(600),
            SECRET,
            timedelta(days=15),
            lambda _: None,
            spoken=RateLimiter(10_000, 1.0),
            opened=RateLimiter(10_000, 1.0),
        )
        app = Starlette(routes=[Mount("/api/v1", api_app(context))])
        self.http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://study.example/api/v1"
        )
        self.tokens = {}
        for name in NAMES:
            answer = await self.http.post("/auth/login", data={"username": name})
            self.tokens[name] = answer.json()["access_token"]

    def teardown(self) -> None:
        """Let go of everything."""
        self.runner.run(self._end())
        self.runner.close()
        shutil.rmtree(self.folder)

    async def _end(self) -> None:
        await self.http.aclose()
        await self.stage.close()
        await self.record.close()

    def ask(self, name: str, method: str, path: str, status: int, body: Any = None) -> Any:
        """Ask as somebody; what must be answered."""
        bearer = {"Authorization": f"Bearer {self.tokens[name]}"}
        answer = self.runner.run(self.http.request(method, path, json=body, headers=bearer))
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def one(self, which: int) -> Kept:
        """A thread that stands on its participant's list."""
        living = [one for one in self.threads if not one.deleted]
        return living[which % len(living)]

    def speak(self) -> int:
        """Somebody is active now."""
        self.moment += 1
        return self.moment

    def any_living(self) -> bool:
        """Whether there is a thread to do something with."""
        return any(not one.deleted for one in self.threads)

    def any_said(self) -> bool:
        """Whether there is a message of a participant's."""
        return any(one.mine() and not one.deleted for one in self.threads)

    def talked(self, which: int) -> Kept:
        """A thread in which its participant has said something that stands."""
        found = [one for one in self.threads if one.mine() and not one.deleted]
        return found[which % len(found)]

    @initialize()
    def talk(self) -> None:
        """Each has a thread, and has said something in it: the programs begin in the middle of a study."""
        for place, name in enumerate(NAMES):
            self.begin(name, f"Of {name}")
            for text in ("One", "Two"):
                self.say(place, text, f"Yes, {text}")

    @rule(name=PEOPLE, title=WORDS)
    def begin(self, name: str, title: str) -> None:
        """A new thread has a new id."""
        made = self.ask(name, "POST", "/threads", 201, {"title": title})["thread"]
        assert made["id"] not in [one.thread_id for one in self.threads]
        self.threads.append(Kept(made["id"], name, title, self.speak()))

    @precondition(any_living)
    @rule(which=WHICH, text=WORDS, reply=WORDS)
    def say(self, which: int, text: str, reply: str) -> None:
        """What is said is answered, once."""
        thread = self.one(which)
        self.agent.enqueue(*words(reply))
        path = f"/threads/{thread.thread_id}/messages"
        turn = self.ask(thread.owner, "POST", path, 201, {"content": text})
        thread.said += [Said(turn["message"]["id"], "user", text), *self._replies(turn, reply)]
        thread.active_at = self.speak()

    def _replies(self, turn: Any, reply: str) -> list[Said]:
        assert [one["content"] for one in turn["replies"]] == [reply]
        return [Said(turn["replies"][0]["id"], "assistant", reply)]

    @precondition(any_said)
    @rule(which=WHICH, place=WHICH, text=WORDS, reply=WORDS)
    def edit(self, which: int, place: int, text: str, reply: str) -> None:
        """What followed leaves the screen; the message has one revision more, unless it says the same."""
        thread = self.talked(which)
        message = thread.mine()[place % len(thread.mine())]
        self.agent.enqueue(*words(reply))
        path = f"/threads/{thread.thread_id}/messages/{message.message_id}"
        turn = self.ask(thread.owner, "PUT", path, 200, {"content": text})
        if message.content != text:
            message.revision += 1
            message.content = text
            thread.active_at = self.speak()
        before = thread.said[: thread.said.index(message) + 1]
        thread.said = before + self._replies(turn, reply)
        assert turn["message"]["revision"] == message.revision

    @precondition(any_said)
    @rule(which=WHICH, place=WHICH)
    def remove(self, which: int, place: int) -> None:
        """One message goes, and nothing else."""
        thread = self.talked(which)
        message = thread.said[place % len(thread.said)]
        path = f"/threads/{thread.thread_id}/messages/{message.message_id}"
        self.ask(thread.owner, "DELETE", path, 204)
        self.ask(thread.owner, "GET", path, 404)
        thread.said.remove(message)

    @precondition(any_said)
    @rule(which=WHICH, place=WHICH)
    def bookmark(self, which: int, place: int) -> None:
        """A bookmark is put, or taken away."""
        thread = self.talked(which)
        message = thread.said[place % len(thread.said)]
        method = "DELETE" if message.bookmarked else "PUT"
        self.ask(thread.owner, method, f"/messages/{message.message_id}/bookmark", 204)
        message.bookmarked = not message.bookmarked

    @precondition(any_said)
    @rule(which=WHICH, place=WHICH, value=st.integers(0, 1))
    def rate(self, which: int, place: int, value: int) -> None:
        """Replies are rated, and nothing else."""
        thread = self.talked(which)
        message = thread.said[place % len(thread.said)]
        is_reply = message.role == "assistant"
        path = f"/messages/{message.message_id}/rating"
        self.ask(thread.owner, "PUT", path, 200 if is_reply else 404, {"value": value})
        message.rating = value if is_reply else None

    @precondition(any_living)
    @rule(which=WHICH, title=WORDS, tags=st.lists(WORDS, max_size=3, unique_by=str.casefold))
    def name(self, which: int, title: str, tags: list[str]) -> None:
        """A title and tags are set."""
        thread = self.one(which)
        body = {"title": title, "tags": tags}
        kept = self.ask(thread.owner, "PUT", f"/threads/{thread.thread_id}", 200, body)
        thread.title, thread.tags = title, kept["tags"]

    @precondition(any_living)
    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        """A thread is taken away; nothing can be said in it."""
        thread = self.one(which)
        self.ask(thread.owner, "DELETE", f"/threads/{thread.thread_id}", 204)
        self.ask(thread.owner, "GET", f"/threads/{thread.thread_id}/messages", 404)
        thread.deleted = True

    @precondition(lambda self: sum(not one.deleted for one in self.threads) > len(NAMES))
    @rule(name=PEOPLE)
    def clear(self, name: str) -> None:
        """All of one's own are taken away, and nobody else's."""
        own = [one for one in self.threads if one.owner == name and not one.deleted]
        assert self.ask(name, "DELETE", "/threads?confirm=true", 200) == {"deleted": len(own)}
        for one in own:
            one.deleted = True

    @precondition(lambda self: any(one.deleted for one in self.threads))
    @rule(which=WHICH)
    def restore(self, which: int) -> None:
        """What was taken away comes back as it was."""
        gone = [one for one in self.threads if one.deleted]
        thread = gone[which % len(gone)]
        self.ask(thread.owner, "POST", f"/threads/{thread.thread_id}/restore", 200)
        thread.deleted = False

    @precondition(lambda self: bool(self.threads))
    @rule(which=WHICH, name=PEOPLE)
    def pry(self, which: int, name: str) -> None:
        """Another's thread is as one that nobody has."""
        thread = self.threads[which % len(self.threads)]
        if thread.owner == name:
            return
        for method, body in (("GET", None), ("PATCH", {"title": "Mine"}), ("DELETE", None)):
            asked = [
                self.ask(name, method, f"/threads/{one}", 404, body) for one in (thread.thread_id, new_id())
            ]
            assert asked[0] == asked[1]
        for one in thread.said:
            self.ask(name, "PUT", f"/messages/{one.message_id}/bookmark", 404)

    @invariant()
    def lists_are_right(self) -> None:
        """Each finds their own threads, the newest first, with title, tags, count and preview."""
        for name in NAMES:
            own = [one for one in self.threads if one.owner == name]
            listed = self.ask(name, "GET", "/threads?limit=100", 200)["threads"]
            living = sorted((one for one in own if not one.deleted), key=lambda one: -one.active_at)
            assert [one["id"] for one in listed] == [one.thread_id for one in living]
            for shown, thread in zip(listed, living, strict=True):
                assert (shown["title"], shown["tags"]) == (thread.title, thread.tags)
                assert shown["message_count"] == len(thread.said)
                assert shown["preview"] == (thread.said[-1].content if thread.said else "")
            deleted = self.ask(name, "GET", "/threads?state=deleted&limit=100", 200)["threads"]
            assert {one["id"] for one in deleted} == {one.thread_id for one in own if one.deleted}

    @precondition(any_living)
    @rule(which=WHICH)
    def messages_are_right(self, which: int) -> None:
        """A thread shows what stands, in its order, with its revisions and marks."""
        thread = self.one(which)
        read = self.ask(thread.owner, "GET", f"/threads/{thread.thread_id}/messages?limit=200", 200)
        shown = [
            Said(
                one["id"],
                one["role"],
                one["content"],
                one["revision"] if one["role"] == "user" else 1,
                one["bookmarked"],
                one["rating"]["value"] if one["rating"] else None,
            )
            for one in read["messages"]
        ]
        assert shown == thread.said


def test_any_program_finds_what_must_be_true(migrated_sqlite: Path, defaults: ThreadDefaults) -> None:
    """Isolation, counts, order, deletion, revisions, titles, tags and marks, whatever was called before."""
    machine = type("AnyProgramHere", (AnyProgram,), {"empty": migrated_sqlite, "defaults": defaults})
    quick = settings(
        max_examples=8,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=quick)
