"""The history that a model gets: roles take turns, whatever happened in the thread."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.context import Attachment, Utterance
from agent.parts import in_turn, messages_of

NOTES = Attachment("notes.txt", "text/plain", "0" * 64, None)
U, A = "user", "assistant"


def turns_of(*said: tuple[str, str]) -> list[Utterance]:
    """A conversation."""
    return [Utterance(role, text) for role, text in said]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "messages"),
    [
        ([(U, "a"), (A, "b"), (U, "c")], [(U, "a"), (A, "b"), (U, "c")]),
        ([(U, "a"), (U, "b")], [(U, "a\n\nb")]),
        ([(U, "a"), (A, "b"), (A, "c"), (U, "d")], [(U, "a"), (A, "b\n\nc"), (U, "d")]),
        ([(U, "a"), (A, " \n\u200b"), (U, "b")], [(U, "a\n\nb")]),
        ([(U, "a"), (A, "b"), (U, " "), (A, "c"), (U, "d")], [(U, "a"), (A, "b\n\nc"), (U, "d")]),
        ([(A, "a"), (U, "b")], [(U, "b")]),
        ([(U, "  "), (A, "a"), (U, "b")], [(U, "b")]),
        ([(U, "")], [(U, "")]),
        ([(U, "a"), (A, "b"), (U, " ")], [(U, "a"), (A, "b"), (U, " ")]),
        ([(U, " a "), (U, "b\n")], [(U, " a \n\nb\n")]),
    ],
)
async def test_roles_take_turns(said: list[tuple[str, str]], messages: list[tuple[str, str]]) -> None:
    """Neighbours of one role are joined by an empty line; blanks and answers to nothing are left out."""
    prompt = await messages_of([{"role": "system", "content": "Be kind."}], turns_of(*said))
    assert prompt.sent[0] == {"role": "system", "content": "Be kind."}
    assert [(message["role"], message["content"]) for message in prompt.sent[1:]] == messages
    assert prompt.kept == prompt.sent


async def test_files_of_turns_that_are_joined_stand_where_they_were() -> None:
    """Words, then their files, turn by turn, in one message."""
    turns = [Utterance("user", "a", (NOTES,)), Utterance("user", ""), Utterance("user", "b")]
    (message,) = (await messages_of([], turns)).sent
    noted = "[Attached file: notes.txt. Its content is not given here.]"
    assert [part["text"] for part in message["content"]] == ["a", noted, "b"]


@given(st.lists(st.tuples(st.sampled_from([U, A]), st.sampled_from(["", " ", "a", "b"])), max_size=12))
def test_any_conversation_takes_turns(said: list[tuple[str, str]]) -> None:
    """User, assistant, user, ..., user; every word from the first question on is there, once, in order."""
    turns = turns_of(*said, (U, "last"))
    groups = in_turn(turns)
    roles = [turns[numbers[0]].role for numbers in groups]
    assert roles == [U, A] * (len(roles) // 2) + [U]
    assert all(turns[n].role == role for numbers, role in zip(groups, roles, strict=True) for n in numbers)
    visible = [n for n, turn in enumerate(turns) if turn.content.strip()]
    first = next(n for n in visible if turns[n].role == U)
    assert [n for numbers in groups for n in numbers] == [n for n in visible if n >= first]


def test_the_file_is_not_looked_for() -> None:
    """A turn without words is not blank when something is attached to it."""
    gone = Attachment("a.png", "image/png", "0" * 64, Path("/nowhere"))
    assert in_turn(
        [Utterance("user", "", (gone,)), Utterance("assistant", "Yes."), Utterance("user", "?")]
    ) == [
        [0],
        [1],
        [2],
    ]
