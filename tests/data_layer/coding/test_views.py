"""Saved views, on both databases."""

import pytest

from data_layer.coding.views import MOST, NAME_LENGTH
from data_layer.record import Record
from study.errors import ViewError
from tests.data_layer.rows import new_id, rows

OLGA, VERA = new_id(), new_id()


async def names(record: Record, researcher_id: str) -> list[str]:
    """What somebody sees, in order."""
    return [view.name for view in await record.views.seen_by(researcher_id)]


async def test_a_view_is_ones_own_until_it_is_shared(record: Record) -> None:
    """With its fields as they were written; in the order of the names."""
    view_id = await record.views.save("Whales", {"q": "whale* NOT dogs", "sort": "old"}, OLGA, "Olga")
    await record.views.save("angry", {"error": "yes"}, OLGA, "Olga", is_shared=True)
    assert await names(record, OLGA) == ["angry", "Whales"]
    assert await names(record, VERA) == ["angry"]
    assert await record.views.one(view_id, VERA) is None
    await record.views.change(view_id, OLGA, "  Whales\n asleep ", is_shared=True)
    view = await record.views.one(view_id, VERA)
    assert view is not None
    assert (view.name, view.query) == ("Whales asleep", {"q": "whale* NOT dogs", "sort": "old"})
    assert view.author == "Olga"


async def test_only_its_researcher_changes_a_view(record: Record) -> None:
    """Or an owner of the study takes it away; the row stays."""
    view_id = await record.views.save("Whales", {"q": "whale"}, OLGA, "Olga", is_shared=True)
    await record.views.change(view_id, VERA, "Mine", is_shared=False)
    await record.views.delete(view_id, VERA)
    assert await names(record, OLGA) == ["Whales"]
    await record.views.delete(view_id, None)
    assert await names(record, OLGA) == []
    assert await record.views.one(view_id, OLGA) is None
    assert len(await rows(record, "saved_views")) == 1


@pytest.mark.parametrize("name", ["", " \n ", "\u200b", "WHALES "])
async def test_a_name_that_helps_nobody_is_refused(record: Record, name: str) -> None:
    """None, one that cannot be seen, one that there is already in other letters."""
    await record.views.save("Whales", {"q": "whale"}, OLGA, "Olga")
    with pytest.raises(ViewError):
        await record.views.save(name, {}, OLGA, "Olga")
    await record.views.save("Whales", {}, VERA, "Vera")


async def test_a_view_may_keep_its_name(record: Record) -> None:
    """When only its sharing changes; a long one is cut, and script is text."""
    view_id = await record.views.save("<b>" + "x" * 100, {}, OLGA, "Olga")
    (name,) = await names(record, OLGA)
    assert name == "<b>" + "x" * (NAME_LENGTH - 3)
    await record.views.change(view_id, OLGA, name, is_shared=True)
    assert await names(record, VERA) == [name]


async def test_there_are_so_many_views_and_no_more(record: Record) -> None:
    """The sentence says what to do."""
    for number in range(MOST):
        await record.views.save(f"view {number}", {}, OLGA, "Olga")
    with pytest.raises(ViewError, match="Delete one"):
        await record.views.save("one more", {}, OLGA, "Olga")
