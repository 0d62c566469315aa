"""The page of exports offers what a model made of messages, and asks for it only when it was ticked."""

from typing import Any

import pytest
from starlette.datastructures import FormData

from exports.registry import TABLES
from research.exports.form import asked_by
from tests.research.browser import Browser

LISTED: list[dict[str, Any]] = [
    {"name": table.name, "personal": table.personal, "on_request": table.on_request} for table in TABLES
]
PLAIN = [one["name"] for one in LISTED if not one["personal"] and not one["on_request"]]


@pytest.mark.parametrize(
    ("ticked", "tables", "vectors"),
    [
        (PLAIN, (), False),
        ([*PLAIN, "embeddings"], (), True),
        (["threads"], ("threads",), False),
        (["threads", "embeddings"], ("threads", "embeddings"), True),
        (["embeddings"], ("embeddings",), True),
    ],
)
def test_vectors_are_asked_for_by_their_tick(
    ticked: list[str], tables: tuple[str, ...], vectors: bool
) -> None:
    """All other tables are all that there are, with the vectors or without."""
    asked = asked_by(FormData([("opened", "r"), *(("tables", name) for name in ticked)]), LISTED)
    assert (asked.problem, asked.vectors) == ("", vectors)
    assert sorted(asked.tables) == sorted(tables)
    assert ("include_vectors" in asked.options()) is vectors


async def test_the_tick_is_not_set(owner: Browser) -> None:
    """They are offered, and not chosen unless somebody does."""
    page = (await owner.get("/exports")).text
    tick = page.partition('value="embeddings"')[2].partition(">")[0]
    other = page.partition('value="messages"')[2].partition(">")[0]
    assert "checked" in other
    assert "checked" not in tick
    assert "it leaves only if you tick it" in page
