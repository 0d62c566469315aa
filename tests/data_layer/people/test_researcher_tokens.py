"""Tokens of researchers on both databases: found while they are good, and pages of annotations for them."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from data_layer.coding.annotation_shapes import AnnotationPlace
from data_layer.people.researcher_tokens import MOST
from data_layer.people.researchers import Researchers
from data_layer.record import Record
from data_layer.review.annotations import AnnotationFilter, list_annotations
from study.errors import AccountError
from study.roles import ResearcherRole, Right, TokenScope
from study.vocabulary import CodeColour
from tests.data_layer.rows import ADA, begin_thread
from tests.fakes import HandClock

DAY = timedelta(days=1)


@pytest.fixture
async def olga(record: Record) -> str:
    """An owner."""
    record.researchers = Researchers(record.store, PasswordHasher.from_parameters(CHEAPEST))
    await record.researchers.add("Olga", ResearcherRole.OWNER, "correct horse battery")
    found = await record.researchers.find("Olga")
    assert found is not None
    return found.researcher_id


async def test_a_token_is_found_until_it_is_over(record: Record, olga: str, clock: HandClock) -> None:
    """With its researcher as they are now, and what it is for."""
    token = await record.researcher_tokens.make(olga, " R  here ", [TokenScope.EXPORTS], DAY)
    found = await record.researcher_tokens.find(token)
    assert found is not None
    assert (found.name, found.scopes, found.researcher.name) == ("R here", {TokenScope.EXPORTS}, "Olga")
    assert found.may(Right.EXPORT, TokenScope.EXPORTS)
    assert not found.may(Right.READ, TokenScope.THREADS)
    await record.researcher_tokens.used(found)
    (listed,) = await record.researcher_tokens.of(olga)
    assert listed.last_used_at is not None
    clock.forward(DAY.total_seconds())
    assert await record.researcher_tokens.find(token) is None


async def test_a_researcher_has_so_many_tokens(record: Record, olga: str) -> None:
    """One more is refused until one is revoked."""
    for number in range(MOST):
        await record.researcher_tokens.make(olga, f"token {number}", [TokenScope.THREADS], DAY)
    with pytest.raises(AccountError, match="Revoke one first"):
        await record.researcher_tokens.make(olga, "one more", [TokenScope.THREADS], DAY)
    (first, *_) = await record.researcher_tokens.of(olga)
    await record.researcher_tokens.revoke(first.token_id, olga)
    await record.researcher_tokens.make(olga, "one more", [TokenScope.THREADS], DAY)


async def test_pages_of_annotations_hold_each_once(record: Record, olga: str) -> None:
    """In the order of their making, those of a code with what stands under it, and none that was removed."""
    thread_id = await begin_thread(record, "Hello", ADA)
    code = await record.codebook.add("Trust", "", CodeColour.BLUE, olga, "Olga")
    place = AnnotationPlace(thread_id)
    made = [await record.annotations.give_code(place, code.code_id, olga, "Olga")]
    made += [await record.annotations.write_note(place, f"Note {n}", olga, "Olga") for n in range(3)]
    await record.annotations.remove([made.pop(2)], olga)
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await list_annotations(record.database, AnnotationFilter(), size=1, cursor=cursor)
        found += [row["annotation_id"] for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == made
    coded = await list_annotations(record.database, AnnotationFilter(code_id=code.code_id), size=9)
    assert [row["annotation_id"] for row in coded.rows] == made[:1]
    since = AnnotationFilter(thread_id=thread_id, researcher_id=olga, since=coded.rows[0]["created_at"])
    assert len((await list_annotations(record.database, since, size=9)).rows) == 3
