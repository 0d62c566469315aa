"""A model that calls tools, against a real server on loopback that streams what it is told."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.asking import ask
from agent.events import CallEnded, CallStarted, Done, StepStarted
from agent.openai_chunk import read_chunk
from agent.repairs import repair_of
from agent.tool_calls import CallsHeard
from agent.tools.declare import ToolError
from agent.tools.keeping import MemoryKeeping
from tests.agent.contract import text_of
from tests.agent.tools.calling import toolbox_of
from tests.agent.tools.model_calls import call, calling, in_pieces, make, outputs, prompts, reply_of
from tests.fake_openai import FakeOpenAI


class Shop:
    """A tool that acts, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.ordered: list[tuple[str, int]] = []

        async def order(drink: str, cups: int = 1) -> dict[str, Any]:
            """Order a drink."""
            if drink == "ink":
                raise ToolError("We have no ink.")
            self.ordered.append((drink, cups))
            return {"ordered": drink, "cups": cups}

        self.toolbox = toolbox_of(order)


LATTE = '{"drink": "latte", "cups": 2}'


async def test_what_is_sent_without_tools_holds_none(fake_openai: FakeOpenAI) -> None:
    """An agent without tools asks as ever."""
    events, _ = await reply_of(make(fake_openai, toolbox_of()))
    body = fake_openai.requests[0].body
    assert set(body) == {"model", "messages", "stream", "stream_options"}
    assert len(fake_openai.requests) == 1
    assert isinstance(events[-1], Done)


async def test_a_call_is_carried_out_and_answered(fake_openai: FakeOpenAI) -> None:
    """The model calls, is told what came of it, and answers in words; each round is a call of its own."""
    shop = Shop()
    fake_openai.next(body=calling(call(0, "order", LATTE)))
    events, failure = await reply_of(make(fake_openai, shop.toolbox))
    assert failure is None
    assert shop.ordered == [("latte", 2)]
    assert [type(one).__name__ for one in events if not hasattr(one, "text")] == [
        *("CallStarted", "CallEnded", "StepStarted", "StepEnded", "CallStarted", "CallEnded", "Done")
    ]
    assert text_of(events) == fake_openai.reply_text


async def test_each_rounds_exact_messages_are_kept(fake_openai: FakeOpenAI) -> None:
    """The second request repeats the call with its result, and the record holds it as it was sent."""
    fake_openai.next(body=calling(call(0, "order", LATTE, "abc"), text="One moment."))
    events, _ = await reply_of(make(fake_openai, Shop().toolbox))
    assert prompts(events) == [request.body["messages"] for request in fake_openai.requests]
    assert prompts(events)[1][1:] == [
        {
            "role": "assistant",
            "content": "One moment.",
            "tool_calls": [
                {"id": "abc", "type": "function", "function": {"name": "order", "arguments": LATTE}}
            ],
        },
        {"role": "tool", "tool_call_id": "abc", "content": '{"ordered":"latte","cups":2}'},
    ]


async def test_the_record_holds_which_tools_were_offered(fake_openai: FakeOpenAI) -> None:
    """They are part of what was sent."""
    shop = Shop()
    events, _ = await reply_of(make(fake_openai, shop.toolbox))
    assert isinstance(events[0], CallStarted)
    assert events[0].parameters["tools"] == fake_openai.requests[0].body["tools"] == shop.toolbox.schemas


async def test_words_of_two_rounds_are_two_paragraphs(fake_openai: FakeOpenAI) -> None:
    """What is said before a call does not run into what is said after it."""
    fake_openai.next(body=calling(call(0, "order", LATTE), text="One moment."))
    fake_openai.next(text="Done.")
    events, _ = await reply_of(make(fake_openai, Shop().toolbox))
    assert text_of(events) == "One moment.\n\nDone."


async def test_a_call_that_is_answered_without_a_word_was_answered_before(fake_openai: FakeOpenAI) -> None:
    """A model that has said all with its call need not say it again."""
    fake_openai.next(body=calling(call(0, "order", LATTE), text="I have ordered it."))
    fake_openai.next(text="")
    events, failure = await reply_of(make(fake_openai, Shop().toolbox))
    assert (failure, text_of(events)) == (None, "I have ordered it.")


