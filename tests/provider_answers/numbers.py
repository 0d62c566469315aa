"""Counts and names that no column holds as they are."""

from typing import Final

from tests.provider_answers.case import DONE, HELLO, STOP, Case, choice, content, counts, event, sends

HUGE: Final = "9" * 5_000

NUMBERS: Final = (
    Case(
        "counts beyond 32 bits",
        counts({"prompt_tokens": 2**31, "completion_tokens": 2**31 - 1}),
        details={"not_counted": {"input_tokens": str(2**31)}},
        row={"gen_ai_usage_input_tokens": None, "gen_ai_usage_output_tokens": 2**31 - 1},
    ),
    Case(
        "counts beyond 64 bits",
        counts({"prompt_tokens": 2**64, "completion_tokens": 2}),
        details={"not_counted": {"input_tokens": str(2**64)}},
        row={"gen_ai_usage_input_tokens": None, "gen_ai_usage_output_tokens": 2},
    ),
    Case(
        "counts below zero",
        counts(
            {
                "prompt_tokens": -1,
                "completion_tokens": 2,
                "completion_tokens_details": {"reasoning_tokens": -7},
            }
        ),
        details={"not_counted": {"input_tokens": "-1", "reasoning_tokens": "-7"}},
        row={"gen_ai_usage_input_tokens": None, "reasoning_tokens": None},
    ),
    Case(
        "counts that are text, fractions or true",
        counts(
            {"prompt_tokens": "3", "completion_tokens": 2.5, "prompt_tokens_details": {"cached_tokens": True}}
        ),
        details={
            "usage": {
                "prompt_tokens": "3",
                "completion_tokens": "2.5",
                "prompt_tokens_details.cached_tokens": "True",
            }
        },
        row={"gen_ai_usage_input_tokens": None, "gen_ai_usage_output_tokens": None, "cached_tokens": None},
    ),
    Case(
        "a count of thousands of digits",
        sends(
            *HELLO,
            STOP,
            event(b'{"choices": [], "usage": {"prompt_tokens": %s}}' % HUGE.encode()),
            DONE,
        ),
        details={"usage": {"prompt_tokens": HUGE[:500]}},
        row={"gen_ai_usage_input_tokens": None},
    ),
    Case(
        "counts in no object, and not finite",
        sends(
            *HELLO, STOP, event({"choices": [], "usage": [3, 2]}), event(b'{"usage": {"prompt_tokens": NaN}}')
        ),
        details={"usage": {"prompt_tokens": "nan"}},
    ),
    Case(
        "counts in two halves",
        sends(
            event({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 0}}),
            *HELLO,
            STOP,
            event({"choices": [], "usage": {"prompt_tokens": None, "completion_tokens": 2}}),
            DONE,
        ),
        row={"gen_ai_usage_input_tokens": 3, "gen_ai_usage_output_tokens": 2},
    ),
    Case(
        "names that are none",
        sends(
            event({"id": ["c"], "model": 7, "system_fingerprint": "a\x00b\ud800", "choices": []}),
            event({"choices": [{"delta": {"content": "Hello."}, "finish_reason": "stop"}]}),
        ),
        row={
            "gen_ai_response_id": "['c']",
            "gen_ai_response_model": "7",
            "system_fingerprint": "a\ufffdb\ufffd",
        },
    ),
    Case(
        "names of a megabyte",
        sends(event({"id": "c" * 1_000_000, "choices": []}), *content("Hello."), choice({}, "x" * 9_000)),
        finish_reason="x" * 2_000,
        row={"gen_ai_response_model": "m1"},
    ),
)
