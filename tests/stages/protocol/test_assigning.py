"""Participants come to their conditions as they go through a study, and places open again."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from data_layer.database.rows import Row
from data_layer.record import Record
from study.assignment import LedgerRow, replay
from study.loader import LoadedStudy
from study.protocol.assigning import plan_of
from tests.fakes import HandClock
from tests.stages.protocol.walking import ANSWERS, Walker

SEED = "a seed of our own"
Make = Callable[..., LoadedStudy]


async def walkers(record: Record, study: LoadedStudy, count: int, first: int = 0) -> list[Walker]:
    """Several who have just come in."""
    numbers = range(first, first + count)
    return [Walker(record, study, await record.enter(f"P{one}", f"p{one}")) for one in numbers]


async def ledger(record: Record, study: LoadedStudy) -> list[LedgerRow]:
    """The ledger's rows, which follow from the seed."""
    assert study.definition.protocol is not None
    plan = plan_of(study.definition.protocol, study.surveys)
    assert plan is not None
    assert study.definition.protocol.assign is not None
    said = study.definition.protocol.assign.seed
    rows = await record.assignments.rows(await record.assignments.ledger_of(plan, said))
    seed = await record.assignments.seed_when_ended(said, has_ended=True)
    assert seed is not None
    assert replay(plan, seed, rows) == []
    return rows


async def events(record: Record, study: LoadedStudy) -> list[tuple[str, str]]:
    """What happened to places, and why."""
    return [(row.event, row.reason) for row in await ledger(record, study)]


async def conditions(those: list[Walker]) -> list[str | None]:
    """Theirs."""
    rows: list[Row] = [await one.row() for one in those]
    return [row["condition"] for row in rows]


async def test_a_condition_comes_with_the_stage_that_assigns(record: Record, assigning: Make) -> None:
    """Before it nobody has one; with the move it stands in the row and in the position, held."""
    study = assigning()
    [walker] = await walkers(record, study, 1)
    await walker.walk_to("instructions")
    assert (await walker.row())["condition"] is None
    present = await walker.walk_to("talk")
    row = await walker.row()
    assert row["condition"] in ("facts", "stories")
    assert (present.position.condition, row["place"]) == (row["condition"], "assigned")
    assert await events(record, study) == [("assigned", "")]


async def test_who_is_usable_fills_their_place(record: Record, assigning: Make) -> None:
    """The ledger says so, and so does their row."""
    study = assigning()
    [walker] = await walkers(record, study, 1)
    await walker.walk_to("")
    assert (await walker.row())["place"] == "filled"
    assert await events(record, study) == [("assigned", ""), ("filled", "")]


async def test_who_fails_opens_their_place_for_the_next(record: Record, assigning: Make) -> None:
    """The next one gets the very place, and with it the condition."""
    study = assigning()
    first, second = await walkers(record, study, 2)
    await first.walk_to("after")
    await first.send(support=["80"], reading=["agree"], changed=["Its reasons"])
    await second.walk_to("talk")
    rows = await ledger(record, study)
    assert [(row.event, row.reason) for row in rows] == [
        ("assigned", ""),
        ("opened", "failed"),
        ("assigned", ""),
    ]
    assert len({row.place_id for row in rows}) == 1
    assert await conditions([first]) == await conditions([second])


async def test_where_all_places_are_taken_the_ending_is_full(record: Record, assigning: Make) -> None:
    """Their answers are kept, they have no condition, and no visit of the chat is theirs."""
    study = assigning(target=1)
    those = await walkers(record, study, 3)
    for walker in those:
        await walker.walk_to("talk")
    last = await those[2].look()
    assert (last.position.ending, last.position.condition) == ("full", None)
    assert last.ending is not None
    assert last.ending.code == "CU6B9N4Y"
    row = await those[2].row()
    assert (row["usable"], row["why_not"]) == (False, "ended as full")
    assert await record.participations.visit(those[2].participant_id, row["visit"]) is None
    assert "before.support" in await record.participations.answers(those[2].participant_id)


