"""The words of a PDF, read by a process of its own: `python -m agent.pdf_text FILE`.

A PDF is a program of sorts, and one from a stranger may be made to fill memory or to run for hours. The
process that reads it may take little of both, and is ended when it takes more.
"""

import asyncio
import resource
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Final

import structlog

from study.text import beginning

log = structlog.get_logger(__name__)

LONGEST: Final = 200_000  # characters that are read; an agent gets fewer (parts.py)
_MEMORY_BYTES: Final = 1_000_000_000
_CPU_S: Final = 15
_PATIENCE_S: Final = 60
_REMEMBERED: Final = 64
_ROOT: Final = Path(__file__).resolve().parents[1]
# At once: each takes a core.
_AT_ONCE: Final = asyncio.Semaphore(2)
_known: OrderedDict[str, str | None] = OrderedDict()


async def text_of_pdf(path: Path, sha256: str) -> str | None:
    """Read a PDF's words.

    Args:
        path: Where it lies, from the root on.
        sha256: Of its content: what was read once is remembered for a while.

    Returns:
        Them, up to LONGEST characters; None when there are none, as in a scan, or they cannot be read.
    """
    if sha256 in _known:
        _known.move_to_end(sha256)
        return _known[sha256]
    async with _AT_ONCE:
        text = await _ask(path)
    _known[sha256] = text
    while len(_known) > _REMEMBERED:
        _known.popitem(last=False)
    return text


async def _ask(path: Path) -> str | None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "agent.pdf_text",
        str(path),
        cwd=_ROOT,
        env={},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_PATIENCE_S):
            said, _ = await process.communicate()
    except TimeoutError:
        said = b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        log.info("pdf_not_read", returncode=process.returncode)
        return None
    return said.decode("utf-8", "replace").strip() or None


def _read(path: Path) -> str:
    # Imported here, where a stranger's file is read, and nowhere near the server.
    from pypdf import PdfReader

    pages: list[str] = []
    room = LONGEST
    for page in PdfReader(path).pages:
        pages.append(beginning(page.extract_text(), room))
        room -= len(pages[-1]) + 2
        if room <= 0:
            break
    return "\n\n".join(pages)


def main() -> None:
    """Read the file that is named and write its words to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        text = _read(Path(sys.argv[1]))
    except Exception:  # Whatever a stranger's file does to the reader: there is no text.
        sys.exit(1)
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))


if __name__ == "__main__":
    main()
