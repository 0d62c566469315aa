"""What the rows of a ledger come to: which places are held, filled and open, and what may follow."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from study.assignment.ledger import MAY_RESUME, LedgerEvent, LedgerRow, OpenedBecause
from study.assignment.places import AssignmentPlace, parts_of


@dataclass(frozen=True)
class OpenPlace:
    """A place that was left.

    Args:
        place: Which.
        attempts: How often it was taken.
    """

    place: AssignmentPlace
    attempts: int


@dataclass(frozen=True)
class LedgerStanding:
    """All that the next assignment is made from, for one newcomer.

    It is little, so that it can be read from a database as well as from a LedgerState.

    Args:
        seq: The number of the ledger's last row; 0 when it has none.
        last: Block and seq of the furthest place of the newcomer's stratum that was ever taken.
        opened: The open places of the stratum, in the order of its list.
        living: How many hold or fill a place, by condition, in all strata.
        filled: How many fill one, likewise.
        here: As `living`, of the stratum alone.
        alike: As `living`, of those who have the newcomer's level of a factor, by factor; for minimise alone.
    """

    seq: int = 0
    last: tuple[int, int] = (1, 0)
    opened: tuple[OpenPlace, ...] = ()
    living: Mapping[str, int] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)
    here: Mapping[str, int] = field(default_factory=dict)
    alike: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass
class _Seat:
    place: AssignmentPlace
    stands: LedgerEvent
    participant: str | None
    levels: Mapping[str, str]
    attempts: int = 0
    reason: str = ""

    @property
    def is_living(self) -> bool:
        return self.stands is not LedgerEvent.OPENED


class LedgerState:
    """A ledger up to one of its rows.

    A process may keep one and give it the rows that came since, its own and others': each is a few steps.
    """

    def __init__(self) -> None:
        self.seq = 0
        self._seats: dict[str, _Seat] = {}
        self._seat_of: dict[str, _Seat] = {}
        self._last: dict[str, tuple[int, int]] = {}
        self._opened: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._filled: Counter[str] = Counter()
        self._living: Counter[str] = Counter()
        self._here: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._alike: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._came: Counter[str] = Counter()

    @classmethod
    def of(cls, rows: Iterable[LedgerRow]) -> "LedgerState":
        """Fold rows.

        Args:
            rows: All of a ledger, in order.

        Raises:
            ValueError: One of them cannot follow those before it.
        """
        state = cls()
        for row in rows:
            state.apply(row)
        return state

    def standing(self, stratum: str, levels: Mapping[str, str] | None = None) -> LedgerStanding:
        """Give what the next assignment is made from.

        Args:
            stratum: The newcomer's.
            levels: The newcomer's level of each factor; for minimise alone.
        """
        opened = (self._seats[f"{stratum}:{block}:{seq}"] for block, seq in self._opened.get(stratum, ()))
        return LedgerStanding(
            self.seq,
            self._last.get(stratum, (1, 0)),
            tuple(OpenPlace(seat.place, seat.attempts) for seat in opened),
            dict(self._living),
            dict(self._filled),
            dict(self._here.get(stratum, {})),
            {name: dict(self._alike.get((name, level), {})) for name, level in (levels or {}).items()},
        )

    def place_of(self, participant: str) -> AssignmentPlace | None:
        """Give the place that somebody holds or fills.

        Args:
            participant: Who.
        """
        seat = self._seat_of.get(participant)
        return seat.place if seat is not None else None

    def dropout(self) -> dict[str, tuple[int, int]]:
        """Give how many left, of how many who are no longer inside, by condition (see dropout.py)."""
        left = {name: came - self._living[name] for name, came in sorted(self._came.items())}
        return {name: (gone, gone + self._filled[name]) for name, gone in left.items()}

    def refusal(self, row: LedgerRow) -> str:
        """Say why a row cannot follow those before it.

        Args:
            row: As it would be written.

        Returns:
            A sentence without its end, or "" where it can.
        """
        where = parts_of(row.place_id)
        if row.seq != self.seq + 1:
            return f"it follows row {self.seq} and has not number {self.seq + 1}"
        if row.event not in tuple(LedgerEvent):
            return f"there is no event {row.event!r}"
        if where is None:
            return f"{row.place_id!r} is no place"
        reasons: tuple[str, ...] = tuple(OpenedBecause) if row.event == LedgerEvent.OPENED else ("",)
        if row.reason not in reasons:
            return f"{row.reason!r} is no reason of {row.event}"
        seat = self._seats.get(row.place_id)
        if seat is not None and seat.place.condition != row.condition:
            return f"place {row.place_id} is one of {seat.place.condition}, not of {row.condition}"
        if row.event == LedgerEvent.ASSIGNED:
            return self._refuses_assigned(row, seat, where[0])
        return self._refuses_later(row, seat)

    def _refuses_assigned(self, row: LedgerRow, seat: _Seat | None, stratum: str) -> str:
        if not row.condition:
            return "it has no condition"
        if seat is not None and seat.is_living:
            return f"place {row.place_id} is taken"
        if row.participant is not None and row.participant in self._seat_of:
            return f"{row.participant} has a place already"
        if row.inputs.get("stratum") != stratum:
            return f"place {row.place_id} is not one of stratum {row.inputs.get('stratum')!r}"
        levels = row.inputs.get("levels", {})
        if not isinstance(levels, Mapping):
            return f"{levels!r} are no levels"
        return ""

    def _refuses_later(self, row: LedgerRow, seat: _Seat | None) -> str:
        if row.inputs or row.draw:
            return f"nothing is drawn where a place is {row.event}"
        if seat is None:
            return f"nobody was assigned to place {row.place_id}"
        if row.participant is not None and row.participant != seat.participant:
            return f"place {row.place_id} is not {row.participant}'s"
        if row.event == LedgerEvent.OPENED:
            return "" if seat.is_living else f"place {row.place_id} is open already"
        if row.event == LedgerEvent.FILLED:
            held = seat.stands in (LedgerEvent.ASSIGNED, LedgerEvent.RESUMED)
            return "" if held else f"place {row.place_id} is not held"
        if seat.is_living or seat.reason not in MAY_RESUME:
            return f"nobody can come back to place {row.place_id}"
        if seat.participant is not None and seat.participant in self._seat_of:
            return f"{seat.participant} has a place already"
        return ""

    def apply(self, row: LedgerRow) -> None:
        """Go one row further.

        Args:
            row: The next.

        Raises:
            ValueError: It cannot follow.
        """
        if why := self.refusal(row):
            raise ValueError(f"row {row.seq} of the ledger: {why}")
        self.seq = row.seq
        event = LedgerEvent(row.event)
        seat = self._take(row) if event is LedgerEvent.ASSIGNED else self._seats[row.place_id]
        was = seat.stands
        seat.stands = event
        if was is LedgerEvent.FILLED:
            self._filled[row.condition] -= 1
        if event is LedgerEvent.FILLED:
            self._filled[row.condition] += 1
        elif event is LedgerEvent.OPENED:
            seat.reason = row.reason
            self._count(seat, -1)
            insort(self._opened[seat.place.stratum], seat.place.position)
        else:
            if was is LedgerEvent.OPENED:
                opened = self._opened[seat.place.stratum]
                del opened[bisect_left(opened, seat.place.position)]
            self._count(seat, 1)

    def _take(self, row: LedgerRow) -> _Seat:
        seat = self._seats.get(row.place_id)
        levels: Mapping[str, Any] = row.inputs.get("levels", {})
        if seat is None:
            where = parts_of(row.place_id)
            assert where is not None
            seat = _Seat(AssignmentPlace(*where, row.condition), LedgerEvent.ASSIGNED, None, {})
            self._seats[row.place_id] = seat
            stratum = seat.place.stratum
            self._last[stratum] = max(self._last.get(stratum, (1, 0)), seat.place.position)
        seat.participant, seat.levels = row.participant, levels
        seat.attempts += 1
        self._came[row.condition] += 1
        return seat

    def _count(self, seat: _Seat, by: int) -> None:
        condition = seat.place.condition
        self._living[condition] += by
        self._here[seat.place.stratum][condition] += by
        for factor, level in seat.levels.items():
            self._alike[factor, level][condition] += by
        if seat.participant is None:
            return
        if by > 0:
            self._seat_of[seat.participant] = seat
        else:
            del self._seat_of[seat.participant]