async def test_started_fills_at_once(record: Record, assigning: Make) -> None:
    """With `filled_by: started` who begins fills, and who then fails keeps the place."""
    study = assigning(filled_by="started")
    [walker] = await walkers(record, study, 1)
    await walker.walk_to("after")
    await walker.send(support=["80"], reading=["agree"], changed=["Its reasons"])
    assert await events(record, study) == [("assigned", ""), ("filled", "")]


async def test_a_withdrawal_opens_the_place_and_leaves_no_name(record: Record, assigning: Make) -> None:
    """The ledger stays whole and replays; nobody is named in it."""
    study = assigning()
    first, second = await walkers(record, study, 2)
    await first.walk_to("debrief")
    await first.send(stays=["no"])
    await second.walk_to("talk")
    rows = await ledger(record, study)
    assert [(row.event, row.reason) for row in rows] == [
        ("assigned", ""),
        ("opened", "withdrew"),
        ("assigned", ""),
    ]
    assert [row.participant for row in rows] == [None, None, second.participant_id]


async def test_who_withdraws_after_the_end_opens_the_place(record: Record, assigning: Make) -> None:
    """A filled place too, in the same transaction as the erasure."""
    study = assigning()
    [walker] = await walkers(record, study, 1)
    await walker.walk_to("")
    await record.withdrawals.withdraw(walker.participant_id, "participant")
    assert await events(record, study) == [("assigned", ""), ("filled", ""), ("opened", "withdrew")]
    assert {row.participant for row in await ledger(record, study)} == {None}


async def test_a_silent_ones_place_is_held_then_opens(
    record: Record, assigning: Make, clock: HandClock
) -> None:
    """For as long as the study says, and not before."""
    study = assigning(held_for="10 minutes")
    [walker] = await walkers(record, study, 1)
    await walker.walk_to("talk")
    await record.writer.flush()
    clock.forward(500)
    assert await walker.protocol.places.open_silent() == 0
    clock.forward(200)
    assert await walker.protocol.places.open_silent() == 1
    assert (await walker.row())["place"] == "opened"
    assert await events(record, study) == [("assigned", ""), ("opened", "silent")]


async def test_who_comes_back_takes_their_own_place(
    record: Record, assigning: Make, clock: HandClock
) -> None:
    """While nobody has it; and they fill it in the end."""
    study = assigning(held_for="10 minutes")
    [walker] = await walkers(record, study, 1)
    await walker.walk_to("talk")
    await record.writer.flush()
    clock.forward(700)
    await walker.protocol.places.open_silent()
    await walker.walk_to("")
    told = [("assigned", ""), ("opened", "silent"), ("resumed", ""), ("filled", "")]
    assert await events(record, study) == told


async def test_who_comes_back_too_late_goes_on_without_a_place(
    record: Record, assigning: Make, clock: HandClock
) -> None:
    """They keep their condition, are kept, and fill none."""
    study = assigning(held_for="10 minutes")
    first, second = await walkers(record, study, 2)
    await first.walk_to("talk")
    await record.writer.flush()
    clock.forward(700)
    await first.protocol.places.open_silent()
    await second.walk_to("talk")
    before = await first.row()
    await first.walk_to("")
    after = await first.row()
    assert (after["place"], after["usable"], after["condition"]) == (None, True, before["condition"])
    told = [("assigned", ""), ("opened", "silent"), ("assigned", "")]
    assert await events(record, study) == told


async def test_who_writes_is_not_silent(record: Record, assigning: Make, clock: HandClock) -> None:
    """A message is a sign, also where no page is opened for an hour."""
    study = assigning(held_for="10 minutes")
    [walker] = await walkers(record, study, 1)
    await walker.walk_to("talk")
    for _ in range(4):
        clock.forward(500)
        await walker.protocol.chat_now(walker.participant_id)
        await record.writer.flush()
        assert await walker.protocol.places.open_silent() == 0


async def test_two_tabs_take_one_place(record: Record, assigning: Make) -> None:
    """Of two pages that move at once one is assigned."""
    study = assigning()
    [walker] = await walkers(record, study, 1)
    present = await walker.walk_to("instructions")
    visit = present.position.visit
    found = await asyncio.gather(*(walker.send(visit=visit, **ANSWERS["instructions"]) for _ in range(6)))
    assert {one.position.condition for one in found} == set(await conditions([walker]))
    assert await events(record, study) == [("assigned", "")]


