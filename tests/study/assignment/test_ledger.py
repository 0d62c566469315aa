"""The ledger: what may follow what, and replaying it, which finds every row that was changed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from study.assignment import (
    Assignment,
    LedgerEvent,
    LedgerRow,
    LedgerState,
    OpenedBecause,
    differing_places,
    next_assignment,
    replay,
)
from study.assignment.ledger import MAY_RESUME
from study.assignment.places import AssignmentPlace, parts_of
from tests.study.assignment.ledgers import LEVELS, PLANS, SEED, come, later, play

BLOCKS = PLANS["blocks"]
ROWS = come(BLOCKS, SEED, 3)
HELD = ROWS[1]


def state_after(*events: str) -> LedgerState:
    """Three people came; then this happened to the second's place."""
    state = LedgerState.of(ROWS)
    for event in events:
        kind, _, why = event.partition(" ")
        state.apply(later(HELD, state.seq + 1, LedgerEvent(kind), why))
    return state


@pytest.mark.parametrize(
    ("before", "may"),
    [
        ((), {"filled", "opened"}),
        (("filled",), {"opened"}),
        (("opened silent",), {"resumed"}),
        (("opened timed_out",), {"resumed"}),
        (("opened technical",), {"resumed"}),
        (("opened returned",), set()),
        (("opened withdrew",), set()),
        (("opened failed",), set()),
        (("opened screened_out",), set()),
        (("opened silent", "resumed"), {"filled", "opened"}),
        (("filled", "opened withdrew"), set()),
    ],
)
def test_what_may_follow(before: tuple[str, ...], may: set[str]) -> None:
    """A held place is filled or opened, a filled one opened, an open one resumed where it may be."""
    state = state_after(*before)
    for event in ("filled", "opened", "resumed"):
        row = later(HELD, state.seq + 1, LedgerEvent(event), "silent" if event == "opened" else "")
        assert (state.refusal(row) == "") == (event in may), event


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"seq": 5}, "it follows row 3 and has not number 4"),
        ({"event": "taken"}, "there is no event 'taken'"),
        ({"place_id": "all:1"}, "'all:1' is no place"),
        ({"place_id": "all:9:1"}, "nobody was assigned to place all:9:1"),
        ({"reason": "silent"}, "'silent' is no reason of filled"),
        ({"event": "opened"}, "'' is no reason of opened"),
        ({"event": "opened", "reason": "bored"}, "'bored' is no reason of opened"),
        ({"condition": "other"}, f"place {HELD.place_id} is one of {HELD.condition}, not of other"),
        ({"participant": "p0"}, f"place {HELD.place_id} is not p0's"),
        ({"draw": "3/4"}, "nothing is drawn where a place is filled"),
        ({"inputs": {"attempt": 1}}, "nothing is drawn where a place is filled"),
        ({"event": "assigned"}, f"place {HELD.place_id} is taken"),
    ],
)
def test_what_cannot_follow_is_said(change: Mapping[str, Any], why: str) -> None:
    """In a sentence, and it changes nothing."""
    state = LedgerState.of(ROWS)
    row = replace(later(HELD, 4, LedgerEvent.FILLED), **change)
    assert state.refusal(row) == why
    with pytest.raises(ValueError, match=f"row {row.seq} of the ledger: "):
        state.apply(row)
    assert state.standing("all") == LedgerState.of(ROWS).standing("all")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"condition": ""}, "it has no condition"),
        ({"participant": "p1"}, "p1 has a place already"),
        ({"inputs": {"stratum": "left"}}, "place all:7:1 is not one of stratum 'left'"),
        ({"inputs": {}}, "place all:7:1 is not one of stratum None"),
        ({"inputs": {"stratum": "all", "levels": "old"}}, "'old' are no levels"),
    ],
)
def test_an_assignment_that_cannot_be_is_said(change: Mapping[str, Any], why: str) -> None:
    """Nobody has two places, and a place is one of the newcomer's stratum."""
    row = LedgerRow(4, "assigned", "all:7:1", "facts.small", "new", inputs={"stratum": "all"})
    assert LedgerState.of(ROWS).refusal(row) == ""
    assert LedgerState.of(ROWS).refusal(replace(row, **change)) == why


def test_a_place_that_another_took_cannot_be_resumed() -> None:
    """Whoever comes back too late goes on without one; so does who has another by now."""
    state = state_after("opened silent")
    taken = replace(HELD, seq=5, participant="new", inputs={"stratum": "all", "attempt": 2})
    state.apply(taken)
    assert state.refusal(later(HELD, 6, LedgerEvent.RESUMED)) == f"place {HELD.place_id} is not p1's"
    moved = state_after("opened silent")
    moved.apply(replace(HELD, seq=5, place_id="all:7:1", inputs={"stratum": "all", "attempt": 1}))
    assert moved.refusal(later(HELD, 6, LedgerEvent.RESUMED)) == "p1 has a place already"


