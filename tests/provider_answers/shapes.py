"""Whole answers in other shapes than OpenAI's."""

import json
from typing import Any, Final

from tests.provider_answers.case import (
    COUNTED,
    DONE,
    END,
    HELLO,
    JSON,
    STOP,
    USAGE,
    Case,
    choice,
    content,
    counts,
    event,
    sends,
)


def completion(message: Any, **more: Any) -> bytes:
    """An answer that is no stream."""
    given = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps({"id": "c1", "model": "m1", "choices": [given], "usage": USAGE, **more}).encode()


WHOLE: Final = {"stream": "a whole answer instead of one"}

SHAPES: Final = (
    Case("a usual stream", counts(USAGE), row=COUNTED),
    Case(
        "Azure: the filter's chunks have no delta",
        sends(
            event({"id": "", "model": "", "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}),
            HELLO[0],
            event({"choices": [{"index": 0, "finish_reason": None, "content_filter_offsets": {}}]}),
            choice(None),
            HELLO[1],
            *END,
        ),
    ),
    Case(
        "Mistral: content is a list of parts",
        sends(*content([{"type": "text", "text": "Hel"}], [{"type": "text", "text": "lo."}]), *END),
    ),
    Case(
        "Mistral: thinking among the parts",
        sends(
            *content([{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]),
            *content([{"type": "thinking", "thinking": "."}, {"type": "text", "text": "Hello."}]),
            *END,
        ),
        thinking="Hm.",
    ),
    Case(
        "parts that are neither text nor thinking",
        sends(*content([{"type": "reference", "reference_ids": [1]}, "Hello."]), *END),
        details={"content_parts": "reference (1)"},
    ),
    Case(
        "an emoji cut in two",
        sends(
            event(rb'{"choices": [{"delta": {"content": "Hello \ud83d"}}]}'),
            event(rb'{"choices": [{"delta": {"content": "\ude00"}}]}'),
            *END,
        ),
        text="Hello \N{GRINNING FACE}",
    ),
    Case(
        "half an emoji, and no more",
        sends(event(rb'{"choices": [{"delta": {"content": "Hello.\ud83d"}}]}'), *END),
        text="Hello.\ufffd",
    ),
    Case(
        "bytes that are no UTF-8",
        sends(event(b'{"choices": [{"delta": {"content": "Hello.\xff"}}]}'), *END),
        text="Hello.\ufffd",
    ),
    Case(
        "n: 2",
        sends(
            event({"choices": [{"index": 1, "delta": {"content": "Other."}}]}),
            event(
                {
                    "choices": [
                        {"index": 1, "delta": {"content": "More."}},
                        {"index": 0, "delta": {"content": "Hello."}},
                    ]
                }
            ),
            event({"choices": [{"index": 1, "delta": {}, "finish_reason": "length"}]}),
            *END,
        ),
        details={"other_choices": "left out"},
    ),
    Case("a refusal", sends(choice({"refusal": "No."}), *END), text="No.", details={"refusal": True}),
    Case(
        "other ends of lines, a mark at the beginning, no empty line at the end",
        sends(b"\xef\xbb\xbf: hi\r\n\r", b"\n" + HELLO[0].replace(b"\n", b"\r\n"), HELLO[1], STOP.strip()),
    ),
    Case(
        "events cut anywhere",
        sends(*(bytes([byte]) for byte in b"".join((*HELLO, *END)))),
    ),
    Case("a chunk that is null, and others that say nothing", sends(event(None), event({}), *HELLO, *END)),
    Case(
        "a whole answer to a streamed request",
        sends(completion({"role": "assistant", "content": "Hello."}), headers=JSON),
        details=WHOLE,
        row=COUNTED,
    ),
    Case(
        "a whole answer that says it is a stream",
        sends(b" \n", completion({"content": [{"type": "text", "text": "Hello."}], "reasoning": "Hm."})),
        thinking="Hm.",
        details=WHOLE,
    ),
    Case(
        "no finish_reason",
        sends(*HELLO, DONE),
        finish_reason=None,
        details={"stream": "without a finish_reason"},
    ),
    Case(
        "neither finish_reason nor [DONE]",
        sends(*HELLO),
        finish_reason=None,
        details={"stream": "without a finish_reason and without [DONE]"},
    ),
    Case("no [DONE]", sends(*HELLO, STOP)),
    Case("length", sends(*HELLO, choice({}, "length"), DONE), finish_reason="length"),
    Case(
        "content_filter",
        sends(*HELLO, choice({}, "content_filter"), DONE),
        finish_reason="content_filter",
    ),
    Case(
        "the connection breaks after the last word",
        sends(*HELLO, STOP, end="cut"),
        details={
            "after_the_end": "Connection error. peer closed connection without sending complete message body "
            "(incomplete chunked read)"
        },
    ),
    Case(
        "signs of life after the last word",
        sends(*HELLO, STOP, end="drip"),
        details={"after_the_end": "Request timed out. no word came for too long"},
        timeout_s=0.2,
    ),
)
