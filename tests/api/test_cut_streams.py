"""Streams that are cut: whoever comes back with the id of the last event has each word once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from agent.events import Done, StepEnded, StepStarted, TextDelta, ThinkingDelta
from api.context import ApiContext
from api.live.events import StatusEvent
from api.live.hub import MOST_WAITING, LiveListener
from api.live.schemas import EVENTS
from api.turns import made_id
from data_layer.record import Record
from stages.chat.beside import Beside
from stages.chat.stage import ChatStage
from stages.entry.throttle import EntryThrottle
from study.errors import AgentUnavailable
from study.loader import LoadedStudy
from study.vocabulary import StepType
from tests.api.conftest import SECRET
from tests.api.reader import read, text_of, texts_of
from tests.api.server import Client
from tests.fakes import Deed, FakeAgent, FakeAgents
from tests.stages.talk import until, words

CHAT = ("POST", "/chat/stream")


@pytest.fixture
async def context(record: Record, study: LoadedStudy, agent: FakeAgent) -> AsyncIterator[ApiContext]:
    """What the API stands on, where participants see what is thought and looked up."""
    agents = FakeAgents(agent)
    beside = Beside(thinking_of=frozenset({agent.name}))
    stage = ChatStage(record, agents, message_length=10_000, beside=beside)
    yield ApiContext(
        record, study, stage, agents, EntryThrottle(600), SECRET, timedelta(days=15), lambda _: None
    )
    await stage.close()


def long_turn(*holds: asyncio.Event) -> list[Deed]:
    """A reply that thinks, looks something up, and speaks in three goes."""
    goes = [*holds, *(asyncio.Event() for _ in range(2 - len(holds)))]
    for one in goes[len(holds) :]:
        one.set()
    return [
        ThinkingDelta("What is it? "),
        ThinkingDelta("Ah."),
        StepStarted("1", StepType.TOOL, "look", "{}"),
        StepEnded("1", "found"),
        TextDelta("One "),
        goes[0],
        TextDelta("two "),
        goes[1],
        TextDelta("three."),
        Done(),
    ]


async def test_a_stream_cut_at_each_event_is_resumed_while_the_reply_goes_on(
    ada: Client, agent: FakeAgent
) -> None:
    """One thread for each place at which it can be cut; each reader has the whole reply, each word once."""
    agent.enqueue(*long_turn())
    whole = await read(ada, *CHAT, json={"message": "Count"})
    assert text_of(whole) == "One two three."

    async def cut_after(count: int) -> str:
        hold = asyncio.Event()
        agent.enqueue(*long_turn(hold))
        first = await read(ada, *CHAT, most=count, json={"message": "Count"})
        asyncio.get_running_loop().call_soon(hold.set)
        if first[-1][0] == "done":
            return text_of(first)
        rest = await read(ada, *CHAT, after=first[-1][1]["at_id"], json={"message": "Count"})
        assert rest[-1][0] == "done"
        assert rest[-1][1]["content"] == "One two three."
        return text_of([*first, *rest])

    # A reply that is held back after its first words has no more events than these before them.
    told = await asyncio.gather(*(cut_after(count) for count in range(1, 8)))
    assert set(told) == {"One two three."}


async def test_a_stream_cut_at_each_event_is_resumed_after_its_end(ada: Client, agent: FakeAgent) -> None:
    """By another connection, from what is kept: nothing is lost, and nothing told a second time."""
    agent.enqueue(*long_turn())
    whole = await read(ada, *CHAT, json={"message": "Count"})
    for count in range(1, len(whole)):
        after = whole[count - 1][1]["at_id"]
        rest = await read(ada, *CHAT, after=after, json={"message": "Count"})
        assert text_of([*whole[:count], *rest]) == "One two three."
        thought = texts_of([*whole[:count], *rest], "thinking")
        assert list(thought.values()) == ["What is it? Ah."]
        assert rest[-1][1]["content"] == "One two three."


async def test_a_stream_is_resumed_after_a_restart(
    ada: Client, agent: FakeAgent, context: ApiContext, record: Record
) -> None:
    """Nothing of a reader stands in the process: another one, over the same record, tells the rest."""
    agent.enqueue(*long_turn())
    whole = await read(ada, *CHAT, json={"message": "Count"})
    cut = next(place for place, (kind, _) in enumerate(whole) if kind == "token") + 1
    context.live.__init__()  # type: ignore[misc]
    rest = await read(ada, *CHAT, after=whole[cut - 1][1]["at_id"], json={"message": "Count"})
    assert text_of([*whole[:cut], *rest]) == "One two three."


async def test_words_that_were_seen_and_not_kept_are_not_told_again(
    ada: Client, agent: FakeAgent, record: Record
) -> None:
    """A kill may take the last second of a reply from the record; its reader has it, and is told the end."""
    agent.enqueue(*words("All of it."))
    whole = await read(ada, *CHAT, json={"message": "Count"})
    reply = whole[-1][1]["reply_id"]
    place = whole[-1][1]["at_id"].replace(f"{reply}:10", f"{reply}:25")
    rest = await read(ada, *CHAT, after=place, json={"message": "Count"})
    assert text_of(rest) == ""
    assert rest[-1][1]["content"] == "All of it."


async def test_a_message_that_a_kill_let_nobody_keep_is_said_by_who_resumes(
    ada: Client, agent: FakeAgent
) -> None:
    """By its key: under the id that its reader was told, in the thread that it was to begin; once."""
    agent.enqueue(*words("Yes."))
    unkept = made_id(str(ada.tokens["participant_id"]), "chat", "mine")
    asked = {"after": unkept, "key": "mine", "json": {"message": "Is anybody there?"}}
    told = await read(ada, *CHAT, **asked)
    again = await read(ada, *CHAT, **asked)
    assert (told[-1][1]["message_id"], told[-1][1]["content"]) == (unkept, "Yes.")
    assert told[-1][1]["thread_id"] == again[-1][1]["thread_id"]
    listed = (await ada.http.get("/threads")).json()["threads"]
    assert [one["message_count"] for one in listed] == [2]


async def test_anothers_message_is_as_unknown_as_none_to_who_resumes(
    ada: Client, program: Callable[[], Client], agent: FakeAgent
) -> None:
    """An id of theirs, and one that nobody has: one answer, with whatever key."""
    agent.enqueue(*words("Yes."))
    told = await read(ada, *CHAT, json={"message": "Mine"})
    eve = program()
    await eve.sign_in("Eve")
    ids = [told[-1][1]["message_id"], told[-1][1]["reply_id"], "00000000-0000-4000-8000-000000000000"]
    answers = [
        await eve.http.post(
            "/chat/stream", json={"message": "Hers"}, headers={"Last-Event-ID": id_, "Idempotency-Key": "x"}
        )
        for id_ in ids
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert answers[0].json() == answers[1].json() == answers[2].json()


async def test_two_readers_of_one_turn_have_the_same_words(ada: Client, agent: FakeAgent) -> None:
    """One asked, the other came by its id in the middle of the reply."""
    hold = asyncio.Event()
    agent.enqueue(*long_turn(hold))
    thread = await ada.begin()
    asked = asyncio.create_task(read(ada, *CHAT, json={"message": "Count", "thread_id": thread}))
    await until(lambda: agent.asked)
    begun = await read(ada, "GET", f"/threads/{thread}/stream", until=("status", "working"))
    message_id = begun[0][1]["at_id"].partition("~")[0]
    other = asyncio.create_task(read(ada, *CHAT, after=message_id, json={"message": "Count"}))
    hold.set()
    first, second = await asyncio.gather(asked, other)
    assert text_of(first) == text_of(second) == "One two three."


async def test_who_follows_is_told_what_grows_from_its_first_word(
    ada: Client, agent: FakeAgent, context: ApiContext
) -> None:
    """They came in the middle of a reply; then the rest of it, and how it ended."""
    hold = asyncio.Event()
    agent.enqueue(*words("From the "), hold, *words("start."))
    thread = await ada.begin()
    asked = asyncio.create_task(read(ada, *CHAT, json={"message": "Go on", "thread_id": thread}))
    await until(lambda: context.live.growing(thread))
    follows = asyncio.create_task(read(ada, "GET", f"/threads/{thread}/stream", until=("status", "idle")))
    await until(lambda: len(context.live) == 2)
    hold.set()
    told = await follows
    await asked
    assert text_of(told) == "From the start."
    assert [kind for kind, _ in told][-2:] == ["done", "status"]


async def test_a_follower_is_told_of_every_turn_that_it_missed(
    ada: Client, agent: FakeAgent, context: ApiContext
) -> None:
    """It was cut in one turn, and comes back after the next: both are told, each word once."""
    agent.enqueue(*long_turn())
    agent.enqueue(*words("And another."))
    thread = await ada.begin()
    follows = asyncio.create_task(read(ada, "GET", f"/threads/{thread}/stream", until=("component", "step")))
    await until(lambda: len(context.live) == 1)
    await ada.http.post(f"/threads/{thread}/messages", json={"content": "Count"})
    first = await follows
    await ada.http.post(f"/threads/{thread}/messages", json={"content": "Go on"})
    after = first[-1][1]["at_id"]
    rest = await read(ada, "GET", f"/threads/{thread}/stream", after=after, dones=2)
    assert list(texts_of([*first, *rest]).values()) == ["One two three.", "And another."]
    said = [
        data["data"]["content"] for kind, data in rest if kind == "component" and data["kind"] == "message"
    ]
    assert said == ["Count", "One two three.", "Go on", "And another."]


async def test_two_writers_hear_their_own_reply_alone(
    ada: Client, program: Callable[[], Client], agent: FakeAgent
) -> None:
    """Both speak at once in one thread: both are kept, answered one after the other, and not mixed up."""
    agent.enqueue(*words("The ", "first."))
    agent.enqueue(*words("The ", "second."))
    thread = await ada.begin()
    said = [{"message": f"Number {number}", "thread_id": thread} for number in range(2)]
    told = await asyncio.gather(*(read(ada, *CHAT, json=one) for one in said))
    assert sorted(text_of(one) for one in told) == ["The first.", "The second."]
    assert [one[-1][1]["content"] for one in told] == [text_of(one) for one in told]
    kept = (await ada.http.get(f"/threads/{thread}/messages")).json()["messages"]
    assert sorted(one["content"] for one in kept) == sorted(
        ["Number 0", "Number 1", "The first.", "The second."]
    )
    assert len({one["turn"] for one in kept}) == 2


async def test_a_reader_that_falls_behind_is_let_go() -> None:
    """It is told so instead of what waits, and nothing more gathers for it."""
    listener = LiveListener(("p", "t"))
    for _ in range(MOST_WAITING + 10):
        listener.tell(StatusEvent(thread_id="t", state="idle"))
    last = await listener.next()
    assert getattr(last, "code", None) == "fell_behind"
    assert await listener.next() is None
    assert await listener.next() is None


@pytest.mark.parametrize("place", ["nonsense", "0~x", "~", "0~" + "a" * 36, "\u00e9", "0" * 3_000])
async def test_an_id_that_no_event_had_opens_nothing(ada: Client, place: str) -> None:
    """It is said which header is at fault."""
    thread = await ada.begin()
    headers = {"Last-Event-ID": place.encode()}
    answer = await ada.http.get(f"/threads/{thread}/stream", headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "header.last-event-id")


async def test_every_event_has_the_shape_that_openapi_says(ada: Client, agent: FakeAgent, base: str) -> None:
    """Of a turn with all that a reply has; each shape is among the document's components."""
    agent.enqueue(*long_turn())
    agent.enqueue(AgentUnavailable("gone", error_type="gone"))
    told = await read(ada, *CHAT, json={"message": "Count"})
    told += await read(ada, *CHAT, json={"message": "Go", "thread_id": told[0][1]["thread_id"]})
    told += await read(ada, *CHAT, after=told[-1][1]["at_id"], json={"message": "Go"})
    for _, data in told:
        EVENTS.validate_python({name: value for name, value in data.items() if name != "at_id"})
    kinds = {kind for kind, _ in told}
    assert kinds == {"status", "thinking", "token", "component", "error", "done"}
    document = (await ada.http.get("/openapi.json")).json()
    shapes = document["components"]["schemas"]
    assert {
        "StatusEvent",
        "TokenEvent",
        "ThinkingEvent",
        "ErrorEvent",
        "DoneEvent",
        "MessageComponent",
    } <= set(shapes)
    assert "/ws/chat/{thread_id}" in document["x-websockets"]
