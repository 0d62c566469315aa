"""What every process of ours does before all else: files for this account alone, no secret in what it says.

Entry points call it; tests/house/test_privacy.py holds them to it.
"""

import logging
import os
import sys
from collections.abc import Iterable
from typing import Any, Final, TextIO, cast

from study.masking import masked

# Also what libraries and children make: SQLite's logs, pg_dump's file, Chainlit's folders.
_UMASK: Final = 0o077


def keep_private() -> None:
    """Close what this process will make to other accounts, and keep secrets out of its messages."""
    os.umask(_UMASK)
    logging.setLogRecordFactory(MaskedRecord)
    # Tracebacks, warnings and what libraries print. Not standard output: that is somebody's data.
    if not isinstance(sys.stderr, MaskedStream):
        sys.stderr = cast(TextIO, MaskedStream(sys.stderr))


class MaskedRecord(logging.LogRecord):
    """A log entry of whatever library, without secrets in its message or in its traceback."""

    def getMessage(self) -> str:  # logging's name
        """The message with its arguments."""
        return masked(super().getMessage())

    def __setattr__(self, name: str, value: Any) -> None:
        # Where logging.Formatter keeps a traceback once it has written it out.
        super().__setattr__(name, masked(value) if name == "exc_text" and value else value)


class MaskedStream:
    """A stream that is written to in whole sentences, as standard error is, without secrets in them.

    Args:
        stream: Where they go.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, masked."""
        self._stream.write(masked(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write lines, masked."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
