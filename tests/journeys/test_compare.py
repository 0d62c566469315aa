"""The comparison itself finds what it is there to find."""

from typing import Any

import pytest

from study.dialogs import read_dialogs
from tests.journeys.compare import CLOSING, Said, differences, doubled, exported, spoken
from tests.journeys.server import DIALOGS

WANTED = {"t": [Said("user", "one", id="1"), Said("tool", "{}", name="find"), Said("assistant", "two")]}


def test_equal_sides_have_no_difference() -> None:
    """Nothing is named."""
    assert differences(WANTED, {"t": list(WANTED["t"])}) == []


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"t": WANTED["t"], "u": []},
        {"t": WANTED["t"][:2]},
        {"t": [*WANTED["t"], Said("assistant", "two")]},
        {"t": [WANTED["t"][1], WANTED["t"][0], WANTED["t"][2]]},
        {"t": [Said("user", "one ", id="1"), *WANTED["t"][1:]]},
        {"t": [Said("user", "one", id="2"), *WANTED["t"][1:]]},
    ],
    ids=["thread missing", "thread too many", "line missing", "line twice", "order", "a space", "an id"],
)
def test_every_kind_of_difference_is_named(found: dict[str, list[Said]]) -> None:
    """Whichever side has more, and however small it is."""
    assert len(differences(WANTED, found)) == 1


def test_messages_and_steps_are_put_into_their_common_order() -> None:
    """Two tables, one thread, ordered by `seq`; CSV gives it as text."""
    message: dict[str, Any] = {"thread_id": "t", "role": "user", "content": "one", "message_id": "1"}
    reply = {"thread_id": "t", "role": "assistant", "content": "two", "message_id": "9", "seq": "100"}
    step = {"thread_id": "t", "type": "tool", "name": "find", "input": None, "output": "{}", "seq": "20"}
    assert exported([reply, message | {"seq": "3"}], [step]) == WANTED


def test_an_id_in_two_rows_is_named_once() -> None:
    """However often it stands there."""
    assert doubled([{"id": "a"}, {"id": "b"}, {"id": "a"}, {"id": "a"}], "id") == ["a"]


def test_the_sample_has_all_that_the_journeys_are_to_carry() -> None:
    """Tool steps, a call without a request, a dialog that the participant ends, more than one turn."""
    lines = list(spoken(read_dialogs(DIALOGS)).values())
    assert len(lines) == 200
    assert any(said.what == "tool" and not said.input for thread in lines for said in thread)
    assert any(thread[-1].words == CLOSING and thread[-2].what == "tool" for thread in lines)
    assert sum(said.what == "tool" for thread in lines for said in thread) > 800
    assert any(sum(said.what == "user" for said in thread) == 4 for thread in lines)
