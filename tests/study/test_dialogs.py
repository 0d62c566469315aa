"""Files of dialogs are read whole, or refused with the line and the repair."""

import json
from pathlib import Path
from typing import Any
from uuid import RFC_4122, UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.dialog import Answer, Dialog, DialogLine, ToolCall
from study.dialogs import (
    dialog_of_thread,
    parse_dialogs,
    read_dialogs,
    simulated_message_id,
    simulated_thread_id,
)
from study.errors import DialogFileError

ORDERS = Path(__file__).parents[1] / "data" / "orders.jsonl"

CALLS = [
    {"name": "api_call", "value": "find", "context": "api_call_0"},
    {"name": "request", "value": '{"q":  1}', "context": "api_call_0"},
    {"name": "api_call", "value": "show", "context": "api_call_1"},
    {"name": "api_response", "value": "find", "context": "api_response_0"},
    {"name": "response", "value": "{}", "context": "api_response_0"},
    {"name": "api_response", "value": "show", "context": "api_response_1"},
    {"name": "response", "value": "", "context": "api_response_1"},
]


def say(speaker: str, text: str, **more: Any) -> dict[str, Any]:
    """Write an utterance as the file does."""
    return {"speaker": speaker, "text": text, **more}


def line_of(*utterances: Any, dialog_id: Any = "d", **more: Any) -> str:
    """Write a line of the file."""
    return json.dumps(
        {"conversation_id": dialog_id, "utterances": list(utterances), **more}, ensure_ascii=False
    )


def test_a_dialog_is_read_with_its_calls() -> None:
    """Calls keep their order and their texts byte for byte; a request may be missing."""
    text = line_of(
        say("user", "Tea", index=0, annotations=CALLS), say("assistant", "Here", index=1), vertical="x"
    )
    calls = (ToolCall("find", '{"q":  1}', "{}"), ToolCall("show", None, ""))
    (dialog,) = parse_dialogs(text, "f")
    assert dialog == Dialog("d", (DialogLine("user", "Tea", calls), DialogLine("assistant", "Here")))
    assert dialog.participant_lines == ("Tea",)
    assert dialog.answers == (Answer(calls, "Here"),)


def test_a_context_may_be_a_number_alone() -> None:
    """What stands behind the last low line joins a call's parts, or all of it."""
    parts = [{"name": name, "value": name, "context": "0"} for name in ("api_call", "response")]
    (dialog,) = parse_dialogs(line_of(say("user", "a", annotations=parts)), "f")
    assert [(call.name, call.response) for call in dialog.utterances[0].calls] == [("api_call", "response")]


def test_a_thread_keeps_its_dialog_for_ever() -> None:
    """The id that a simulated participant's thread has in a record leads to its dialog a year later."""
    assert simulated_thread_id(Dialog("a", ()), 5, 1) == "773232ab-e934-4f0e-8a97-000000000005"


def test_two_lines_of_the_participant_may_follow_each_other() -> None:
    """The first of them has no answer but its steps."""
    (dialog,) = parse_dialogs(line_of(say("user", "a"), say("user", "b"), say("assistant", "c")), "f")
    assert [answer.text for answer in dialog.answers] == [None, "c"]


def test_empty_lines_and_other_ends_of_lines_are_fine() -> None:
    """Windows line ends, a byte order mark's absence, empty lines; U+2028 inside a text ends nothing."""
    text = (
        "\n"
        + line_of(say("user", "a\u2028b\u0085c"), dialog_id="1")
        + "\r\n\n"
        + line_of(say("user", "x"), dialog_id="2")
    )
    first, second = parse_dialogs(text, "f")
    assert (first.participant_lines, second.dialog_id) == (("a\u2028b\u0085c",), "2")


