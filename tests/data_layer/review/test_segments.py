"""A long thread in pieces, on both databases."""

from typing import Final

import pytest

from data_layer.database.engine import Database
from data_layer.review.segments import SIZE, WHOLE, piece_with, pieces_of
from data_layer.review.thread import read_whole
from tests.exports.seed import Seed, at, id_of

LONG: Final = 1_250
THREAD: Final = id_of("long")


@pytest.fixture
def long(database: Database, database_url: str) -> None:
    """A thread of many messages, two seconds each; the first was rated at the end."""
    seed = Seed()
    seed.participant("Ada")
    seed.thread("long", "Ada", 0)
    for number in range(LONG):
        kind = "assistant_message" if number % 2 else "user_message"
        seed.step(f"message {number}", "long", number * 2 + 1, kind, turn=number // 2 + 1)
    seed.event("renamed", "thread_renamed", SIZE * 2 + 2, thread_id=THREAD)
    seed.rating("late", "long", "message 1", "no run", LONG * 2)
    seed.connection("page", "Ada", 1, thread_id=THREAD, closed_at=at(LONG * 2))
    seed.write(database_url)


@pytest.mark.usefixtures("long")
async def test_each_message_is_in_one_piece(database: Database) -> None:
    """In order; a piece begins with what the participant says, and what happened stands in its own."""
    pieces = await pieces_of(database, THREAD)
    assert [piece.number for piece in pieces] == [1, 2, 3]
    seen: list[str] = []
    for piece in pieces:
        whole = await read_whole(database, THREAD, piece)
        assert whole is not None
        seen += [step["output"] for step in whole.steps]
        assert whole.steps[0]["type"] == "user_message"
        assert {state["step_id"] for state in whole.revisions} == {step["step_id"] for step in whole.steps}
        assert len(whole.events) == (piece.number == 2)
        assert len(whole.ratings) == (piece.number in (1, 3))
    assert seen == [f"message {number}" for number in range(LONG)]


@pytest.mark.usefixtures("long")
async def test_a_place_is_in_its_piece(database: Database) -> None:
    """A message by its id, a turn by its number; what is nowhere is in none."""
    pieces = await pieces_of(database, THREAD)
    for name, number in (
        (id_of("message 0"), 1),
        (id_of(f"message {SIZE - 1}"), 1),
        (id_of(f"message {SIZE}"), 2),
        (f"turn-{LONG // 2}", 3),
    ):
        piece = await piece_with(database, THREAD, pieces, name)
        assert piece is not None
        assert piece.number == number
    for name in (id_of("nothing"), "turn-999999", "turn-x", "turn-" + "9" * 30, "' OR 1=1 --", "\x00"):
        assert await piece_with(database, THREAD, pieces, name) is None


async def test_a_short_thread_is_one_piece(database: Database, database_url: str) -> None:
    """And so is one that is not there."""
    seed = Seed()
    seed.participant("Ada")
    seed.thread("short", "Ada", 0)
    for number in range(SIZE):
        seed.step(f"message {number}", "short", number, "user_message", turn=number + 1)
    seed.write(database_url)
    for name in (id_of("short"), id_of("nothing"), "' OR 1=1 --"):
        assert await pieces_of(database, name) == [WHOLE]