async def test_streamed_parallel_calls_are_all_carried_out(fake_openai: FakeOpenAI) -> None:
    """Two calls whose arguments come in letters, one between the other's: both, in their order."""
    shop = Shop()
    first = in_pieces(0, "order", '{"drink": "latte"}')
    second = in_pieces(1, "order", '{"drink": "mocha"}')
    mixed = [piece for pair in zip(first, second, strict=True) for piece in pair]
    fake_openai.next(body=calling(*mixed))
    events, _ = await reply_of(make(fake_openai, shop.toolbox))
    assert shop.ordered == [("latte", 1), ("mocha", 1)]
    assert [one["tool_call_id"] for one in prompts(events)[1][2:]] == ["id0", "id1"]


async def test_usage_is_of_each_round(fake_openai: FakeOpenAI) -> None:
    """Tokens of every round are counted, so that a sum of the calls is that of the reply."""
    fake_openai.next(body=calling(call(0, "order", LATTE)), times=2)
    events, _ = await reply_of(make(fake_openai, Shop().toolbox))
    counted = [one.usage.input_tokens for one in events if isinstance(one, CallEnded)]
    assert counted[:2] == [5, 5]
    assert counted[2] is not None


@pytest.mark.parametrize(
    ("name", "arguments", "error_type"),
    [
        ("order", '{"drink": "lat', "invalid_arguments"),
        ("order", '{"drink": 7}', "invalid_arguments"),
        ("order", "[]", "invalid_arguments"),
        ("sell", LATTE, "unknown_tool"),
        ("no name at all!", LATTE, "unknown_tool"),
        ("order\n", LATTE, "unknown_tool"),
    ],
)
async def test_a_mistaken_call_gets_one_repair(
    fake_openai: FakeOpenAI, name: str, arguments: str, error_type: str
) -> None:
    """The error is given back; the model calls rightly, and all goes on."""
    shop = Shop()
    fake_openai.next(body=calling(call(0, name, arguments)))
    fake_openai.next(body=calling(call(0, "order", LATTE)))
    events, failure = await reply_of(make(fake_openai, shop.toolbox))
    assert failure is None
    assert [one.get("error_type") for one in outputs(events)] == [error_type, None]
    assert shop.ordered == [("latte", 2)]


async def test_arguments_that_are_no_json_are_not_sent_back(fake_openai: FakeOpenAI) -> None:
    """Servers that read earlier calls refuse a whole request for them; the step holds them."""
    fake_openai.next(body=calling(call(0, "order", '{"drink": "lat')))
    events, _ = await reply_of(make(fake_openai, Shop().toolbox))
    sent = fake_openai.requests[1].body["messages"][1]["tool_calls"][0]["function"]
    assert json.loads(sent["arguments"]) == {}
    assert [one.input for one in events if isinstance(one, StepStarted)] == ['{"drink": "lat']


async def test_arguments_nested_beyond_reading_are_a_mistake_like_another(fake_openai: FakeOpenAI) -> None:
    """The model is told, and the reply goes on."""
    shop = Shop()
    fake_openai.next(body=calling(call(0, "order", '{"drink": ' + "[" * 100_000 + "]" * 100_000 + "}")))
    events, failure = await reply_of(make(fake_openai, shop.toolbox))
    assert failure is None
    assert [one["error_type"] for one in outputs(events)] == ["invalid_arguments"]
    assert text_of(events) == fake_openai.reply_text


ONE_ID = [
    pytest.param([call(0, "order", LATTE, "x"), call(1, "order", LATTE, "x")], id="twice in an answer"),
    pytest.param([call(0, "order", LATTE) | {"id": ""}, call(1, "order", LATTE, "call_0")], id="as ours"),
    pytest.param([call(0, "order", LATTE) | {"id": None}], id="none, in each answer"),
    pytest.param([call(0, "order", LATTE, "\x00\ud800")], id="none that can be sent"),
    pytest.param([call(0, "order", LATTE, "x" * 100_000)], id="without an end"),
]


