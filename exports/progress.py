"""Telling somebody how far an export is."""

from typing import Protocol


class ExportProgress(Protocol):
    """Hears how far it is."""

    def stage(self, words: str) -> None:
        """What is done now, where that is not the writing of rows."""

    def plan(self, rows: int) -> None:
        """So many rows are there to be written, in all tables."""

    def begin(self, table: str, rows: int) -> None:
        """A table begins, of so many rows."""

    def advance(self, rows: int) -> None:
        """So many rows more are written."""


class Silent:
    """Tells nobody."""

    def stage(self, words: str) -> None:
        """Pass over it."""

    def plan(self, rows: int) -> None:
        """Pass over it."""

    def begin(self, table: str, rows: int) -> None:
        """Pass over it."""

    def advance(self, rows: int) -> None:
        """Pass over it."""
