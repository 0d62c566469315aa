"""The codebook: every change is a version, and nothing of it is lost; on both databases."""

import asyncio

import pytest

from data_layer.coding.codebook import LONGEST_DEFINITION, Code
from data_layer.coding.codebook_tree import descendants_of, ids_below, tree_of
from data_layer.database.engine import open_database
from data_layer.record import Record
from study.errors import CodingError, WriteRefused
from study.names import NameRefused
from study.vocabulary import CodeColour
from tests.data_layer.rows import ADA, new_id, rows


async def add(record: Record, name: str, definition: str = "") -> Code:
    """Add a code."""
    return await record.codebook.add(name, definition, CodeColour.BLUE, ADA, "Olga")


async def test_an_empty_codebook_is_no_mistake(record: Record) -> None:
    """Nobody has added a code yet."""
    assert await record.codebook.current() == []
    assert await record.codebook.one(new_id()) is None


async def test_codes_stay_in_the_order_in_which_they_came(record: Record) -> None:
    """Number keys give them: a change of one moves no other."""
    trust = await add(record, "Trust", "Says that they rely on it.")
    await add(record, "Doubt")
    await record.codebook.change(trust.code_id, ADA, "Olga", name="Reliance")
    current = await record.codebook.current()
    assert [(code.name, code.version) for code in current] == [("Reliance", 3), ("Doubt", 2)]
    assert current[0].definition == "Says that they rely on it."


async def test_every_version_stays(record: Record) -> None:
    """The history tells who made which, the newest first."""
    trust = await add(record, "Trust")
    await record.codebook.change(trust.code_id, ADA, "Rosa", colour=CodeColour.PINK)
    await record.codebook.retire(trust.code_id, ADA, "Olga")
    told = [(c.version, c.author, c.colour, c.retired_at is None) for c in await record.codebook.history()]
    assert told == [
        (3, "Olga", CodeColour.PINK, False),
        (2, "Rosa", CodeColour.PINK, True),
        (1, "Olga", CodeColour.BLUE, True),
    ]
    assert await record.codebook.current() == []


async def test_codes_stand_under_codes(record: Record) -> None:
    """As a tree, each behind its parent; every version says what it stood under, and it comes out again."""
    feeling = await add(record, "Feeling")
    await add(record, "Plan")
    lonely = await record.codebook.add("Lonely", "", CodeColour.PINK, ADA, "Olga", parent_id=feeling.code_id)
    sad = await add(record, "Sad")
    await record.codebook.change(sad.code_id, ADA, "Olga", parent_id=lonely.code_id)
    newest = await record.codebook.newest()
    told = [(one.code.name, one.depth, one.path) for one in tree_of(newest)]
    assert told == [
        ("Feeling", 0, ("Feeling",)),
        ("Lonely", 1, ("Feeling", "Lonely")),
        ("Sad", 2, ("Feeling", "Lonely", "Sad")),
        ("Plan", 0, ("Plan",)),
    ]
    assert descendants_of(feeling.code_id, newest) == {feeling.code_id, lonely.code_id, sad.code_id}
    out = await record.codebook.change(sad.code_id, ADA, "Olga", parent_id="")
    assert out.parent_id is None
    assert [one.parent_id for one in await record.codebook.history() if one.name == "Sad"] == [
        None,
        lonely.code_id,
        None,
    ]


async def test_no_code_stands_under_itself(record: Record) -> None:
    """Neither at once, nor around others, nor when two move at the same moment; and only under what lives."""
    one, two, three = [await add(record, name) for name in ("One", "Two", "Three")]
    await record.codebook.change(two.code_id, ADA, "Olga", parent_id=one.code_id)
    await record.codebook.change(three.code_id, ADA, "Olga", parent_id=two.code_id)
    for parent in (one, two, three):
        with pytest.raises(CodingError, match="under itself"):
            await record.codebook.change(one.code_id, ADA, "Olga", parent_id=parent.code_id)
    left, right = [await add(record, name) for name in ("Left", "Right")]
    moved = await asyncio.gather(
        record.codebook.change(left.code_id, ADA, "Olga", parent_id=right.code_id),
        record.codebook.change(right.code_id, ADA, "Rosa", parent_id=left.code_id),
        return_exceptions=True,
    )
    assert [type(one) for one in moved].count(CodingError) == 1
    await record.codebook.retire(three.code_id, ADA, "Olga")
    for parent_id in (three.code_id, new_id()):
        with pytest.raises(CodingError, match="not there, or is retired"):
            await record.codebook.change(left.code_id, ADA, "Olga", name="L", parent_id=parent_id)


