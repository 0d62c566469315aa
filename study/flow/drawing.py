"""Where the boxes and lines of the flow lie: as wide as a phone's page, so that it is read there as it is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from study.flow.counts import Flow, StageFlow
from study.protocol.definition import COMPLETED

WIDTH: Final = 352
_MAIN: Final = 184  # width of the boxes on the way
_SIDE: Final = 140  # of those beside it
_BOX: Final = 48  # height: a finger's width, and two lines
_GAP: Final = 20
_BETWEEN: Final = 6  # two boxes beside one stage
_LONGEST_MAIN: Final = 21  # characters of a name
_LONGEST_SIDE: Final = 16


@dataclass(frozen=True)
class FlowBox:
    """A box with a name, a number and the list that it leads to.

    Args:
        x: Left edge.
        y: Upper edge.
        width: From left to right.
        name: What is counted, cut where it is too long.
        whole: The name, uncut.
        count: How many.
        said: The number with what it means.
        address: Of the list; "" where there is none.
        look: "way", "side" or "goal".
    """

    x: int
    y: int
    width: int
    name: str
    whole: str
    count: int
    said: str
    address: str
    look: str
    height: int = _BOX


@dataclass(frozen=True)
class FlowLine:
    """A line with an arrow at its end.

    Args:
        corners: From its beginning on: x and y of each.
    """

    corners: Sequence[tuple[int, int]]

    @property
    def points(self) -> str:
        """As SVG writes them."""
        return " ".join(f"{x},{y}" for x, y in self.corners)


@dataclass(frozen=True)
class FlowDrawing:
    """All of it."""

    height: int
    boxes: Sequence[FlowBox]
    lines: Sequence[FlowLine]
    width: int = WIDTH


# Gives the list that a number leads to, of what is asked of it; "" where there is none.
Address = Callable[..., str]
_Beside = tuple[str, int, str, str]


@dataclass(frozen=True)
class FlowWords:
    """What is said of the numbers that every flow has.

    Args:
        came: Name of the first box.
        people: Behind its number.
        assigned: Name of the box of who was assigned to a condition; "" leaves it out.
        completed: Name of the box of who came to the end.
        to_the_end: Behind its number.
        usable: Name of the last box.
        wanted: Behind its number, where no target is set.
        not_usable: Name of the box beside it.
        here: Of who stand at a stage.
    """

    came: str = "Came"
    people: str = "participants"
    assigned: str = ""
    completed: str = "Completed"
    to_the_end: str = "came to the end"
    usable: str = "Usable"
    wanted: str = "for the analysis"
    not_usable: str = "not usable"
    here: str = "here now"


def draw_flow(flow: Flow, address: Address, words: FlowWords = FlowWords()) -> FlowDrawing:  # frozen
    """Lay the flow out from above to below: on the left who goes on, on the right who does not.

    Args:
        flow: The counts.
        address: Where numbers lead to.
        words: What is said of them.
    """
    boxes: list[FlowBox] = []
    lines: list[FlowLine] = []
    y = 1
    for name, count, said, leads_to, look, beside in _rows(flow, address, words):
        if boxes:
            middle = 1 + _MAIN // 2
            lines.append(FlowLine(((middle, _lower_edge(boxes)), (middle, y))))
        boxes.append(_box(1, y, _MAIN, _LONGEST_MAIN, (name, count, said, leads_to), look))
        below = y + _BOX
        for place, one in enumerate(beside):
            top = y + place * (_BOX + _BETWEEN)
            boxes.append(_box(WIDTH - _SIDE - 1, top, _SIDE, _LONGEST_SIDE, one, "side"))
            lines.append(_way_out(y + _BOX // 2, top + _BOX // 2))
            below = top + _BOX
        y = below + _GAP
    return FlowDrawing(y - _GAP + 1, boxes, lines)


def _way_out(begins: int, ends: int) -> FlowLine:
    """From a box on the way to one beside it; round a corner to those further down."""
    left, turn, right = 1 + _MAIN, 1 + _MAIN + 10, WIDTH - _SIDE - 1
    return FlowLine(((left, begins), (turn, begins), (turn, ends), (right, ends)))


def _lower_edge(boxes: Sequence[FlowBox]) -> int:
    return next(box.y + box.height for box in reversed(boxes) if box.look != "side")


def _rows(
    flow: Flow, address: Address, words: FlowWords
) -> Iterator[tuple[str, int, str, str, str, list[_Beside]]]:
    gone: list[_Beside] = []
    if flow.unopened:
        gone.append(("opened nothing", flow.unopened, "", address(opened="no")))
    if flow.withdrew:
        gone.append(("withdrew", flow.withdrew, "", address(standing="withdrawn")))
    if flow.elsewhere:
        gone.append(("earlier stages", flow.elsewhere, "", ""))
    yield words.came, flow.came, words.people, address(), "way", gone
    for stage in flow.stages:
        if words.assigned and stage.stage_id == flow.assigned_at:
            yield words.assigned, flow.assigned, "to conditions", "", "way", []
        reached = address(reached=stage.stage_id)
        beside = list(_beside(stage, address, words))
        yield stage.stage_id, stage.entered, "entered", reached, "way", beside
    completed = address(ending=COMPLETED)
    yield words.completed, flow.completed, words.to_the_end, completed, "way", []
    not_usable = (words.not_usable, flow.not_usable, "have ended", address(usable="no"))
    wanted = f"of {flow.stop_at:,} wanted" if flow.stop_at else words.wanted
    beside = [not_usable] if flow.not_usable else []
    yield words.usable, flow.usable, wanted, address(usable="yes"), "goal", beside


def _beside(stage: StageFlow, address: Address, words: FlowWords) -> Iterator[_Beside]:
    for ending, count in stage.ended.items():
        if ending != COMPLETED:
            yield ending, count, "ended", address(stage=stage.stage_id, ending=ending)
    if stage.here:
        yield words.here, stage.here, "", address(stage=stage.stage_id, ending="none")


def _box(x: int, y: int, width: int, longest: int, what: _Beside, look: str) -> FlowBox:
    whole, count, said, leads_to = what
    name = whole if len(whole) <= longest else f"{whole[: longest - 1]}…"
    return FlowBox(x, y, width, name, whole, count, said, leads_to, look)
