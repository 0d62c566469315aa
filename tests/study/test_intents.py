"""The machine of an intent: it begins once, completed is for good, only abandoned can go on."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from study.intents import IntentMove, IntentState, after

ANY_MOVES = st.lists(st.sampled_from(IntentMove), max_size=12)


def path(moves: list[IntentMove]) -> list[tuple[IntentMove, IntentState]]:
    """The moves that can happen, one after another, each with what it led to."""
    state: IntentState | None = None
    found = []
    for move in moves:
        led_to = after(state, move)
        if led_to is not None:
            found.append((move, led_to))
            state = led_to
    return found


@given(moves=ANY_MOVES)
def test_completed_never_reopens(moves: list[IntentMove]) -> None:
    """Nothing follows the completion of an intent."""
    completed = [n for n, (move, _) in enumerate(path(moves)) if move is IntentMove.COMPLETED]
    assert completed in ([], [len(path(moves)) - 1])


@given(moves=ANY_MOVES)
def test_it_begins_first_and_once(moves: list[IntentMove]) -> None:
    """No move comes before the beginning, and none of those that follow is another."""
    kinds = [move for move, _ in path(moves)]
    assert kinds[:1] in ([], [IntentMove.BEGAN])
    assert kinds.count(IntentMove.BEGAN) <= 1


@given(moves=ANY_MOVES)
def test_no_end_follows_an_end(moves: list[IntentMove]) -> None:
    """Between two ends an intent was taken up again."""
    ends = {IntentMove.COMPLETED, IntentMove.ABANDONED}
    moved = [one for one in path(moves) if one[0] not in {IntentMove.UPDATED, IntentMove.DECLINED}]
    assert not any(first[0] in ends and second[0] in ends for first, second in pairwise(moved))


@given(moves=ANY_MOVES)
def test_parameters_change_only_while_it_is_under_way(moves: list[IntentMove]) -> None:
    """What was known of an intent stays once it has ended."""
    state: IntentState | None = None
    for move, led_to in path(moves):
        if move is IntentMove.UPDATED:
            assert state is IntentState.ACTIVE is led_to
        state = led_to


class AnIntent(RuleBasedStateMachine):
    """An intent that anybody may try to move in any way, beside what must be true of it."""

    def __init__(self) -> None:
        super().__init__()
        self.state: IntentState | None = None
        self.completed = False

    @rule(move=st.sampled_from(IntentMove))
    def moves(self, move: IntentMove) -> None:
        """Somebody tries."""
        led_to = after(self.state, move)
        if led_to is not None:
            assert not self.completed
            self.state = led_to
            self.completed = led_to is IntentState.COMPLETED

    @precondition(lambda self: self.state is IntentState.ABANDONED)
    @rule()
    def goes_on(self) -> None:
        """What was abandoned can always be taken up again."""
        assert after(self.state, IntentMove.CONTINUED) is IntentState.ACTIVE

    @invariant()
    def can_end_while_under_way(self) -> None:
        """What is under way can be completed and abandoned, what is not cannot."""
        under_way = self.state is IntentState.ACTIVE
        assert (after(self.state, IntentMove.COMPLETED) is not None) is under_way
        assert (after(self.state, IntentMove.ABANDONED) is not None) is under_way


TestAnIntent = AnIntent.TestCase