async def test_a_stale_page_moves_no_place(record: Record, assigning: Make) -> None:
    """A page of the chat that is sent again after the end changes nothing."""
    study = assigning()
    [walker] = await walkers(record, study, 1)
    talk = await walker.walk_to("talk")
    await walker.walk_to("")
    before = await events(record, study)
    await walker.send(visit=talk.position.visit)
    await walker.send(visit=talk.position.visit - 1, **ANSWERS["instructions"])
    assert await events(record, study) == before


async def test_each_answer_has_blocks_of_its_own(record: Record, assigning: Make) -> None:
    """With `within` each group is balanced in itself, also where the answer comes with the very move."""
    study = assigning(at="instructions", within=["before.uses_chatbots"], target=24)
    those = await walkers(record, study, 12)
    for number, walker in enumerate(those):
        await walker.walk_to("before")
        await walker.send(uses_chatbots=["daily" if number % 3 else "weekly"], support=["60"])
    rows = await ledger(record, study)
    assert Counter(row.inputs["stratum"] for row in rows) == {"daily": 8, "weekly": 4}
    for stratum in ("daily", "weekly"):
        counts = Counter(row.condition for row in rows if row.inputs["stratum"] == stratum)
        assert max(counts.values()) - min(counts.values()) <= 2


async def test_after_enough_usable_ones_nobody_new_comes_in(record: Record, assigning: Make) -> None:
    """With `stop_at`; whoever is inside goes on."""
    study = assigning(stop_at=1)
    first, inside, late = await walkers(record, study, 3)
    await inside.walk_to("talk")
    await first.walk_to("")
    assert (await late.look()).position.ending == "full"
    assert (await inside.walk_to("")).position.ending == "completed"


@pytest.mark.parametrize("method", ["simple", "minimise", "urn"])
async def test_every_method_replays(record: Record, assigning: Make, method: str) -> None:
    """What is drawn on arrival is kept with what it was drawn from."""
    told: dict[str, object] = {"method": method, "lengths": [], "target": 20}
    if method == "minimise":
        told["factors"] = ["before.uses_chatbots"]
    study = assigning(**told)
    those = await walkers(record, study, 6)
    for walker in those[:3]:
        await walker.walk_to("")
    await asyncio.gather(*(walker.walk_to("talk") for walker in those[3:]))
    assert Counter(row.event for row in await ledger(record, study)) == {"assigned": 6, "filled": 3}


async def test_a_changed_plan_begins_a_new_ledger(record: Record, assigning: Make) -> None:
    """Its rows are numbered from 1, and the earlier ones stand as they were."""
    before = assigning(seed=SEED)
    [walker] = await walkers(record, before, 1)
    await walker.walk_to("talk")
    after = assigning(seed=SEED, target=9)
    [other] = await walkers(record, after, 1, 1)
    await other.walk_to("talk")
    assert [row.seq for row in await ledger(record, before)] == [1]
    assert [row.seq for row in await ledger(record, after)] == [1]


async def test_a_sealed_seed_is_shown_to_nobody_before_the_end(record: Record, assigning: Make) -> None:
    """Its hash is; one that the study file says is known to whoever reads it."""
    study = assigning()
    [walker] = await walkers(record, study, 1)
    await walker.walk_to("talk")
    assignments = record.assignments
    assert await assignments.seed_when_ended("sealed", has_ended=False) is None
    seed = await assignments.seed_when_ended("sealed", has_ended=True)
    assert seed is not None
    assert len(seed) == 64
    assert await assignments.seed_hash("sealed") not in (seed, "")
    assert await assignments.seed_when_ended(SEED, has_ended=False) == SEED


async def test_two_that_draw_the_seed_at_once_have_one(record: Record) -> None:
    """Whoever came second uses what stands."""
    assert len(set(await asyncio.gather(*(record.assignments.seed_hash("sealed") for _ in range(8))))) == 1
