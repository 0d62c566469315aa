"""Answers that begin and do not come to their end."""

from typing import Final

from tests.provider_answers.case import DONE, HTML, PAGE, SHOWN, Case, choice, content, event, sends

BREAKS: Final = (
    Case(
        "finish_reason error",
        sends(*SHOWN, choice({}, "error"), DONE),
        error_type="provider_error",
        finish_reason="error",
        says="gave no reason",
    ),
    Case(
        "OpenRouter: an error in mid-stream",
        sends(
            *SHOWN,
            event(
                {
                    "error": {"code": 502, "message": "Provider disconnected"},
                    "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
                }
            ),
        ),
        error_type="502",
        finish_reason=None,
        says="Provider disconnected",
    ),
    Case(
        "vLLM: an object that is an error",
        sends(*SHOWN, event({"object": "error", "message": "out of memory", "type": "ServerError"}), DONE),
        error_type="ServerError",
        finish_reason=None,
        says="out of memory",
    ),
    Case(
        "an event that is an error",
        sends(*SHOWN, b"event: error\ndata: upstream is away\n\n"),
        error_type="provider_error",
        finish_reason=None,
        says="upstream is away",
    ),
    Case(
        "an error with a code that is no text",
        sends(*SHOWN, event({"error": {"code": {"a": ["\x00"]}, "message": "odd"}})),
        error_type="{'a': ['\\x00']}",
        finish_reason=None,
        says="odd",
    ),
    Case(
        "the connection breaks",
        sends(*SHOWN, end="cut"),
        error_type="APIConnectionError",
        finish_reason=None,
        says="Connection error",
    ),
    Case(
        "signs of life before the first word",
        sends(end="drip"),
        text="",
        error_type="APITimeoutError",
        finish_reason=None,
        says="no word came for too long",
        timeout_s=0.2,
    ),
    Case(
        "signs of life after some words",
        sends(*content("Hello."), end="drip"),
        error_type="APITimeoutError",
        finish_reason=None,
        says="no word came for too long",
        timeout_s=0.2,
    ),
    Case(
        "a page instead of a stream",
        sends(PAGE, headers=HTML),
        text="",
        error_type="Malformed",
        finish_reason=None,
        says="Bad Gateway upstream away",
    ),
    Case(
        "words instead of a stream",
        sends(b"upstream connect error\n", headers={"content-type": "text/plain"}),
        text="",
        error_type="empty_answer",
        finish_reason=None,
        details={"empty": "nothing", "stray": "upstream connect error"},
        says="upstream connect error",
    ),
    Case(
        "JSON that is nested too deep",
        sends(*SHOWN, event(b"[" * 100_000)),
        error_type="Malformed",
        finish_reason=None,
        says="nested too deep",
    ),
)
