"""Small files of the six types, and of others, to be attached in tests."""

import struct
import zlib
from typing import Final


def png(width: int = 3, height: int = 2, *, colour: tuple[int, int, int] = (200, 60, 40)) -> bytes:
    """A picture of one colour."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes(colour) * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


def png_that_says(width: int, height: int) -> bytes:
    """A picture that is small on the disk and claims to be large."""
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def gif_that_says(width: int, height: int) -> bytes:
    """A picture that claims a size."""
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(20)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pdf(text: str = "A page about gardens.") -> bytes:
    """A document of one page with a line of text."""
    drawn = f"BT /F1 18 Tf 40 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


JPEG: Final = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"  # a segment before the frame
    + b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x20\x01\x01\x11\x00"
    + b"\xff\xd9"
)
GIF: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
WEBP: Final = (
    b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x07\xc0\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"
)
WEBP_LOSSY: Final = (
    b"RIFF\x1a\x00\x00\x00WEBPVP8 \x0d\x00\x00\x00\x30\x01\x00\x9d\x01\x2a\x08\x00\x08\x00\x00\x00"
)
WEBP_EXTENDED: Final = (
    b"RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00\x07\x00\x00\x07\x00\x00\x00\x00"
)
SVG: Final = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML: Final = b"<!DOCTYPE html><script>alert(1)</script>"
ZIP: Final = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x9f" * 40
EXE: Final = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"
ELF: Final = b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 8
POLYGLOT: Final = png() + HTML
# Five thousand segments that say nothing, and as many fill bytes, before what a picture begins with.
JPEG_OF_SEGMENTS = b"\xff\xd8" + b"\xff\xe0\x00\x02" * 5_000 + JPEG[2:]
JPEG_OF_FILL = b"\xff\xd8" + b"\xff" * 5_000 + JPEG[2:]
# 16,000 by 16,000; where its length stands are the letters that films and HEIC pictures begin with.
WEBP_NAMED_AS_FILM = b"RIFFftypWEBPVP8X\x0a\0\0\0\0\0\0\0" + (15_999).to_bytes(3, "little") * 2
