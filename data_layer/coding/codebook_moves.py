"""Moving a code in the tree: up, down, in under the one above it, out from under its own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from data_layer.coding.codebook import Code
from data_layer.coding.codebook_tree import CodeBranch, living_above, tree_of


class Way(StrEnum):
    """Where to."""

    UP = "up"
    DOWN = "down"
    IN = "in"
    OUT = "out"


@dataclass(frozen=True)
class Move:
    """What a move makes of a code.

    Args:
        parent_id: The code that it stands under; empty for none.
        place: Among those beside it.
    """

    parent_id: str
    place: float


def move_of(code_id: str, way: Way, codes: Sequence[Code]) -> Move | None:
    """Where a code would stand.

    Args:
        code_id: A living code.
        way: Where to.
        codes: Every code as it reads now, retired ones too, in the order of their places.

    Returns:
        None when it cannot go there: it is the first or the last, or stands under none.
    """
    tree = tree_of(codes)
    one = next((branch for branch in tree if branch.code.code_id == code_id), None)
    if one is None:
        return None
    beside = [branch for branch in tree if branch.above == one.above]
    at = beside.index(one)
    parent = one.code.parent_id or ""
    if way is Way.UP and at > 0:
        return Move(parent, _between(beside[at - 2] if at > 1 else None, beside[at - 1]))
    if way is Way.DOWN and at + 1 < len(beside):
        return Move(parent, _between(beside[at + 1], beside[at + 2] if at + 2 < len(beside) else None))
    if way is Way.IN and at > 0:
        above = beside[at - 1].code.code_id
        under = [branch for branch in tree if branch.above == above]
        return Move(above, _between(under[-1], None) if under else one.code.place)
    if way is Way.OUT and one.above is not None:
        above_it = next(branch for branch in tree if branch.code.code_id == one.above)
        level = [branch for branch in tree if branch.above == above_it.above]
        behind = level[level.index(above_it) + 1 :]
        return Move(above_it.above or "", _between(above_it, behind[0] if behind else None))
    return None


def back_of(code_id: str, version: int, history: Sequence[Code]) -> Move | None:
    """Where a code stood before a version of it moved it; under what lives of what it stood under.

    Args:
        code_id: The code.
        version: Of the codebook.
        history: Every version, the newest first.

    Returns:
        None when it reads otherwise by now than in that version. It reads so again when later moves of it
        have been taken back.
    """
    own = [code for code in history if code.code_id == code_id]
    moved, was = [*(code for code in own if code.version <= version), None, None][:2]
    if moved is None or was is None or moved.version != version:
        return None
    newest = {code.code_id: code for code in reversed(history)}
    codes = sorted((one for one in newest.values() if one.code_id != code_id), key=lambda one: one.place)
    tree = tree_of(codes)

    def beside(code: Code) -> list[float]:
        above = living_above(code, newest)
        return [branch.code.place for branch in tree if branch.above == above]

    first, last = sorted((own[0].place, moved.place))
    if not _read_alike(own[0], moved) or any(first < one < last for one in beside(moved)):
        return None
    above, place, others = living_above(was, newest), was.place, beside(was)
    # Another may have been moved to where it stood: two at one place could never be moved past each other.
    if place in others:
        at = others.index(place)
        place = (others[at - 1] + place) / 2 if at else place - 1
    return Move(above or "", place)


def ways_in(tree: Sequence[CodeBranch]) -> dict[str, list[Way]]:
    """Where each code of a tree can go; as `move_of` says it of one."""
    beside = defaultdict[str | None, list[str]](list)
    for branch in tree:
        beside[branch.above].append(branch.code.code_id)
    return {
        code_id: [
            way
            for way, can in (
                (Way.UP, at > 0),
                (Way.DOWN, at + 1 < len(level)),
                (Way.IN, at > 0),
                (Way.OUT, above is not None),
            )
            if can
        ]
        for above, level in beside.items()
        for at, code_id in enumerate(level)
    }


def _between(before: CodeBranch | None, behind: CodeBranch | None) -> float:
    if before is None:
        return behind.code.place - 1 if behind else 0.0
    return (before.code.place + behind.code.place) / 2 if behind else before.code.place + 1


def _read_alike(one: Code, other: Code) -> bool:
    """But for the place, where none may stand between the two."""
    now = replace(one, version=other.version, author=other.author, created_at=other.created_at)
    return replace(now, place=other.place) == other
