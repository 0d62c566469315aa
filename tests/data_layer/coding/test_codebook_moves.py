"""Codes are moved in their tree: one version a move, and the order is kept; on both databases."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from data_layer.coding.codebook import Code
from data_layer.coding.codebook_moves import Way, back_of, move_of, ways_in
from data_layer.coding.codebook_tree import tree_of
from data_layer.record import Record
from study.vocabulary import CodeColour
from tests.data_layer.rows import count, new_id, rows

OLGA = new_id()
MOMENT: Final = datetime(2026, 3, 2, tzinfo=UTC)
BACK: Final = {Way.UP: Way.DOWN, Way.DOWN: Way.UP}


async def add(record: Record, *names: str) -> dict[str, Code]:
    """New codes, each by itself."""
    return {name: await record.codebook.add(name, "", CodeColour.BLUE, OLGA, "Olga") for name in names}


async def move(record: Record, code: Code, way: Way) -> None:
    """Move a code as the room does."""
    where = move_of(code.code_id, way, await record.codebook.newest())
    assert where is not None
    await record.codebook.change(code.code_id, OLGA, "Olga", parent_id=where.parent_id, place=where.place)


async def drawn(record: Record) -> list[str]:
    """The tree as it is read, a dot a level."""
    return ["." * one.depth + one.code.name for one in tree_of(await record.codebook.newest())]


async def test_a_code_goes_up_down_in_and_out(record: Record) -> None:
    """Each move is one version, and leads where it says; what stands under it goes along."""
    codes = await add(record, "A", "B", "C", "D")
    for name, way, then in (
        ("D", Way.UP, ["A", "B", "D", "C"]),
        ("A", Way.DOWN, ["B", "A", "D", "C"]),
        ("B", Way.DOWN, ["A", "B", "D", "C"]),
        ("B", Way.IN, ["A", ".B", "D", "C"]),
        ("D", Way.IN, ["A", ".B", ".D", "C"]),
        ("D", Way.UP, ["A", ".D", ".B", "C"]),
        ("A", Way.DOWN, ["C", "A", ".D", ".B"]),
        ("D", Way.OUT, ["C", "A", ".B", "D"]),
        ("A", Way.IN, ["C", ".A", "..B", "D"]),
        ("B", Way.OUT, ["C", ".A", ".B", "D"]),
        ("B", Way.OUT, ["C", ".A", "B", "D"]),
    ):
        before = await count(record, "codes")
        await move(record, codes[name], way)
        assert await drawn(record) == then
        assert await count(record, "codes") == before + 1
    await add(record, "E")
    assert (await drawn(record))[-1] == "E"


async def test_a_move_is_undone(record: Record) -> None:
    """The code stands where it stood, under what it stood under."""
    codes = await add(record, "A", "B", "C")
    for name, way in (("C", Way.UP), ("B", Way.IN), ("A", Way.DOWN)):
        before = await drawn(record)
        await move(record, codes[name], way)
        last = max(row["codebook_version"] for row in await rows(record, "codes"))
        await record.codebook.undo(last - 1, last, OLGA, "Olga")
        assert await drawn(record) == before
        await move(record, codes[name], way)


async def test_two_codes_never_stand_at_one_place(record: Record) -> None:
    """One was moved to where another stood that is moved back: both can be moved past each other still."""
    codes = await add(record, "A", "B", "C")
    await move(record, codes["B"], Way.DOWN)
    await add(record, "D")
    codes = {code.name: code for code in await record.codebook.newest()}
    for _ in range(2):
        await move(record, codes["D"], Way.UP)
    assert await drawn(record) == ["A", "D", "C", "B"]
    back = back_of(codes["B"].code_id, 4, await record.codebook.history())
    assert back is not None
    await record.codebook.change(codes["B"].code_id, OLGA, "Olga", parent_id=back.parent_id, place=back.place)
    assert await drawn(record) == ["A", "B", "D", "C"]
    await move(record, codes["C"], Way.UP)
    assert await drawn(record) == ["A", "B", "C", "D"]


async def test_what_is_retired_is_passed_over(record: Record) -> None:
    """Nothing goes under a code that can be given no more, nor is it what one goes past."""
    codes = await add(record, "A", "B", "C")
    await record.codebook.retire(codes["B"].code_id, OLGA, "Olga")
    assert move_of(codes["B"].code_id, Way.UP, await record.codebook.newest()) is None
    await move(record, codes["C"], Way.UP)
    assert await drawn(record) == ["C", "A"]
    await move(record, codes["A"], Way.IN)
    assert await drawn(record) == ["C", ".A"]


async def test_what_stands_under_a_retired_code_is_moved_and_moved_back(record: Record) -> None:
    """Among those that it is drawn beside; what was not moved out is under it again when that one is back."""
    codes = await add(record, "A", "R", "B", "C")
    for name in ("B", "C"):
        await record.codebook.change(codes[name].code_id, OLGA, "Olga", parent_id=codes["R"].code_id)
    await move(record, codes["R"], Way.IN)
    await record.codebook.retire(codes["R"].code_id, OLGA, "Olga")
    assert await drawn(record) == ["A", ".B", ".C"]
    await move(record, codes["C"], Way.UP)
    assert await drawn(record) == ["A", ".C", ".B"]
    await move(record, codes["B"], Way.OUT)
    assert await drawn(record) == ["A", ".C", "B"]
    last = max(row["codebook_version"] for row in await rows(record, "codes"))
    await record.codebook.undo(last - 1, last, OLGA, "Olga")
    assert await drawn(record) == ["A", ".C", ".B"]
    await record.codebook.change(codes["R"].code_id, OLGA, "Olga")
    assert await drawn(record) == ["A", ".R", "..C", ".B"]


async def test_at_the_edge_there_is_no_way(record: Record) -> None:
    """Neither up from the first, nor down from the last, nor out from none."""
    codes = await add(record, "A", "B")
    newest = await record.codebook.newest()
    assert ways_in(tree_of(newest)) == {
        codes["A"].code_id: [Way.DOWN],
        codes["B"].code_id: [Way.UP, Way.IN],
    }


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(Way)), max_size=40))
def test_no_walk_breaks_the_tree(walk: list[tuple[int, Way]]) -> None:
    """Whatever is moved how often: each code is drawn once, and down takes up back, as up does down."""
    now = [Code(str(n), f"Code {n}", "", CodeColour.BLUE, n, "Olga", MOMENT, place=n) for n in range(5)]
    for which, way in walk:
        before, after = [one.path for one in tree_of(now)], moved(now, str(which), way)
        assert (way in ways_in(tree_of(now))[str(which)]) is (move_of(str(which), way, now) is not None)
        assert {path[-1] for path in before} == {one.code.name for one in tree_of(after)}
        if after != now and way in BACK:
            assert [one.path for one in tree_of(after)] != before
            assert [one.path for one in tree_of(moved(after, str(which), BACK[way]))] == before
        now = after


def moved(codes: list[Code], code_id: str, way: Way) -> list[Code]:
    """The codes after a move, or as they were where there is none."""
    where = move_of(code_id, way, codes)
    if where is None:
        return codes
    parent = where.parent_id or None
    made = [
        replace(one, parent_id=parent, place=where.place) if one.code_id == code_id else one for one in codes
    ]
    return sorted(made, key=lambda code: code.place)
