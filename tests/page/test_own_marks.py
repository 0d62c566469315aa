"""Ratings and bookmarks by the participant's own routes."""

from typing import Any

import httpx2
import pytest

from data_layer.record import Record
from page.me.marks import mark_routes
from page.me.participant_request import ParticipantRoutes
from stages.own_marks import LONGEST_COMMENT
from study.participation import RatingRules
from tests.data_layer.rows import ADA, BOB, begin_thread, count, new_id, one, reply
from tests.page.asking import ATTACKS, browser_of
from tests.page.gate import SECRET

OFFERED = RatingRules(good=("Helpful", "Kind"), bad=("Wrong",))


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cookies are signed with."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)


def browser(record: Record, participant_id: str | None, offered: RatingRules = OFFERED) -> httpx2.AsyncClient:
    """A browser before the routes."""
    return browser_of(participant_id, mark_routes(ParticipantRoutes(), record, lambda: offered))


async def answered(record: Record) -> str:
    """A reply in a thread of ADA's."""
    put = reply(record, await begin_thread(record), "Answer")
    await record.writer.submit(put)
    return str(put.row["step_id"])


async def test_a_rating_is_kept_as_the_study_offers_it(record: Record) -> None:
    """Ticks in the study's order, each once; an empty comment is none."""
    reply_id = await answered(record)
    async with browser(record, ADA) as ada:
        body = {"value": 1, "reasons": ["Kind", "Helpful", "Kind"], "comment": ""}
        said = (await ada.put(f"/me/ratings/{reply_id}", json=body)).json()
        assert said == {"rating": {"value": 1, "reasons": ["Helpful", "Kind"], "comment": None}}
        assert (await ada.delete(f"/me/ratings/{reply_id}")).status_code == 200
    rating = await one(record, "ratings")
    assert (rating["reasons"], rating["is_current"]) == (["Helpful", "Kind"], False)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"value": 2},
        {"value": True},
        {"value": "1"},
        {"value": 1, "reasons": ["Wrong"]},  # a reason for the other thumb
        {"value": 1, "reasons": "Kind"},
        {"value": 1, "reasons": [["Kind"]]},
        {"value": 1, "reasons": [ATTACKS[0]]},
        {"value": 1, "comment": 7},
        {"value": 1, "comment": "x" * (LONGEST_COMMENT + 1)},
    ],
)
async def test_what_the_study_does_not_offer_is_refused(record: Record, body: dict[str, Any]) -> None:
    """With a sentence; nothing is kept."""
    reply_id = await answered(record)
    async with browser(record, ADA) as ada:
        answer = await ada.put(f"/me/ratings/{reply_id}", json=body)
    assert answer.status_code in (400, 413)
    assert answer.json()["problem"]
    assert await count(record, "ratings") == 0


async def test_no_comment_where_the_study_wants_none(record: Record) -> None:
    """The thumb alone is taken."""
    reply_id = await answered(record)
    async with browser(record, ADA, RatingRules(comment=False)) as ada:
        assert (
            await ada.put(f"/me/ratings/{reply_id}", json={"value": 1, "comment": "x"})
        ).status_code == 400
        assert (await ada.put(f"/me/ratings/{reply_id}", json={"value": 1})).status_code == 200


async def test_not_yours_and_not_there_look_alike(record: Record) -> None:
    """For every route; who is not signed in gets nothing, and another site changes nothing."""
    reply_id = await answered(record)
    asks = [
        (method, f"/me/{what}/{target}")
        for what in ("ratings", "bookmarks")
        for method in ("PUT", "DELETE")
        for target in (reply_id, new_id(), "zz') OR ('1'='1", reply_id.upper())
    ]
    async with browser(record, BOB) as bob, browser(record, None) as nobody, browser(record, ADA) as ada:
        answers = [await bob.request(method, path, json={"value": 1}) for method, path in asks]
        assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
        for method, path in asks:
            assert (await nobody.request(method, path, json={"value": 1})).status_code == 401
            foreign = {"Origin": "https://evil.example"}
            answer = await ada.request(method, path, json={"value": 1}, headers=foreign)
            assert answer.status_code == 403
        assert (await bob.get("/me/bookmarks")).json() == {"bookmarks": []}
        assert (await nobody.get("/me/bookmarks")).status_code == 401
    assert await count(record, "ratings") == await count(record, "bookmarks") == 0


async def test_bookmarks_are_listed_with_what_a_list_shows(record: Record) -> None:
    """Who said it, where, how it begins, and whether it stands."""
    reply_id = await answered(record)
    async with browser(record, ADA) as ada:
        assert (await ada.put(f"/me/bookmarks/{reply_id}")).status_code == 200
        (listed,) = (await ada.get("/me/bookmarks")).json()["bookmarks"]
        assert listed.pop("created_at").endswith("Z")
        thread = await one(record, "threads")
        assert listed == {
            "message_id": reply_id,
            "thread_id": thread["thread_id"],
            "title": "Hello there",
            "text": "Answer",
            "role": "assistant",
            "stands": True,
        }
        assert (await ada.delete(f"/me/bookmarks/{reply_id}")).status_code == 200
        assert (await ada.get("/me/bookmarks")).json() == {"bookmarks": []}
