"""Whether a text in Markdown is inside a code fence, told character by character."""

from typing import Final

# CommonMark 0.31, section 4.5: three characters at least, indented by three spaces at most.
_SHORTEST: Final = 3
_DEEPEST: Final = 3


class CodeFences:
    """Follows a text.

    Attributes:
        is_open: Whether the text so far ends inside a fence.
    """

    def __init__(self) -> None:
        self._open = ""  # the run that opened the fence
        self._line: str | None = ""  # a line's beginning, while it may be a fence's

    @property
    def is_open(self) -> bool:
        """Whether the text so far ends inside a fence."""
        return bool(self._open)

    def see(self, character: str) -> None:
        """Take the next character."""
        if self._line is not None:
            run = self._line.lstrip(" ")
            indents = character == " " and not run and len(self._line) < _DEEPEST
            if indents or (character in "`~" and run in ("", character * len(run))):
                self._line += character
                return
            if len(run) >= _SHORTEST:
                self._fence(run)
        self._line = "" if character == "\n" else None

    def _fence(self, run: str) -> None:
        if not self._open:
            self._open = run
        elif run.startswith(self._open):
            self._open = ""