def test_the_real_file_is_read_whole() -> None:
    """Every text, request and response of the sample is in the dialogs, and nothing else."""
    dialogs = read_dialogs(ORDERS)
    lines = [json.loads(line) for line in ORDERS.read_text(encoding="utf-8").splitlines()]
    assert [dialog.dialog_id for dialog in dialogs] == [line["conversation_id"] for line in lines]
    for dialog, line in zip(dialogs, lines, strict=True):
        assert [(u.speaker, u.text) for u in dialog.utterances] == [
            (u["speaker"], u["text"]) for u in line["utterances"]
        ]
        for ours, theirs in zip(dialog.utterances, line["utterances"], strict=True):
            values = {
                name: [a["value"] for a in theirs["annotations"] if a["name"] == name]
                for name in ("api_call", "request", "response")
            }
            assert [call.name for call in ours.calls] == values["api_call"]
            assert [call.request for call in ours.calls if call.request is not None] == values["request"]
            assert [call.response for call in ours.calls] == values["response"]


@pytest.mark.parametrize(
    ("line", "problem", "repair"),
    [
        ("{", "is not JSON", "one whole JSON object on each line"),
        ("[" * 100_000, "is not JSON", "one whole JSON object"),
        ("9" * 5_000, "is not JSON", "one whole JSON object"),
        ("[]", "is not a JSON object", "{...}"),
        (line_of(dialog_id=7), "has no conversation_id", '"conversation_id": "..."'),
        (line_of(dialog_id=" "), "has no conversation_id", '"conversation_id": "..."'),
        (line_of(), "has no utterances", '"utterances": [{...}, ...]'),
        (json.dumps({"conversation_id": "d", "utterances": "none"}), "has no utterances", "Write them like"),
        (line_of("hi"), "utterance 0: is not a JSON object", "{...}"),
        (line_of(say("bot", "hi")), "utterance 0: its speaker is 'bot'", '"user" or "assistant"'),
        (line_of(say("user", "")), "utterance 0: has no text", '"text": "..."'),
        (line_of({"speaker": "user"}), "utterance 0: has no text", '"text": "..."'),
        (line_of(say("user", "hi", index=1)), "utterance 0: its index is 1", "Number the utterances 0, 1, 2"),
        (line_of(say("assistant", "hi")), "the assistant speaks first", "Begin each dialog with"),
        (
            line_of(say("user", "a"), say("assistant", "b"), say("assistant", "c")),
            "utterances 1 and 2 are both the assistant's",
            "Join them",
        ),
        (line_of(say("user", "a", annotations="x")), "annotations are not a list", "[] for none"),
        (line_of(say("user", "a", annotations=["x"])), "annotations: is not a JSON object", "{...}"),
        (
            line_of(say("user", "a", annotations=[{"name": "api_call"}])),
            "lacks name, value or context",
            "api_call_0",
        ),
        (line_of(say("user", "a", annotations=CALLS[:1])), "tool call 0 has no response", "end in _0"),
        (line_of(say("user", "a", annotations=CALLS[3:5])), "tool call 0 has no api_call", "end in _0"),
        (
            line_of(say("user", "a"), say("assistant", "b", annotations=CALLS)),
            "utterance 1: tool calls stand at the assistant's line",
            "Move its annotations",
        ),
        (
            '{"conversation_id": "d", "utterances": [{"speaker": "user", "text": "\\ud83d"}]}',
            "half of a character",
            "Write both",
        ),
        (
            line_of(say("user", "x"), dialog_id="good"),
            "conversation_id 'good' is already on line 1",
            "an id of its own",
        ),
    ],
)
def test_a_wrong_line_is_refused_with_its_repair(line: str, problem: str, repair: str) -> None:
    """The message names the file, the line, the utterance, and what to write."""
    good = line_of(say("user", "hi"), dialog_id="good")
    with pytest.raises(DialogFileError) as raised:
        parse_dialogs(f"{good}\n{line}\n", "orders.jsonl")
    message = str(raised.value)
    assert message.startswith("orders.jsonl, line 2")
    assert problem in message
    assert repair in message


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_a_file_without_dialogs_is_refused(text: str) -> None:
    """Nothing to say is a mistake."""
    with pytest.raises(DialogFileError, match="no dialog in it"):
        parse_dialogs(text, "f")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Not there, a folder, or not UTF-8."""
    (tmp_path / "latin.jsonl").write_bytes(b"\xe4")
    for name, expected in (
        ("gone", "cannot be read"),
        (".", "cannot be read"),
        ("latin.jsonl", "is not UTF-8"),
    ):
        with pytest.raises(DialogFileError, match=expected):
            read_dialogs(tmp_path / name)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text breaks the reader."""
    with pytest.raises(DialogFileError):
        parse_dialogs(text, "f")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["conversation_id", "utterances", "speaker", "text", "annotations", "index", "name"]
            ),
            inner,
        )
    ),
    max_leaves=15,
)


