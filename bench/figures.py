"""Figures of a run beside those of an earlier one: by name, as a ratio, and marked where they got worse."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any, Final

from rich.table import Table

# What one run of the processor's time differs from the next by itself.
WORSE: Final = 1.10
_NOT_IN_A_NAME: Final = re.compile(r"\W+")


@dataclass(frozen=True)
class FigureBeside:
    """A figure that both runs have.

    Args:
        name: Its way through the JSON, by dots.
        earlier: Of the run before.
        now: Of this one.
        is_cpu: It counts our processor time: less is better, and a busy machine changes it little.
    """

    name: str
    earlier: float
    now: float
    is_cpu: bool

    @property
    def ratio(self) -> float | None:
        """Now by earlier; None where the earlier one was nothing."""
        return self.now / self.earlier if self.earlier > 0 else None

    @property
    def is_worse(self) -> bool:
        """Whether it is processor time, and a tenth more than it was."""
        return self.is_cpu and self.ratio is not None and self.ratio > WORSE


def by_name(document: Any, known_by: Sequence[str]) -> Any:
    """Give rows their names, so that a figure is found at the same place in every run.

    Args:
        document: What a bench wrote as JSON.
        known_by: The fields that tell its rows apart.

    Returns:
        The same with a mapping by name for each list of rows; other lists as they are.
    """
    if isinstance(document, Mapping):
        return {key: by_name(value, known_by) for key, value in document.items()}
    if not isinstance(document, list) or not document or not _are_rows(document, known_by):
        return document
    return {
        _name_of(row, known_by): {
            key: by_name(value, known_by) for key, value in row.items() if key not in known_by
        }
        for row in document
    }


def _are_rows(entries: Sequence[Any], known_by: Sequence[str]) -> bool:
    return bool(known_by) and all(isinstance(one, Mapping) and one.keys() >= set(known_by) for one in entries)


def _name_of(row: Mapping[str, Any], known_by: Sequence[str]) -> str:
    words = [row[key] if isinstance(row[key], str) else f"{key} {row[key]}" for key in known_by]
    return _NOT_IN_A_NAME.sub("_", " ".join(words)).strip("_").lower()


def numbers(document: Any, way: str = "") -> Iterator[tuple[str, float]]:
    """Every number in a JSON, with its way by dots."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield from numbers(value, f"{way}.{key}" if way else str(key))
    elif isinstance(document, int | float) and not isinstance(document, bool):
        yield way, float(document)


def beside(earlier: Any, now: Any, cpu: Sequence[str] = ()) -> list[FigureBeside]:
    """Lay two runs of a bench side by side.

    Args:
        earlier: Its figures of the run before.
        now: Those of this one.
        cpu: Patterns of the figures that count our processor time.

    Returns:
        What both have, in this one's order.
    """
    before = dict(numbers(earlier))
    return [
        FigureBeside(name, before[name], value, any(fnmatch(name, pattern) for pattern in cpu))
        for name, value in numbers(now)
        if name in before
    ]


def table_beside(title: str, figures: Sequence[FigureBeside]) -> Table:
    """Both runs, for a person."""
    table = Table(title=title)
    for column in ("", "earlier", "now", "now / earlier", ""):
        table.add_column(column, justify="right" if column else "left")
    for one in figures:
        ratio = "" if one.ratio is None else f"{one.ratio:.2f} x"
        mark = "[red]worse[/red]" if one.is_worse else "cpu" if one.is_cpu else ""
        table.add_row(one.name, f"{one.earlier:.4g}", f"{one.now:.4g}", ratio, mark)
    return table