@pytest.mark.parametrize("calls", ONE_ID)
async def test_each_call_of_a_reply_has_an_id_of_its_own(
    fake_openai: FakeOpenAI, calls: list[dict[str, Any]]
) -> None:
    """Servers refuse the whole talk over two results of one id; and what is called is answered, once."""
    fake_openai.next(body=calling(*calls), times=2)
    _, failure = await reply_of(make(fake_openai, Shop().toolbox))
    assert failure is None
    messages = fake_openai.requests[-1].body["messages"]
    called = [one["id"] for message in messages for one in message.get("tool_calls", ())]
    assert called == [one["tool_call_id"] for one in messages if one["role"] == "tool"]
    assert len(set(called)) == len(called) == 2 * len(calls)
    assert all(0 < len(one) <= 100 and one.isprintable() for one in called)


async def test_after_one_repair_the_participant_is_asked(fake_openai: FakeOpenAI) -> None:
    """Mistaken twice in a row, the model is told to ask in words, and may call nothing."""
    fake_openai.next(body=calling(call(0, "order", "{}")), times=2)
    fake_openai.next(text="Which drink would you like?")
    events, failure = await reply_of(make(fake_openai, Shop().toolbox))
    assert (failure, text_of(events)) == (None, "Which drink would you like?")
    assert [request.body.get("tool_choice") for request in fake_openai.requests] == [None, None, "none"]
    assert "Ask the user" in fake_openai.requests[2].body["messages"][-1]["content"]


async def test_who_never_understands_its_tools_fails(fake_openai: FakeOpenAI) -> None:
    """A model that calls on though it may not: the reply fails under a name of its own, nothing was done."""
    shop = Shop()
    fake_openai.next(body=calling(call(0, "order", "{}")), times=3)
    _, failure = await reply_of(make(fake_openai, shop.toolbox))
    assert failure is not None
    assert (failure.error_type, shop.ordered) == ("calls_not_understood", [])


async def test_a_repair_makes_up_for_one_mistake_each(fake_openai: FakeOpenAI) -> None:
    """Mistakes that are mended do not add up."""
    shop = Shop()
    for _ in range(3):
        fake_openai.next(body=calling(call(0, "order", "{}")))
        fake_openai.next(body=calling(call(0, "order", LATTE)))
    _, failure = await reply_of(make(fake_openai, shop.toolbox))
    assert failure is None
    assert len(shop.ordered) == 3


async def test_a_tool_that_refuses_is_no_mistake_of_the_model(fake_openai: FakeOpenAI) -> None:
    """What a tool could not do is told as often as it happens, and the model goes on."""
    ink = calling(call(0, "order", '{"drink": "ink"}'))
    fake_openai.next(body=ink, times=4)
    events, failure = await reply_of(make(fake_openai, Shop().toolbox))
    assert failure is None
    assert [one["error"] for one in outputs(events)] == ["We have no ink."] * 4


async def test_an_endless_loop_ends(fake_openai: FakeOpenAI) -> None:
    """A model that calls and calls is asked as often as the study says; its last calls are not made."""
    shop = Shop()
    fake_openai.default = fake_openai.default.__class__(body=calling(call(0, "order", LATTE)))
    events, failure = await reply_of(make(fake_openai, shop.toolbox, rounds=3))
    assert failure is not None
    assert failure.error_type == "too_many_rounds"
    assert (len(fake_openai.requests), len(shop.ordered)) == (3, 2)
    assert isinstance(events[-1], CallEnded)


async def test_a_retry_of_a_broken_reply_does_nothing_twice(fake_openai: FakeOpenAI) -> None:
    """The server dies after a tool has acted; the same decision, answered once more, gets its kept result."""
    shop, keeping = Shop(), MemoryKeeping()
    for _ in range(2):
        fake_openai.next(body=calling(call(0, "order", LATTE)))
        fake_openai.next(end="cut")
    first, failure = await reply_of(make(fake_openai, shop.toolbox), keeping)
    again, _ = await reply_of(make(fake_openai, shop.toolbox), keeping)
    assert failure is not None
    assert shop.ordered == [("latte", 2)]
    assert outputs(first) == outputs(again)