def test_counts_are_those_of_all_rows() -> None:
    """Folded row by row, they are what counting at the end finds."""
    for name, plan in PLANS.items():
        rows = play(plan, SEED, Random(11), 150)
        state = LedgerState.of(rows)
        stands: dict[str, LedgerRow] = {}
        for row in rows:
            stands[row.place_id] = row
        living = [row for row in stands.values() if row.event != "opened"]
        for stratum in plan.strata:
            standing = state.standing(stratum)
            assert standing.seq == len(rows)
            for one in plan.weights:
                here = [row for row in living if row.condition == one]
                assert standing.living.get(one, 0) == len(here), name
                assert standing.filled.get(one, 0) == sum(row.event == "filled" for row in here)
                mine = [row for row in here if (parts_of(row.place_id) or ("",))[0] == stratum]
                assert standing.here.get(one, 0) == len(mine)
            opened = [one.place for one in standing.opened]
            assert [one.position for one in opened] == sorted(one.position for one in opened)
            assert {one.id for one in opened} == {
                place
                for place, row in stands.items()
                if row.event == "opened" and (parts_of(place) or ("",))[0] == stratum
            }
        for row in living:
            assert row.participant is not None
            place = state.place_of(row.participant)
            assert place is not None
            assert place.id == row.place_id
        assert state.place_of("nobody") is None


def test_a_place_knows_how_often_it_was_taken() -> None:
    """Whoever takes it third is its third; coming back to it is no new attempt."""
    state = state_after("opened silent", "resumed", "opened failed")
    for attempt in (2, 3):
        got = next_assignment(BLOCKS, SEED, state.standing("all"), "all")
        assert isinstance(got, Assignment)
        assert got.inputs == {"stratum": "all", "attempt": attempt}
        state.apply(got.row(f"new{attempt}"))
        state.apply(later(got.row(f"new{attempt}"), state.seq + 1, LedgerEvent.OPENED, "returned"))


def test_who_is_alike_is_counted_while_they_are_there() -> None:
    """Those of the newcomer's level who hold or fill a place; who left counts no more."""
    plan = PLANS["minimise"]
    rows = play(plan, SEED, Random(2), 120)
    state = LedgerState.of(rows)
    stands = {row.place_id: row.event for row in rows}
    came = [row for row in rows if row.event == "assigned" and stands[row.place_id] != "opened"]
    for factor, levels in LEVELS.items():
        for level in levels:
            alike = [row.condition for row in came if row.inputs["levels"][factor] == level]
            counted = state.standing("all", {factor: level}).alike[factor]
            assert {one: n for one, n in counted.items() if n} == Counter(alike)
    left = sum(gone for gone, _ in state.dropout().values())
    assert left == sum(event == "opened" for event in stands.values())


def test_dropout_counts_who_has_ended() -> None:
    """Who left and has not come back, of those and of who filled a place; who is inside is in neither."""
    state = state_after("opened silent", "resumed", "opened failed")
    state.apply(later(ROWS[0], state.seq + 1, LedgerEvent.FILLED))
    expected = dict.fromkeys((row.condition for row in ROWS), (0, 0))
    left, of = expected[HELD.condition]
    expected[HELD.condition] = left + 1, of + 1
    left, of = expected[ROWS[0].condition]
    expected[ROWS[0].condition] = left, of + 1
    assert state.dropout() == expected


@pytest.mark.parametrize("name", PLANS)
def test_a_ledger_replays(name: str) -> None:
    """Whatever happened, every row is what plan, seed and the rows before it give."""
    happened = set()
    for seed in (1, 2, 3):
        rows = play(PLANS[name], SEED, Random(seed), 150)
        assert replay(PLANS[name], SEED, rows) == []
        happened |= {row.event for row in rows}
    assert happened == {"assigned", "filled", "opened", "resumed"}


@pytest.mark.parametrize("name", PLANS)
def test_another_seed_gives_another_ledger(name: str) -> None:
    """Nobody finds a seed afterwards that fits what happened."""
    rows = play(PLANS[name], SEED, Random(3), 60)
    assert len(replay(PLANS[name], "another", rows)) > 5


def changes(row: LedgerRow, rows: list[LedgerRow]) -> Iterator[LedgerRow]:
    """A row with each of its fields changed, in several ways."""
    yield from (replace(row, seq=seq) for seq in (row.seq + 1, row.seq - 1, 0, len(rows) + 9))
    yield from (replace(row, event=one) for one in (*LedgerEvent, "", "x") if one != row.event)
    others = {one.place_id for one in rows[:20]} | {
        "",
        "all:1",
        "elsewhere:1:1",
        "all:90:1",
        f"{row.place_id}0",
    }
    yield from (replace(row, place_id=one) for one in others - {row.place_id})
    conditions = {one.condition for one in rows} | {"", "other"}
    yield from (replace(row, condition=one) for one in conditions - {row.condition})
    yield from (replace(row, draw=one) for one in {"", "0/1", f"{row.draw}0", row.draw[1:]} - {row.draw})
    yield from (replace(row, inputs=one) for one in changed_inputs(row.inputs) if one != row.inputs)
    # Which of the reasons it was, only the person knows; so it is with who they are, where they have one row.
    yield from (replace(row, reason=one) for one in ("x", "" if row.reason else "silent"))
    if sum(one.participant == row.participant for one in rows) > 1:
        yield from (
            replace(row, participant=one)
            for one in ("stranger", rows[0].participant)
            if one != row.participant
        )


