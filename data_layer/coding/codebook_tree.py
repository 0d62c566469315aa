"""Codes within codes: in the order of the tree, and which stand below which."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, literal, select

from data_layer.coding.codebook import Code
from data_layer.database import schema


@dataclass(frozen=True)
class CodeBranch:
    """A code in the tree.

    Args:
        code: As it reads now.
        depth: 0 at the top.
        path: The names of those above it and its own, the top one first.
        above: The living code that it is drawn under; None at the top.
    """

    code: Code
    depth: int
    path: tuple[str, ...]
    above: str | None


def tree_of(codes: Sequence[Code]) -> list[CodeBranch]:
    """The living codes, each behind the one that it stands under.

    What stands under a retired code is drawn under the next that lives above it, until that one comes back.

    Args:
        codes: Every code as it reads now, retired ones too, in the order of their places.
    """
    known = {code.code_id: code for code in codes}
    under: defaultdict[str | None, list[Code]] = defaultdict(list)
    for code in codes:
        if code.retired_at is None:
            under[living_above(code, known)].append(code)
    found: list[CodeBranch] = []
    waiting = [CodeBranch(code, 0, (code.name,), None) for code in reversed(under[None])]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += [
            CodeBranch(code, one.depth + 1, (*one.path, code.name), one.code.code_id)
            for code in reversed(under[one.code.code_id])
        ]
    return found


def descendants_of(code_id: str, codes: Sequence[Code]) -> set[str]:
    """A code and all that stand under it, retired ones too."""
    found = {code_id}
    grown = True
    while grown:
        more = {code.code_id for code in codes if code.parent_id in found} - found
        found |= more
        grown = bool(more)
    return found


def ids_below(code_id: str) -> Select[tuple[str]]:
    """A select of the ids of a code and of all that stand under it now, retired ones too."""
    table = schema.codes
    last = select(func.max(table.c.codebook_version).label("last")).group_by(table.c.code_id).cte("newest")
    newest = (
        select(table.c.code_id, table.c.parent_id)
        .join(last, last.c.last == table.c.codebook_version)
        .cte("codes_now")
    )
    found = select(literal(code_id).label("code_id")).cte("codes_below", recursive=True)
    found = found.union(select(newest.c.code_id).join(found, newest.c.parent_id == found.c.code_id))
    return select(found.c.code_id)


def living_above(code: Code, known: Mapping[str, Code]) -> str | None:
    """The code that one is drawn under; None at the top.

    Args:
        code: As it stands, or stood.
        known: Every code as it reads now, by its id.
    """
    above = known.get(code.parent_id) if code.parent_id else None
    while above is not None and above.retired_at is not None:
        above = known.get(above.parent_id) if above.parent_id else None
    return above.code_id if above else None
