"""The bench of the room's searches: it measures each kind on any study, and changes nothing."""

import random

from bench.research import Asking, measure
from data_layer.record import Record
from data_layer.review.query import parse
from tests.data_layer.rows import begin_thread, count


async def test_every_kind_is_measured(record: Record) -> None:
    """With its peer beside it, on both databases."""
    for number in range(5):
        await begin_thread(record, f"Could I have a coffee, please, number {number}?")
    figures = {one.what: one for one in await measure(record.database.url, each=2)}
    searched = [one for what, one in figures.items() if what.startswith("search: ")]
    kinds = [one for one in searched if not one.what.startswith("search: all")]
    assert figures["search: all"].times == 2 * len(kinds) > 0
    assert all(one.peer_p95_ms is not None for one in kinds)
    assert await count(record, "audit_log") == 0


def test_searches_are_the_same_each_time() -> None:
    """And each can be read."""
    said = ["Could I have a coffee?", "A large latte with whipped cream, please."]
    made = [
        [make() for make in Asking(said, random.Random(1)).kinds.values() for _ in range(20)]
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert all(parse(one) for one in made[0])
