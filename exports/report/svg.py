"""The flow as a picture of its own, in CONSORT's words: of all, and below of each condition."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from exports.report.counted import Arm
from study.flow.counts import Flow
from study.flow.drawing import FlowBox, FlowDrawing, FlowLine, FlowWords, draw_flow
from study.text import beginning

# CONSORT 2010 (K. F. Schulz, D. G. Altman & D. Moher, BMJ 340, 2010, c332), figure 1.
WORDS: Final = FlowWords(
    came="Assessed",
    people="for eligibility",
    assigned="Randomised",
    completed="Completed",
    to_the_end="came to the end",
    usable="Analysed",
    wanted="usable",
    not_usable="Not analysed",
    here="still there",
)
_STYLE: Final = (
    "text{font:13px Helvetica,Arial,sans-serif;fill:#222}rect{fill:#fff;stroke:#888}"
    ".goal rect{stroke:#222;stroke-width:2}.count{font-weight:600}"
    "polyline{fill:none;stroke:#888}marker path{fill:#888}"
)


# Of a condition's three boxes: their width, what lies between them, and the characters of a name.
_ARM: Final = 110
_BETWEEN: Final = 10
_BELOW: Final = 20
_LONGEST: Final = 13


def flow_svg(flow: Flow, arms: Mapping[str, Arm]) -> bytes:
    """Draw it.

    Args:
        flow: The counts.
        arms: Those of each condition.
    """
    drawing = with_arms(draw_flow(flow, lambda **_asked: "", WORDS), arms)
    return "\n".join(_lines(flow, drawing)).encode() + b"\n"


def with_arms(drawing: FlowDrawing, arms: Mapping[str, Arm]) -> FlowDrawing:
    """Add a row of boxes for each condition: assigned, not analysed, analysed.

    Args:
        drawing: Of all participants.
        arms: The counts of each condition.
    """
    boxes, lines, y = list(drawing.boxes), list(drawing.lines), drawing.height + _BELOW
    for name, arm in arms.items():
        inside = f" ({arm.under_way:,} still there)" if arm.under_way else ""
        lost = arm.assigned - arm.under_way - arm.usable
        shown = name if len(name) <= _LONGEST else f"{beginning(name, _LONGEST - 1)}…"
        three = (
            (shown, name, arm.assigned, "assigned", "way"),
            # There is no room for who are still there; flow.csv has them as well.
            (WORDS.not_usable, f"{WORDS.not_usable}{inside}", lost, "", "side"),
            (WORDS.usable, WORDS.usable, arm.usable, "", "goal"),
        )
        for place, (words, whole, count, said, look) in enumerate(three):
            x = 1 + place * (_ARM + _BETWEEN)
            box = FlowBox(x, y, _ARM, words, whole, count, said, "", look)
            if place:
                middle = y + box.height // 2
                lines.append(FlowLine(((x - _BETWEEN, middle), (x, middle))))
            boxes.append(box)
        y = boxes[-1].y + boxes[-1].height + _BETWEEN
    return FlowDrawing(y if arms else drawing.height, boxes, lines)


def _lines(flow: Flow, drawing: FlowDrawing) -> Iterator[str]:
    size = f'width="{drawing.width}" height="{drawing.height}" viewBox="0 0 {drawing.width} {drawing.height}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    assigned = f"{flow.assigned:,} randomised, " if flow.assigned else ""
    yield f"<title>{flow.came:,} assessed, {assigned}{flow.usable:,} analysed</title>"
    yield f"<style>{_STYLE}</style>"
    tip = '<path d="M0 0 8 4 0 8z"/>'
    yield (
        f'<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto">{tip}</marker></defs>'
    )
    yield f'<rect width="{drawing.width}" height="{drawing.height}" style="stroke:none"/>'
    yield from (f'<polyline points="{line.points}" marker-end="url(#tip)"/>' for line in drawing.lines)
    yield from (_box(box) for box in drawing.boxes)
    yield "</svg>"


def _box(box: FlowBox) -> str:
    said = f" {escape(box.said)}" if box.said else ""
    return (
        f'<g class="{box.look}"><title>{escape(box.whole)}: {box.count:,}{said}</title>'
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6"/>'
        f'<text x="{box.x + 10}" y="{box.y + 19}">{escape(box.name)}</text>'
        f'<text x="{box.x + 10}" y="{box.y + 38}"><tspan class="count">n = {box.count:,}</tspan>{said}</text>'
        "</g>"
    )
