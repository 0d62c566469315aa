"""Where log lines go: a disk that is full stops the log, and nothing of what is being logged."""

from contextlib import suppress
from typing import TextIO


class LogLines:
    """A stream for log lines. What it does not take is lost, and whoever logs goes on.

    The log often lies on the disk whose end it reports; an error there would end what reports it in its
    middle, such as the writer (data_layer/writing/writer.py).

    Args:
        stream: Where to, such as stderr.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, if the stream takes it."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand on what is held, if the stream takes it; what it does not, it is offered again later."""
        with suppress(OSError):
            self._stream.flush()
