"""The codebook: every change is a version, and nothing of it is lost; on both databases."""

import asyncio

import pytest

from data_layer.codebook import LONGEST_DEFINITION, Code
from data_layer.engine import open_database
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
