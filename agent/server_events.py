"""Server-sent events, as the HTML standard has them (section 9.2.6), from bytes in any pieces."""

import json
from collections.abc import Iterator
from typing import Any, Final

from agent.failures import Malformed

LONGEST_EVENT: Final = 16_000_000  # bytes without an end of line; a server that sends more is broken
_LONGEST_NUMBER: Final = 40  # digits of a whole number that is read as one
_MOST_STRAY: Final = 2_000
_FIELDS: Final = ("", "id", "retry")


class ServerEvents:
    """Takes a stream apart into the JSON values of its events.

    Attributes:
        done: [DONE] was said.
        stray: Lines that are none of a stream.
    """

    def __init__(self) -> None:
        self.done = False
        self.stray = ""
        self._buffer = bytearray()
        self._data: list[str] = []
        self._event = ""

    def feed(self, piece: bytes) -> Iterator[Any]:
        """Take a piece.

        Yields:
            The value of each event that is whole by now; an error, however it is sent, as {"error": ...}.

        Raises:
            ValueError: An event is not JSON, or has no end.
        """
        self._buffer += piece
        if len(self._buffer) > LONGEST_EVENT:
            raise Malformed("the server sent an event without an end")
        if b"\n" not in piece and b"\r" not in piece:
            return
        lines = bytes(self._buffer).splitlines(keepends=True)
        # A \r at the end may be half of a line's end.
        kept = b"" if lines[-1].endswith(b"\n") else lines.pop()
        self._buffer = bytearray(kept)
        for line in lines:
            yield from self._line(line.rstrip(b"\r\n"))

    def end(self) -> Iterator[Any]:
        """The stream is over; servers leave out the empty line after the last event.

        Yields:
            As feed.

        Raises:
            ValueError: As feed.
        """
        for line in (*bytes(self._buffer).splitlines(), b""):
            yield from self._line(line)

    def _line(self, line: bytes) -> Iterator[Any]:
        if self.done:
            return
        if not line:
            yield from self._dispatch()
            return
        text = line.decode("utf-8", "replace")
        name, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name not in _FIELDS:
            self.stray = f"{self.stray} {text}".strip()[:_MOST_STRAY]

    def _dispatch(self) -> Iterator[Any]:
        data, event = "\n".join(self._data), self._event
        self._data, self._event = [], ""
        if not data.strip():
            return
        if data.startswith("[DONE]"):
            self.done = True
        elif event == "error":
            yield _error(data)
        else:
            yield read_json(data)


def read_json(text: str) -> Any:
    """Read what a server sent.

    Raises:
        ValueError: It is not JSON.
    """
    try:
        return json.loads(text, parse_int=_whole_number)
    except RecursionError as error:
        raise Malformed("the server sent JSON that is nested too deep") from error


def _whole_number(digits: str) -> int | str:
    """Python refuses a number of thousands of digits, and with it all else that was said."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _error(data: str) -> Any:
    try:
        payload = read_json(data)
    except ValueError:
        payload = data
    return payload if isinstance(payload, dict) and payload.get("error") else {"error": payload}