async def test_what_stands_under_a_retired_code_moves_up_until_it_is_back(record: Record) -> None:
    """No version is written for it, and what is asked of the retired one still holds for those below."""
    one, two, three = [await add(record, name) for name in ("One", "Two", "Three")]
    await record.codebook.change(two.code_id, ADA, "Olga", parent_id=one.code_id)
    await record.codebook.change(three.code_id, ADA, "Olga", parent_id=two.code_id)
    await record.codebook.retire(two.code_id, ADA, "Olga")
    newest = await record.codebook.newest()
    assert [(b.code.name, b.depth, b.above) for b in tree_of(newest)] == [
        ("One", 0, None),
        ("Three", 1, one.code_id),
    ]
    async with record.database.engine.connect() as connection:
        found = set(await connection.scalars(ids_below(two.code_id)))
    assert found == descendants_of(two.code_id, newest) == {two.code_id, three.code_id}
    await record.codebook.change(three.code_id, ADA, "Olga", definition="Of it.")
    await record.codebook.change(two.code_id, ADA, "Olga")
    assert [b.depth for b in tree_of(await record.codebook.newest())] == [0, 1, 2]


async def test_two_living_codes_never_bear_one_name(record: Record) -> None:
    """In whatever spelling; a retired one's name is free."""
    trust = await add(record, "Trust")
    other = await add(record, "Doubt")
    with pytest.raises(CodingError, match="Choose another name"):
        await add(record, "  tRUST\u200b ")
    with pytest.raises(CodingError, match="“trust”"):
        await record.codebook.change(other.code_id, ADA, "Olga", name="trust")
    await record.codebook.retire(trust.code_id, ADA, "Olga")
    await add(record, "trust")
    with pytest.raises(CodingError):
        await record.codebook.change(trust.code_id, ADA, "Olga")
    assert len(await rows(record, "codes")) == 4


async def test_a_retired_code_can_live_again(record: Record) -> None:
    """As it was."""
    trust = await add(record, "Trust", "Relies.")
    await record.codebook.retire(trust.code_id, ADA, "Olga")
    await record.codebook.change(trust.code_id, ADA, "Olga")
    (code,) = await record.codebook.current()
    assert (code.name, code.definition, code.version) == ("Trust", "Relies.", 3)


async def test_what_changes_nothing_makes_no_version(record: Record) -> None:
    """A form that was sent as it came, a button that was pressed twice."""
    trust = await add(record, "Trust", "Relies.")
    same = await record.codebook.change(trust.code_id, ADA, "Olga", name="Trust", definition=" Relies.\r\n")
    assert same.version == 1
    await record.codebook.retire(trust.code_id, ADA, "Olga")
    assert (await record.codebook.retire(trust.code_id, ADA, "Olga")).version == 2


async def test_what_is_not_there_cannot_be_changed(record: Record) -> None:
    """Refused, and no version is made."""
    for change in (record.codebook.change, record.codebook.retire):
        with pytest.raises(WriteRefused):
            await change(new_id(), ADA, "Olga")
    assert await rows(record, "codes") == []


@pytest.mark.parametrize("name", ["", " \u200b ", "a\x00b", "x" * 81])
async def test_a_name_that_cannot_be_used(record: Record, name: str) -> None:
    """As for people."""
    with pytest.raises(NameRefused):
        await add(record, name)


async def test_a_definition_that_is_too_long(record: Record) -> None:
    """The sentence says how long it may be."""
    with pytest.raises(CodingError, match="4,000"):
        await add(record, "Trust", "x" * (LONGEST_DEFINITION + 1))


async def test_many_at_once_make_a_version_each(record: Record) -> None:
    """None is lost, and no number given twice."""
    await asyncio.gather(*(add(record, f"Code {n}") for n in range(40)))
    assert sorted(row["codebook_version"] for row in await rows(record, "codes")) == list(range(1, 41))


async def test_two_processes_change_one_code_at_once(record: Record, database_url: str) -> None:
    """One its name and one its definition: two versions, and the last reads as both wanted it."""
    trust = await add(record, "Trust", "Relies.")
    other = Record(open_database(database_url), record.data_dir / "other", record.defaults)
    try:
        await asyncio.gather(
            record.codebook.change(trust.code_id, ADA, "Olga", name="Reliance"),
            other.codebook.change(trust.code_id, ADA, "Rosa", definition="Says so."),
            *(add(record, f"Here {n}") for n in range(10)),
            *(add(other, f"There {n}") for n in range(10)),
        )
    finally:
        await other.close()
    code = await record.codebook.one(trust.code_id)
    assert code is not None
    assert (code.name, code.definition) == ("Reliance", "Says so.")
    assert [c.version for c in await record.codebook.history()] == list(range(23, 0, -1))


async def test_two_processes_cannot_give_one_name_twice(record: Record, database_url: str) -> None:
    """One of them hears that it is taken."""
    other = Record(open_database(database_url), record.data_dir / "other", record.defaults)
    try:
        results = await asyncio.gather(add(record, "Trust"), add(other, "trust"), return_exceptions=True)
    finally:
        await other.close()
    assert {type(result) for result in results} == {Code, CodingError}
    assert len(await record.codebook.current()) == 1