@given(json_values)
def test_any_json_is_read_or_refused(value: Any) -> None:
    """Nor does any JSON."""
    with pytest.raises(DialogFileError):
        parse_dialogs(json.dumps([value]), "f")
    with pytest.raises(DialogFileError):
        parse_dialogs(json.dumps({"conversation_id": "d", "utterances": [value, value]}), "f")


def test_every_dialog_of_the_real_file_is_found_by_its_threads() -> None:
    """From a thread's id back to its dialog, in any round; ids are v4 UUIDs and all differ."""
    dialogs = read_dialogs(ORDERS)
    ids = set()
    for round_ in range(3):
        for number, dialog in enumerate(dialogs):
            thread_id = simulated_thread_id(dialog, number, round_)
            assert dialog_of_thread(dialogs, thread_id) is dialog
            assert (UUID(thread_id).version, UUID(thread_id).variant) == (4, RFC_4122)
            ids.add(thread_id)
    assert len(ids) == 3 * len(dialogs)


@given(st.text(min_size=1), st.integers(0, 2**48 - 1), st.integers(0, 10))
def test_ids_are_a_function_of_dialog_number_and_round(dialog_id: str, number: int, round_: int) -> None:
    """The same arguments give the same UUID of version 4, whose last digits are the number."""
    dialog = Dialog(dialog_id, ())
    thread_id = simulated_thread_id(dialog, number, round_)
    assert thread_id == simulated_thread_id(dialog, number, round_)
    assert (UUID(thread_id).version, UUID(thread_id).node) == (4, number)


def test_a_thread_of_another_file_is_not_taken_for_ours() -> None:
    """The number alone is not enough: the id also has to fit the dialog that stands there."""
    ours = [Dialog(f"ours-{number}", ()) for number in range(100)]
    theirs = [simulated_thread_id(Dialog(f"theirs-{number}", ()), number, 0) for number in range(100)]
    assert [dialog_of_thread(ours, thread_id) for thread_id in theirs] == [None] * 100


def test_other_threads_have_no_dialog() -> None:
    """Random UUIDs, numbers beyond the file, and what is no UUID."""
    dialogs = [Dialog("d", ())]
    beyond = simulated_thread_id(dialogs[0], 1, 0)
    for thread_id in [beyond, "", "thread", *(str(uuid4()) for _ in range(1_000))]:
        assert dialog_of_thread(dialogs, thread_id) is None


def test_a_number_that_does_not_fit_is_refused() -> None:
    """48 bits are what a UUID has room for."""
    with pytest.raises(ValueError, match="48 bits"):
        simulated_thread_id(Dialog("d", ()), 2**48, 0)


def test_message_ids_differ_by_thread_and_place() -> None:
    """A v4 UUID for each message of each thread, the same one each time."""
    threads = [str(uuid4()) for _ in range(20)]
    ids = [simulated_message_id(thread, index) for thread in threads for index in range(20)]
    assert ids == [simulated_message_id(thread, index) for thread in threads for index in range(20)]
    assert len(set(ids)) == 400
    assert {UUID(message_id).version for message_id in ids} == {4}
