"""The state machine of a protocol: whatever pages send, a participant stands at one place."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from study.loader import load_study
from study.protocol import machine
from study.protocol.definition import Protocol
from study.protocol.machine import (
    Consented,
    Debriefed,
    Move,
    Position,
    StaleVisit,
    SurveyAnswered,
    Talked,
    TooEarly,
    VisitOutcome,
    WasRead,
)
from study.protocol.stages import StageDefinition

BEGIN = datetime(2026, 11, 30, 12, tzinfo=UTC)
MOVES: st.SearchStrategy[Move] = st.one_of(
    st.builds(Consented, st.dictionaries(st.sampled_from(["take_part", "share"]), st.booleans())),
    st.builds(
        SurveyAnswered,
        st.dictionaries(st.just("uses_chatbots"), st.sampled_from(["daily", "never"])),
        st.integers(0, 1),
    ),
    st.builds(WasRead, st.booleans()),
    st.builds(Talked, st.integers(0, 3), st.floats(0, 100)),
    st.builds(Debriefed, st.booleans()),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["now", "stale", "late", "back"]), MOVES, st.integers(0, 2_000)), max_size=30
)


def protocol() -> Protocol:
    """The small study's."""
    found = load_study(Path("tests/data/protocol")).definition.protocol
    assert found is not None
    return found


SMALL = protocol()


def passed(count: int) -> Position:
    """Somebody who has passed the first stages."""
    moves: list[Move] = [
        Consented({"take_part": True}),
        SurveyAnswered({"uses_chatbots": "daily"}),
        WasRead(),
        Talked(2, 0),
        SurveyAnswered(),
        Debriefed(),
    ]
    position = machine.begin(SMALL, BEGIN)
    for what in moves[:count]:
        position = machine.move(SMALL, position, position.visit, what, BEGIN).position
    return position


@given(STEPS)
def test_a_participant_only_goes_forward_and_an_ending_is_the_last_word(
    steps: list[tuple[str, Move, int]],
) -> None:
    """Through reloads, late and doubled posts and time, stages come in order and visits grow by one; after
    an ending nothing changes.
    """
    order = [stage.id for stage in SMALL.stages]
    position, now = machine.begin(SMALL, BEGIN), BEGIN
    for how, what, seconds in steps:
        now += timedelta(seconds=seconds)
        before = position
        try:
            if how == "back":
                back = machine.come_back(SMALL, position, now)
                position = back.position if back is not None else position
            else:
                visit = position.visit - (1 if how == "stale" else 0)
                position = machine.move(SMALL, position, visit, what, now).position
        except StaleVisit:
            assert how == "stale" or before.ending is not None
        except (TooEarly, machine.MoveOfAnotherStage):
            pass
        if before.ending is not None:
            assert position == before
        assert position.visit - before.visit == (0 if position == before else 1)
        assert order.index(position.stage) - order.index(before.stage) in (0, 1)
        assert position.ending is None or position.ending in {*SMALL.endings, "withdrew"}
        assert now - BEGIN < timedelta(hours=1) or position.ending is not None or position == before


@given(
    st.lists(
        st.tuples(st.sampled_from(["now", "killed", "changed"]), MOVES, st.sampled_from(SMALL.stages)),
        max_size=40,
    )
)
def test_neither_a_kill_nor_a_changed_file_moves_anybody_back(
    steps: list[tuple[str, Move, StageDefinition]],
) -> None:
    """A move that was not kept leaves them where they stood; a file that lacks a stage at which nobody stands
    leads on to the next that it has; an ending stays the last word.
    """
    order = [stage.id for stage in SMALL.stages]
    running, position = SMALL, machine.begin(SMALL, BEGIN)
    for how, what, gone in steps:
        before = position
        if how == "changed" and gone.id != position.stage:
            left = tuple(stage for stage in SMALL.stages if stage.id != gone.id)
            running = SMALL.model_copy(update={"stages": left})
        try:
            moved = machine.move(running, position, position.visit, what, BEGIN).position
        except (StaleVisit, TooEarly, machine.MoveOfAnotherStage):
            continue
        position = before if how == "killed" else moved
        there = [stage.id for stage in running.stages]
        assert position.ending is not None or position.stage in there
        assert order.index(position.stage) >= order.index(before.stage)
        assert before.ending is None


def test_a_whole_walk_ends_as_completed() -> None:
    """Who passes every stage has completed it."""
    assert passed(6).ending == "completed"


def test_the_same_post_twice_moves_once() -> None:
    """Of two posts of one page the second is stale."""
    position = machine.begin(SMALL, BEGIN)
    machine.move(SMALL, position, 1, Consented({"take_part": True}), BEGIN)
    moved = passed(1)
    with pytest.raises(StaleVisit):
        machine.move(SMALL, moved, 1, Consented({"take_part": True}), BEGIN)


def test_a_wrong_quiz_is_shown_once_more_and_then_ends_it() -> None:
    """After the last of its tries a wrong quiz is the ending that the study names."""
    position = passed(2)
    again = machine.move(SMALL, position, position.visit, WasRead(right=False), BEGIN)
    assert (again.outcome, again.position.attempt, again.position.stage) == (
        VisitOutcome.AGAIN,
        2,
        "instructions",
    )
    over = machine.move(SMALL, again.position, again.position.visit, WasRead(right=False), BEGIN)
    assert over.position.ending == "failed_quiz"


def test_a_chat_is_left_when_its_least_is_reached() -> None:
    """Before that it says what lacks."""
    position = passed(3)
    with pytest.raises(TooEarly) as early:
        machine.move(SMALL, position, position.visit, Talked(1, 0), BEGIN)
    assert early.value.turns == 1
    assert machine.move(SMALL, position, position.visit, Talked(2, 0), BEGIN).position.stage == "after"


def test_the_time_of_the_whole_is_the_servers() -> None:
    """What is sent after it has run out is not taken, and taking part has ended."""
    position = passed(3)
    late = machine.move(SMALL, position, position.visit, Talked(3, 0), BEGIN + timedelta(hours=1))
    assert late.position.ending == "timed_out"


@pytest.mark.parametrize(
    ("comes_back", "outcome"),
    [("continue", None), ("restart_stage", VisitOutcome.RESTARTED), ("end", VisitOutcome.ENDED)],
)
def test_who_was_away_stands_where_the_study_says(comes_back: str, outcome: VisitOutcome | None) -> None:
    """After more than the study's time away: there, at the stage's beginning, or at the end."""
    told = SMALL.model_copy(update={"comes_back": comes_back})
    position = passed(2)
    back = machine.come_back(told, position, BEGIN + timedelta(minutes=21))
    assert (back.outcome if back is not None else None) is outcome
