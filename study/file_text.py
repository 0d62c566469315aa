"""Text of files that people hand over, as their editors save it.

Notepad and Excel put a byte order mark before it, or save it as UTF-16, and end lines with two characters.
Whoever reads such a file reads it here, so that all of them take the same.
"""

import codecs
from pathlib import Path
from typing import Final

# What stands before a text that a shell or an editor hands over by standard input.
MARK: Final = "\ufeff"

# UTF-32's mark for small ends first begins with UTF-16's.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def text_of(content: bytes) -> str:
    r"""The text of a file.

    Args:
        content: Its bytes: UTF-8, or what a byte order mark says.

    Returns:
        The text without the mark, its lines ended by "\n".

    Raises:
        UnicodeDecodeError: It is not text.
    """
    mark, encoding = next(((mark, name) for mark, name in _MARKS if content.startswith(mark)), (b"", "utf-8"))
    return content[len(mark) :].decode(encoding).replace("\r\n", "\n")


def read_text(path: Path) -> str:
    """Read a file that a person may have written.

    Args:
        path: Of the file.

    Raises:
        OSError: It cannot be read.
        UnicodeDecodeError: It is not text.
    """
    return text_of(path.read_bytes())
