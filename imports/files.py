"""Files read piece by piece, whatever their size: lines of JSON, elements of a list, rows of a table."""

import codecs
import csv
import gzip
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from imports.foreign import SourceRequest
from study.errors import ImportFailed

_CHUNK: Final = 1 << 18
_SPACE: Final = " \t\r\n"
_DECODER: Final = json.JSONDecoder()
# A single value of a file is read whole: what is larger is no conversation.
_LARGEST: Final = 1 << 29
_MARK: Final = "\ufeff"
_UNREAD: Final = "\ufffd"
_REPLACED: Final = (
    "bytes that are no UTF-8",
    "each stands as �; save the file as UTF-8, and import it instead",
)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, as it lies there; of a folder, of what sha256sum says of its files.

    Raises:
        ImportFailed: It cannot be read.
    """
    try:
        if path.is_dir():
            parts = sorted(one for one in path.iterdir() if one.is_file())
            said = "".join(f"{digest_of(one)}  {one.name}\n" for one in parts)
            return hashlib.sha256(said.encode()).hexdigest()
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> ImportFailed:
    """What to say of a file that cannot be opened or read."""
    return ImportFailed(f"{path} cannot be read ({error.strerror or error}). Name a file that is there.")


@contextmanager
def opened(asked: SourceRequest, inside: str = "") -> Iterator[BinaryIO]:
    """A file's bytes, unpacked where it is packed (.gz, or a zip that holds the file).

    Args:
        asked: Names it.
        inside: What the file is called in a zip.

    Raises:
        ImportFailed: It cannot be read, or a zip holds no such file.
    """
    path = Path(asked.place)
    try:
        with path.open("rb") as raw:
            asked.far.total = path.stat().st_size
            kind = raw.read(4)
            raw.seek(0)
            asked.far.tell = raw.tell
            if kind[:2] == b"\x1f\x8b":
                yield cast("BinaryIO", gzip.GzipFile(fileobj=raw))
            elif kind == b"PK\x03\x04":
                yield from _in_zip(path, raw, inside)
            else:
                yield raw
    except zipfile.BadZipFile as error:
        raise ImportFailed(f"{path} is a broken zip. Download or pack it anew.") from error
    except (gzip.BadGzipFile, EOFError) as error:
        raise ImportFailed(f"{path} is a gzip file that breaks off. Download or pack it anew.") from error
    except OSError as error:
        raise unreadable(path, error) from error
    finally:
        asked.far.tell = None


def _in_zip(path: Path, raw: BinaryIO, inside: str) -> Iterator[BinaryIO]:
    with zipfile.ZipFile(raw) as packed:
        names = [name for name in packed.namelist() if inside and name.rsplit("/", 1)[-1] == inside]
        if not names:
            what = f"no {inside}" if inside else "nothing that is read from a zip"
            raise ImportFailed(f"{path} is a zip, and {what} is in it. Unpack it, and name the file.")
        with packed.open(names[0]) as file:
            yield cast("BinaryIO", file)


def json_lines(asked: SourceRequest) -> Iterator[tuple[int, Any]]:
    """The objects of a file with one a line, each with its line; a broken line is told, and passed over.

    Raises:
        ImportFailed: The file cannot be read.
    """
    with opened(asked) as file:
        for number, line in enumerate(file, 1):
            text = line.decode("utf-8", "replace").removeprefix(_MARK).strip()
            if _loses(line, text):
                asked.told.note(number, *_REPLACED)
            if not text:
                continue
            try:
                yield number, json.loads(text)
            except (ValueError, RecursionError) as error:
                said = getattr(error, "msg", type(error).__name__)
                asked.told.left_out(number, f"a line that is no JSON ({said})", "mend it and import again")


def _loses(data: bytes, text: str) -> bool:
    """Whether bytes are no UTF-8, and stand as � where they were read."""
    return _UNREAD in text and _UNREAD.encode() not in data


def is_array(asked: SourceRequest, inside: str = "") -> bool:
    """Whether a file of JSON begins with a list."""
    return _first_sign(asked, inside) == "["


def _first_sign(asked: SourceRequest, inside: str) -> str:
    with opened(asked, inside) as file:
        begun = file.read(_CHUNK).decode("utf-8", "replace").lstrip(_MARK + _SPACE)
    return begun[:1]


def json_rows(asked: SourceRequest, inside: str = "") -> Iterator[tuple[int, Any]]:
    """The elements of a file: of a list, or one a line; each with its place, from 1.

    Raises:
        ImportFailed: The file cannot be read.
    """
    if is_array(asked, inside):
        with opened(asked, inside) as file:
            text = JsonText(file, asked)
            yield from enumerate(text.elements(), 1)
        return
    yield from json_lines(asked)


class JsonText:
    """JSON read value by value: of a list, or of the members of an object.

    Args:
        file: Its bytes.
        asked: Is told where it breaks.
    """

    def __init__(self, file: BinaryIO, asked: SourceRequest) -> None:
        self._file = file
        self._asked = asked
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._text = ""
        self._at = 0
        self._ended = False
        self._lost = False
        if self._sign() == _MARK:
            self._at += 1

    def elements(self) -> Iterator[Any]:
        """The elements of a list; where it breaks off, that is told, and what came before is there."""
        self._take("[")
        number = 0
        while (sign := self._sign()) not in ("]", ""):
            if sign == ",":
                self._at += 1
                continue
            number += 1
            try:
                yield self._value()
            except ValueError as error:
                self._broken(number, error)
                return
        if not sign:
            self._broken(number + 1, ValueError("the list has no end"))
        self._at += 1

    def members(self) -> Iterator[str]:
        """The names of an object's members; behind each its value must be read, or passed over."""
        self._take("{")
        while (sign := self._sign()) not in ("}", ""):
            if sign == ",":
                self._at += 1
                continue
            name = self._value()
            self._take(":")
            yield str(name)

    def value(self) -> Any:
        """The value that comes next, whole."""
        try:
            return self._value()
        except ValueError as error:
            self._broken(0, error)
            return None

    def begins_list(self) -> bool:
        """Whether what comes next is a list."""
        return self._sign() == "["

    def _broken(self, number: int, error: ValueError) -> None:
        said = getattr(error, "msg", str(error))
        self._asked.told.left_out(
            number, f"the file is broken from here on ({said})", "get a whole file, and import again"
        )
        self._ended, self._text, self._at = True, "", 0

    def _sign(self) -> str:
        """The next sign that is no space; "" at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more(_CHUNK):
                return ""

    def _take(self, sign: str) -> None:
        if self._sign() != sign:
            raise ImportFailed(
                f"{self._asked.place} is no file of this kind: {sign} should stand where it does not. "
                "Name another source, or another file."
            )
        self._at += 1

    def _more(self, size: int) -> bool:
        data = b"" if self._ended else self._file.read(size)
        self._ended = not data
        text = self._decode(data, self._ended)
        if not self._lost and _loses(data, text):
            self._lost = True
            self._asked.told.note(0, *_REPLACED)
        self._text, self._at = self._text[self._at :] + text, 0
        return bool(data)

    def _value(self) -> Any:
        """Twice as much is read each time that a value is not whole yet, so that none is read often."""
        self._sign()
        size = _CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or len(self._text) > _LARGEST or not self._more(size):
                    raise ValueError(getattr(error, "msg", "it is too deep")) from error
                size *= 2
                continue
            # A number at the end of what was read may go on.
            if end == len(self._text) and not self._ended and self._more(size):
                continue
            self._at = end
            return value


def csv_rows(asked: SourceRequest) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a CSV file with a header, each with its line.

    Raises:
        ImportFailed: It cannot be read.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with opened(asked) as file:
        lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        read = csv.DictReader(lines)
        before = 1
        try:
            for row in read:
                line, before = before + 1, read.line_num
                if None in row or None in row.values():
                    asked.told.left_out(
                        line, "a row with more or fewer cells than the header", "mend it and import again"
                    )
                    continue
                if any(_UNREAD in cell for cell in row.values()):
                    asked.told.note(line, *_REPLACED)
                yield line, row
        except csv.Error as error:
            asked.told.left_out(
                before + 1, f"the file is broken from here on ({error})", "mend it and import again"
            )
