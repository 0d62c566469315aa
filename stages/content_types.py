"""What a file is, by its content: never by its name, nor by what its sender calls it.

Six types are known. Sizes of pictures are read from their headers; no picture is decoded here.
"""

import codecs
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from study.participation import AttachmentKind

# A picture of this many takes 256 MB in the browser that draws it; cameras make up to 50 million.
MOST_PIXELS: Final = 64_000_000

# What a browser, asked to guess, takes for a page (WHATWG MIME Sniffing, 7.1), and XML, which SVG is.
_MARKUP: Final = re.compile(
    rb"\s*<(?:!doctype|!--|\?xml|\?php|(?:html|head|body|script|iframe|svg|math|style|title|table|font|object"
    rb"|embed|link|meta|img|div|h1|br|a|b|p)[\s/>])",
    re.IGNORECASE,
)
# Names that claim to be something; a text may bear any other.
_CLAIMS: Final = {
    AttachmentKind.IMAGE: frozenset({"png", "jpg", "jpeg", "jpe", "jfif", "gif", "webp"}),
    AttachmentKind.PDF: frozenset({"pdf"}),
    None: frozenset(
        [
            "svg",
            "svgz",
            "html",
            "htm",
            "xhtml",
            "xht",
            "shtml",
            "mht",
            "mhtml",
            "xml",
            "xsl",
            "exe",
            "dll",
            "com",
            "scr",
            "msi",
            "bat",
            "cmd",
            "ps1",
            "vbs",
            "jar",
            "apk",
            "app",
            "dmg",
            "sh",
            "zip",
            "gz",
            "tgz",
            "bz2",
            "xz",
            "7z",
            "rar",
            "tar",
            "iso",
            "doc",
            "docx",
            "docm",
            "xls",
            "xlsx",
            "xlsm",
            "ppt",
            "pptx",
            "pptm",
            "odt",
            "ods",
            "odp",
            "rtf",
            "heic",
            "heif",
            "avif",
            "bmp",
            "tif",
            "tiff",
            "ico",
            "psd",
            "mp3",
            "mp4",
            "mov",
            "avi",
            "wav",
            "ogg",
            "webm",
        ]
    ),
}
_CHUNK: Final = 65_536
_HEAD: Final = 32
# A profile of 16 MB takes 256 segments; twenty megabytes of the shortest would take seconds of a core.
_MOST_SEGMENTS: Final = 4_096


@dataclass(frozen=True)
class Content:
    """What a file holds.

    Args:
        kind: One of the kinds that a study file can allow.
        mime: Its media type.
        pixels: Of a picture.
    """

    kind: AttachmentKind
    mime: str
    pixels: int = 0


def recognise(path: Path, name: str) -> Content | None:
    """Say what a file is.

    Args:
        path: Where it lies.
        name: What it is called; a name that claims another kind makes it none of ours.

    Returns:
        None when it is none of the six types, is damaged, or is not what its name says.
    """
    with path.open("rb") as file:
        found = _picture(file) or _document(file)
    return found if found is not None and _fits(name, found.kind) else None


def _fits(name: str, kind: AttachmentKind) -> bool:
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return all(claimed == kind or ending not in endings for claimed, endings in _CLAIMS.items())


def _picture(file: BinaryIO) -> Content | None:
    head = file.read(_HEAD)
    for signature, mime, measure in _PICTURES:
        if signature.match(head):
            try:
                width, height = measure(head, file)
            except (struct.error, ValueError):
                return None
            return Content(AttachmentKind.IMAGE, mime, width * height) if width and height else None
    return None


def _png(head: bytes, _file: BinaryIO) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", head, 16)
    return width, height


def _gif(head: bytes, _file: BinaryIO) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", head, 6)
    return width, height


def _jpeg(_head: bytes, file: BinaryIO) -> tuple[int, int]:
    """The size stands in the frame's header (ITU T.81, B.2.2), behind any number of other segments."""
    file.seek(2)
    for _ in range(_MOST_SEGMENTS):
        marker = file.read(2)
        if len(marker) < 2 or marker[0] != 0xFF:
            raise ValueError("a segment of the JPEG lacks its marker")
        if marker[1] == 0xFF:  # fill bytes before a marker
            file.seek(-1, 1)
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if 0xC0 <= marker[1] <= 0xCF and marker[1] not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">xHH", file.read(5))
            return width, height
        if marker[1] in (0xD9, 0xDA) or length < 2:
            raise ValueError("the JPEG has no frame")
        file.seek(length - 2, 1)
    raise ValueError("the JPEG has too many segments before its frame")


def _webp(head: bytes, _file: BinaryIO) -> tuple[int, int]:
    match head[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", head, 21)
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", head, 26)
            return width & 0x3FFF, height & 0x3FFF
    raise ValueError("the WebP has no picture")


_PICTURES: Final[tuple[tuple[re.Pattern[bytes], str, Callable[[bytes, BinaryIO], tuple[int, int]]], ...]] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n....IHDR", re.DOTALL), "image/png", _png),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", _jpeg),
    (re.compile(rb"GIF8[79]a"), "image/gif", _gif),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp", _webp),
)


def _document(file: BinaryIO) -> Content | None:
    file.seek(0)
    first = file.read(1024)
    file.seek(0)
    if re.match(rb"%PDF-\d\.\d", first):
        return Content(AttachmentKind.PDF, "application/pdf")
    bare = first.removeprefix(codecs.BOM_UTF8)
    if not bare or _MARKUP.match(bare) or bare.startswith(b"#!"):
        return None
    return Content(AttachmentKind.TEXT, "text/plain") if _is_text(file) else None


def _is_text(file: BinaryIO) -> bool:
    """UTF-8 from end to end, and nothing in it that no text holds."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            if _UNTEXTUAL.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


# Control characters without a meaning in a text; what a terminal's log may hold (escape, backspace) stays.
_UNTEXTUAL: Final = re.compile("[\x00-\x06\x0e-\x1a\x1c-\x1f]")
