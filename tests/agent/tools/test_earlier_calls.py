"""What a model called in earlier turns is repeated in a way that every server takes, and within bounds."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.context import KeptCall, ReplyContext, Utterance
from agent.earlier_calls import LONGEST_CALLS, LONGEST_OUTPUT, MOST_CALLS, calls_between
from agent.events import Json
from agent.openai_tools import ToolTalk
from agent.parts import messages_of
from tests.agent.tools.calling import toolbox_of
from tests.agent.tools.model_calls import call, calling, make
from tests.fake_openai import FakeOpenAI


def user(turn: int, text: str = "Please.", intent: str | None = None) -> Utterance:
    """What a participant said."""
    return Utterance("user", text, turn=turn, intent_id=intent)


def agent(turn: int, text: str = "Done.", intent: str | None = None) -> Utterance:
    """What was answered."""
    return Utterance("assistant", text, turn=turn, intent_id=intent)


def kept(turn: int, arguments: str = "{}", output: str = "1", **more: Any) -> KeptCall:
    """A call of a turn."""
    return KeptCall("look", arguments, output, turn=turn, **more)


async def sent(turns: Sequence[Utterance], calls: Sequence[KeptCall]) -> list[Json]:
    """The messages of the next request."""
    prompt = await messages_of([], turns, calls_between(turns, calls))
    assert prompt.kept == prompt.sent
    return prompt.sent


def shape(messages: Sequence[Json]) -> str:
    """Who speaks: u(ser), a(ssistant), c(alls), t(ool)."""
    return "".join("c" if "tool_calls" in one else str(one["role"])[0] for one in messages)


async def test_calls_stand_between_question_and_answer() -> None:
    """Calls of one round are one message; the next round is another; each is answered under its id."""
    calls = [kept(1, '{"a": 1}', '"x"', round=1), kept(1, round=1), kept(1, round=2), kept(2, round=4)]
    messages = await sent([user(1), agent(1), user(2), agent(2), user(3)], calls)
    assert shape(messages) == "ucttctauctau"
    assert messages[1] == {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "t0001c001", "type": "function", "function": {"name": "look", "arguments": '{"a": 1}'}},
            {"id": "t0001c002", "type": "function", "function": {"name": "look", "arguments": "{}"}},
        ],
    }
    assert messages[2] == {"role": "tool", "tool_call_id": "t0001c001", "content": '"x"'}


async def test_a_turn_without_words_is_closed() -> None:
    """A reply was stopped after it had acted: roles still take turns, and what was done is told."""
    messages = await sent([user(1), user(2)], [kept(1)])
    assert shape(messages) == "uctau"
    assert messages[3]["content"] == "[This answer was broken off.]"


async def test_what_was_broken_off_is_told_as_that() -> None:
    """Whether it was done nobody knows, and the model reads so."""
    messages = await sent([user(1), user(2)], [kept(1, output="", is_whole=False)])
    assert "Nobody knows" in json.loads(messages[2]["content"])["error"]


async def test_arguments_that_are_no_json_do_no_harm() -> None:
    """A server that reads earlier calls would refuse the thread for good."""
    messages = await sent([user(1), user(2)], [kept(1, '{"dri')])
    assert messages[1]["tool_calls"][0]["function"]["arguments"] == "{}"


async def test_other_intents_calls_are_not_told() -> None:
    """Neither those of turns that are left out nor those of another intent within one that is told."""
    turns = [user(2, intent="b"), agent(2, intent="b"), user(3, intent="c")]
    calls = [kept(1, '{"s": 1}', intent_id="a"), kept(2, '{"s": 2}', intent_id="a"), kept(2, '{"s": 3}')]
    calls += [kept(2, '{"s": 4}', intent_id="b"), kept(2, '{"s": 5}', intent_id="c"), kept(3, '{"s": 6}')]
    (told,) = [one["tool_calls"] for one in await sent(turns, calls) if "tool_calls" in one]
    assert [one["function"]["arguments"] for one in told] == ['{"s": 3}', '{"s": 4}']


async def test_an_intent_that_ended_in_the_turn_is_told() -> None:
    """What is said after it, in the same answer, is of it, though the question was of another."""
    turns = [user(1, intent="a"), agent(1, intent="b"), user(2, intent="b")]
    messages = await sent(turns, [kept(1, intent_id="a"), kept(1, intent_id="b", round=1)])
    assert shape(messages) == "uctctau"


async def test_a_long_result_is_cut() -> None:
    """Its beginning is told, and how long it was."""
    messages = await sent([user(1), user(2)], [kept(1, output=json.dumps("x" * 50_000))])
    told = json.loads(messages[2]["content"])
    assert len(told["beginning"]) == LONGEST_OUTPUT
    assert "50,002" in told["cut_off"]


async def test_a_result_that_just_fits_is_whole() -> None:
    """And so are all calls that come to the last character there is room for."""
    whole = json.dumps("x" * (LONGEST_OUTPUT - 2))
    (message,) = [
        one for one in await sent([user(1), user(2)], [kept(1, output=whole)]) if one["role"] == "tool"
    ]
    assert message["content"] == whole
    count = LONGEST_CALLS // LONGEST_OUTPUT
    exact = [kept(1, "", "[" + "1," * (LONGEST_OUTPUT // 2 - 1) + "]")] * count
    for calls, told in (
        (exact, count),
        ([kept(1), *exact], count),
        ([*exact, kept(1)], count),
        ([*exact, *[kept(1)] * 2], count + 1),
    ):
        messages = await sent([user(1), user(2)], calls)
        assert len([one for one in messages if one["role"] == "tool"]) == told


async def test_the_newest_have_room_first() -> None:
    """Older ones are left out, with all before them; ids are those that they had when all were told."""
    turns = [one for turn in range(1, 31) for one in (user(turn), agent(turn))] + [user(31)]
    calls = [kept(turn, output=json.dumps(str(turn) * 2_500)) for turn in range(1, 31)]
    messages = await sent(turns, calls)
    told = [one for one in messages if one["role"] == "tool"]
    assert sum(len(one["content"]) for one in told) <= LONGEST_CALLS
    assert [one["tool_call_id"] for one in told] == [f"t{turn:04}c001" for turn in range(31 - len(told), 31)]
    assert 0 < len(told) < len(calls)


async def test_so_many_calls_at_most() -> None:
    """However short they are."""
    messages = await sent([user(1), user(2)], [kept(1)] * (MOST_CALLS + 50))
    assert len([one for one in messages if one["role"] == "tool"]) == MOST_CALLS


_CALLS = st.lists(
    st.builds(
        KeptCall,
        st.just("look"),
        st.sampled_from(["{}", '{"a": 1}', "[", "x" * 30_000]),
        st.sampled_from(["", "1", "y" * 30_000]),
        intent_id=st.sampled_from([None, "a", "b"]),
        turn=st.integers(0, 6),
        round=st.integers(0, 3),
        is_whole=st.booleans(),
    ).map(lambda one: one),
    max_size=12,
)
_SAID = st.lists(
    st.tuples(st.booleans(), st.sampled_from(["", "a"]), st.sampled_from([None, "a", "b"])), max_size=10
)


@given(said=_SAID, calls=_CALLS)
@settings(max_examples=60)
async def test_any_history_is_one_that_servers_take(
    said: list[tuple[bool, str, str | None]], calls: list[KeptCall]
) -> None:
    """Every call is answered at once, ids are unique, nothing speaks twice, and the participant ends it."""
    turns = [
        (user if of_user else agent)(place // 2, text, intent)
        for place, (of_user, text, intent) in enumerate(said)
    ]
    calls = sorted(calls, key=lambda one: (one.turn, one.round))
    messages = await sent([*turns, user(9)], calls)
    waiting: list[str] = []
    ids: list[str] = []
    before = ""
    for message in messages:
        role = "c" if "tool_calls" in message else str(message["role"])[0]
        assert bool(waiting) == (role == "t")
        if role == "t":
            assert message["tool_call_id"] == waiting.pop(0)
        elif role == "c":
            assert before in ("u", "t")
            waiting = [one["id"] for one in message["tool_calls"]]
            ids += waiting
            assert all(json.loads(one["function"]["arguments"]) is not None for one in message["tool_calls"])
        else:
            assert before in {"u": ("", "a"), "a": ("u", "t")}[role]
        before = role
    assert before == "u"
    assert len(ids) == len(set(ids))


def look() -> int:
    """Look."""
    return 1


async def test_nothing_is_read_where_nothing_can_be_called(fake_openai: FakeOpenAI) -> None:
    """An agent without tools, and a first turn, pay for no reading."""
    reads: list[int] = []

    async def read() -> list[KeptCall]:
        reads.append(1)
        return [KeptCall("look", "{}", "1", turn=1), KeptCall("another", "{}", "1", turn=1)]

    context = ReplyContext("t", "r", "p", "m", "m:1", kept_calls=read)
    turns = [user(1), agent(1), user(2)]
    assert await ToolTalk(toolbox_of(), context).earlier(turns) == {}
    assert await ToolTalk(toolbox_of(look), context).earlier(turns[-1:]) == {}
    assert reads == []
    (messages,) = (await ToolTalk(toolbox_of(look), context).earlier(turns)).values()
    assert [one["function"]["name"] for one in messages[0]["tool_calls"]] == ["look"]


async def test_ids_are_unique_whatever_the_server_says(fake_openai: FakeOpenAI) -> None:
    """One that counts its calls anew in each answer, or twice in one, would be refused by others."""

    async def read() -> list[KeptCall]:
        return [KeptCall("look", "{}", "1", turn=1)]

    context = ReplyContext("t", "r", "p", "m", "m:1", kept_calls=read)
    for calls in (
        [call(0, "look", "{}", "t0001c001"), call(1, "look", "{}", "t0001c001")],
        [call(0, "look", "{}")] * 1,
    ):
        fake_openai.next(body=calling(*calls))
    fake_openai.next(body=calling(call(0, "look", "{}")))
    model = make(fake_openai, toolbox_of(look))
    assert [event async for event in model.reply([user(1), agent(1), user(2)], context)]
    await model.close()
    messages = fake_openai.requests[-1].body["messages"]
    ids = [one["id"] for message in messages for one in message.get("tool_calls", ())]
    assert ids == ["t0001c001", "call_0", "call_1", "id0", "call_2"]
    assert [one["tool_call_id"] for one in messages if one["role"] == "tool"] == ids