@pytest.mark.parametrize(
    ("body", "error_type"),
    [
        (calling(call(0, "order", LATTE), finish=None)[:-2], "incomplete_stream"),
        (calling(call(0, "order", ""), finish="length"), "incomplete_stream"),
    ],
    ids=["cut off", "out of tokens"],
)
async def test_half_a_call_is_not_carried_out(
    fake_openai: FakeOpenAI, body: tuple[bytes, ...], error_type: str
) -> None:
    """An answer that ends within a call has decided nothing, whatever its arguments look like."""
    shop = Shop()
    fake_openai.next(body=body)
    _, failure = await reply_of(make(fake_openai, shop.toolbox))
    assert failure is not None
    assert (failure.error_type, shop.ordered) == (error_type, [])


REFUSALS = {
    "Ollama": (400, "registry.ollama.ai/library/gemma:2b does not support tools"),
    "vLLM": (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    "OpenRouter": (404, "No endpoints found that support tool use."),
    "llama.cpp": (400, "tools param requires --jinja flag"),
    "Groq": (400, "`tool calling` is not supported with this model"),
    "OpenAI": (400, "Unsupported parameter: 'tools' is not supported with this model."),
}


@pytest.mark.parametrize("server", REFUSALS)
async def test_a_model_without_tool_calling_says_so(fake_openai: FakeOpenAI, server: str) -> None:
    """Its refusal has a name of its own, and a repair for whoever runs the study."""
    status, message = REFUSALS[server]
    fake_openai.next(status=status, message=message, code="")
    _, failure = await reply_of(make(fake_openai, Shop().toolbox))
    assert failure is not None
    assert failure.error_type == "tools_not_taken"
    assert "calls no tools" in repair_of(failure.error_type, str(failure))


async def test_another_refusal_stays_what_it_is(fake_openai: FakeOpenAI) -> None:
    """Not everything that an agent with tools is refused is about its tools."""
    fake_openai.next(status=401)
    _, failure = await reply_of(make(fake_openai, Shop().toolbox))
    assert failure is not None
    assert failure.error_type == "invalid_api_key"


async def test_a_test_question_calls_no_tool(fake_openai: FakeOpenAI) -> None:
    """`cli.py check --ask` says what the model wanted called, and does nothing."""
    shop = Shop()
    fake_openai.next(body=calling(call(0, "order", LATTE)))
    agent = make(fake_openai, shop.toolbox)
    asked = await ask(agent)
    await agent.close()
    assert (asked.called, asked.failure, shop.ordered) == ("order", None, [])


@given(
    calls=st.lists(st.tuples(st.sampled_from(["a", "b"]), st.text(max_size=8)), min_size=1, max_size=4),
    counted=st.booleans(),
    cuts=st.lists(st.integers(0, 8), max_size=4),
)
@settings(max_examples=50)
def test_calls_are_whole_however_they_are_cut(
    calls: list[tuple[str, str]], counted: bool, cuts: list[int]
) -> None:
    """Counted by the server or not, and cut anywhere, they are put together as they were."""
    heard = CallsHeard()
    for number, (name, arguments) in enumerate(calls):
        bounds = sorted({0, len(arguments), *(cut for cut in cuts if cut < len(arguments))})
        pieces = [arguments[a:b] for a, b in itertools.pairwise(bounds)]
        place = {"index": number} if counted else {}
        heads = [{**place, "id": f"i{number}", "function": {"name": name, "arguments": ""}}]
        for piece in [*heads, *({**place, "function": {"arguments": one}} for one in pieces)]:
            for found in read_chunk({"choices": [{"delta": {"tool_calls": [piece]}}]}).calls:
                heard.add(found)
    assert [(one.name, one.arguments) for one in heard.calls] == calls


def test_an_answer_has_so_many_calls_at_most() -> None:
    """A model that goes wild is heard, and the rest is counted."""
    heard = CallsHeard()
    for number in range(50):
        piece = call(number, "order", LATTE)
        for found in read_chunk({"choices": [{"delta": {"tool_calls": [piece]}}]}).calls:
            heard.add(found)
    assert (len(heard.calls), heard.left_out) == (20, 30)
