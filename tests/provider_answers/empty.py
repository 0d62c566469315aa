"""Answers that are none."""

from typing import Any, Final

from tests.provider_answers.case import DONE, Case, choice, content, sends


def empty(name: str, came: str, *pieces: bytes, finish: str | None = "stop", **more: Any) -> Case:
    """An answer that is none."""
    end = choice({}, finish)
    details = {"empty": came, **more.pop("details", {})}
    return Case(
        name,
        sends(*pieces, end, DONE),
        text="",
        error_type="empty_answer",
        finish_reason=finish,
        details=details,
        says=came,
        **more,
    )


TOOL: Final = {"tool_calls": [{"index": 0, "id": "t1", "type": "function", "function": {"name": "look"}}]}
ARGUMENTS: Final = {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}

EMPTY: Final = (
    empty("nothing", "nothing"),
    empty("white space", "white space", *content(" \n", "\t")),
    empty("characters that nobody sees", "white space", *content("\u200b\u2060")),
    empty(
        "a tool alone", "a call of a tool", choice(TOOL), choice(ARGUMENTS), details={"tool_calls": ["look"]}
    ),
    empty(
        "an older way to call a tool",
        "a call of a tool",
        choice({"content": None, "function_call": {"name": "look", "arguments": ""}}),
        finish="function_call",
        details={"tool_calls": ["look"]},
    ),
    empty("filtered before the first word", "nothing", finish="content_filter"),
    empty("thinking alone", "thinking", choice({"reasoning": "Hm."}), thinking="Hm."),
    empty("thinking that has no end", "thinking", *content("<think>Hm."), finish="length", thinking="Hm."),
    empty("nothing, and nobody says why", "nothing", finish=None, details={}),
)