def changed_inputs(inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What an assignment was made from, with each value changed, taken out, or another beside it."""
    yield {**inputs, "more": 1}
    for key, value in inputs.items():
        yield {name: one for name, one in inputs.items() if name != key}
        yield {**inputs, key: "x"}
        if isinstance(value, int):
            yield {**inputs, key: value + 1}
        if isinstance(value, dict):
            yield from ({**inputs, key: one} for one in changed_inputs(value))
        if key in ("age", "sex"):
            yield from ({**inputs, key: one} for one in ("young", "old", "f", "m"))


@pytest.mark.parametrize("name", PLANS)
def test_every_row_that_was_changed_is_found(name: str) -> None:
    """Each field of each row, changed in several ways: the replay names a row."""
    plan = PLANS[name]
    rows = play(plan, SEED, Random(4), 22 if plan.method.has_places else 14)
    tried = 0
    for at, row in enumerate(rows):
        for changed in changes(row, rows):
            found = replay(plan, SEED, [*rows[:at], changed, *rows[at + 1 :]])
            assert found, changed
            assert all(one.startswith("Row ") and one.endswith(".") for one in found)
            tried += 1
    assert tried > 200


@pytest.mark.parametrize("name", PLANS)
def test_rows_that_are_gone_moved_or_doubled_are_found(name: str) -> None:
    """All but the last, behind which nobody can know of more."""
    rows = play(PLANS[name], SEED, Random(6), 20)
    for at in range(len(rows) - 1):
        for cut in (
            rows[:at] + rows[at + 1 :],
            rows[: at + 1] + rows[at:],
            [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]],
        ):
            assert replay(PLANS[name], SEED, cut)


def test_one_changed_assignment_is_one_difference() -> None:
    """What follows is compared with what should have been, and stands."""
    rows = come(BLOCKS, SEED, 30)
    other = next(row.condition for row in rows if row.condition != rows[9].condition)
    found = replay(BLOCKS, SEED, [*rows[:9], replace(rows[9], condition=other), *rows[10:]])
    assert found == [
        f"Row 10: its condition is {other!r}; the seed and the rows before it give {rows[9].condition!r}."
    ]


def test_an_assignment_beyond_the_target_is_found() -> None:
    """Who got a place when there was none, as by hand."""
    rows = come(BLOCKS, SEED, 80)
    more = replace(rows[-1], seq=81, place_id="all:40:1", participant="friend")
    assert replay(BLOCKS, SEED, [*rows, more]) == ["Row 81: there was no place to assign."]


def test_inputs_that_say_nothing_are_found() -> None:
    """Without a stratum, or with levels of another kind."""
    for inputs in (
        {},
        {"stratum": 3},
        {"stratum": "all", "levels": [1]},
        {"stratum": "all", "levels": {"age": 3}},
    ):
        row = replace(come(BLOCKS, SEED, 1)[0], inputs=inputs)
        assert replay(BLOCKS, SEED, [row])[0] == "Row 1: its inputs do not say who came."


def test_whoever_is_erased_leaves_rows_that_replay() -> None:
    """A withdrawal takes the person out of their rows, and nothing else of the ledger."""
    rows = play(BLOCKS, SEED, Random(8), 100)
    for person in {row.participant for row in rows}:
        erased = [replace(row, participant=None) if row.participant == person else row for row in rows]
        assert replay(BLOCKS, SEED, erased) == []


def test_a_process_that_knew_whom_takes_their_erased_row() -> None:
    """The identity may be gone when the row of the withdrawal is read."""
    state = LedgerState.of(ROWS)
    state.apply(replace(later(HELD, 4, LedgerEvent.OPENED, "withdrew"), participant=None))
    assert state.place_of("p1") is None


def test_places_that_were_changed_are_found() -> None:
    """Each that is kept is compared with the list."""
    plan = PLANS["strata"]
    rows = [*come(plan, SEED, 30, "gegen"), *come(plan, SEED, 12, "für: ja")]
    places = [AssignmentPlace(*(parts_of(row.place_id) or ("", 0, 0)), row.condition) for row in rows]
    assert differing_places(plan, SEED, reversed(places)) == []
    wrong = {
        replace(
            places[3], condition="other"
        ): f"Place {places[3].id} is one of other; the seed gives {places[3].condition}.",
        replace(places[3], stratum="left"): "is on no list of the plan.",
        replace(places[3], block=0): "is on no list of the plan.",
        replace(places[3], seq=9): "is behind the end of its block, which has ",
    }
    for place, why in wrong.items():
        found = differing_places(plan, SEED, [*places, place])
        assert len(found) == 1
        assert why in found[0]


def test_who_may_come_back_had_not_gone_for_good() -> None:
    """Who returned, failed, was screened out or withdrew does not."""
    assert set(OpenedBecause) - MAY_RESUME == {"returned", "failed", "withdrew", "screened_out"}
