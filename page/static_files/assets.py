"""Chainlit's bundle and our public folder, compressed once and kept by browsers.

Chainlit compresses its 4.6 MB bundle anew for every download, which costs 0.44 s of a core, and
answers a browser that already holds it with the whole file again (CHAINLIT.md, section 5).
"""

import asyncio
import gzip
import hashlib
import mimetypes
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from data_layer.database.private import opener
from page.static_files.bundle import rewritten_bundle
from web.addresses import public_path
from web.compression import accepts_gzip

_log: Final = structlog.stdlib.get_logger(__name__)

# What gzip makes smaller; fonts and pictures are compressed already.
_COMPRESSIBLE: Final = frozenset(
    {".js", ".mjs", ".css", ".svg", ".json", ".html", ".map", ".jsx", ".txt", ".wasm"}
)
_SMALLEST: Final = 1024  # below one packet nothing is won
_LEVEL: Final = 9  # paid once
_IN_MEMORY: Final = 65_536  # more would wait in a slow visitor's send buffer, once for each of them
_TYPES: Final = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".jsx": "text/javascript",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".map": "application/json",
    ".wasm": "application/wasm",
}
# Chainlit's file names carry a hash of their content: a year, and no question in between.
FOREVER: Final = "public, max-age=31536000, immutable"
# Ours do only where own_files.py has named them: else a browser asks each time whether they changed.
_ASK: Final = "public, no-cache"
_NOT_FOUND: Final = "There is no such file.\n"


class _File(FileResponse):
    """Read in larger pieces: each is a hand-over to a thread, of which the bundle would need twenty."""

    chunk_size = 262_144


@dataclass(frozen=True)
class _Kept:
    """One file, ready to be sent."""

    plain: Path
    zipped: Path | None
    digest: str
    media_type: str
    # In memory where small: a page asks for dozens of them. None: read from the disk, piece by piece.
    plain_body: bytes | None
    zipped_body: bytes | None
    stamp: tuple[int, int]  # mtime in nanoseconds, size: when either changes, the file is prepared anew


class Folder:
    """A folder of files that are served as they are, or compressed once.

    Args:
        root: The folder.
        cache: Where the compressed copies are kept; made when the first is.
        cache_control: What browsers are told to do with the files.
        instead: Files of elsewhere that are served under a name of the folder.
    """

    def __init__(
        self, root: Path, cache: Path, cache_control: str, instead: Mapping[str, Path] | None = None
    ) -> None:
        self._root = root.resolve()
        self._cache = cache
        self._cache_control = cache_control
        self._instead = dict(instead or {})
        self._kept: dict[str, _Kept] = {}
        self._preparing = asyncio.Lock()

    async def answer(
        self, request: Request, name: str | None = None, cache_control: str | None = None
    ) -> Response:
        """Answer a request.

        Args:
            request: As it came.
            name: Of the file; the path parameter `name` when None.
            cache_control: What browsers are told this time; the folder's own when None.
        """
        kept = await self._find(request.path_params["name"] if name is None else name)
        if kept is None:
            return PlainTextResponse(_NOT_FOUND, 404)
        zipped = kept.zipped if accepts_gzip(request.headers.get("accept-encoding", "")) else None
        # Other bytes, another tag: a download that is resumed must not mix the two.
        etag = f'"{kept.digest}-gzip"' if zipped else f'"{kept.digest}"'
        headers = {
            "Cache-Control": cache_control or self._cache_control,
            "ETag": etag,
            "X-Content-Type-Options": "nosniff",
        }
        if kept.zipped:
            headers["Vary"] = "Accept-Encoding"
        if etag in _etags(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        if zipped:
            # Chainlit's GZipMiddleware leaves alone what already names its encoding.
            headers["Content-Encoding"] = "gzip"
        body = kept.zipped_body if zipped else kept.plain_body
        if body is not None:
            return Response(body, headers=headers, media_type=kept.media_type)
        return _File(zipped or kept.plain, headers=headers, media_type=kept.media_type)

    async def _find(self, name: str) -> _Kept | None:
        path = self._instead.get(name) or self._inside(name)
        if path is None:
            return None
        try:
            found = path.stat()
        except OSError:
            return None
        stamp = (found.st_mtime_ns, found.st_size)
        kept = self._kept.get(str(path))
        if kept is None or kept.stamp != stamp:
            # One at a time: ten visitors at a cold start cost one compression, not ten.
            async with self._preparing:
                kept = self._kept.get(str(path))
                if kept is None or kept.stamp != stamp:
                    kept = await asyncio.to_thread(self._prepare, path)
        return kept

    def _inside(self, name: str) -> Path | None:
        """The file of that name, or None when there is none or it lies elsewhere."""
        if "\x00" in name:
            return None
        try:
            path = (self._root / name).resolve()
            inside = path.is_relative_to(self._root) and path.is_file()
        except (OSError, ValueError):  # a name too long for the file system
            return None
        hidden = any(part.startswith(".") for part in path.parts[len(self._root.parts) :])
        return path if inside and not hidden else None

    def _prepare(self, path: Path) -> _Kept:
        content = path.read_bytes()
        found = path.stat()
        digest = hashlib.sha256(content).hexdigest()
        zipped = self._zip(path, content, digest)
        packed = zipped.read_bytes() if zipped else b""
        kept = _Kept(
            plain=path,
            zipped=zipped,
            plain_body=content if len(content) <= _IN_MEMORY else None,
            zipped_body=packed if zipped and len(packed) <= _IN_MEMORY else None,
            digest=digest[:32],
            media_type=_media_type(path),
            stamp=(found.st_mtime_ns, found.st_size),
        )
        self._kept[str(path)] = kept
        return kept

    def _zip(self, path: Path, content: bytes, digest: str) -> Path | None:
        if path.suffix not in _COMPRESSIBLE or len(content) < _SMALLEST:
            return None
        zipped = self._cache / f"{digest}.gz"
        if zipped.exists():
            return zipped
        try:
            self._cache.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Renamed when whole: another process, or a start after a crash, never sees half of it.
            unfinished = zipped.with_suffix(f".{os.getpid()}.part")
            with open(unfinished, "wb", opener=opener) as file:
                file.write(gzip.compress(content, _LEVEL, mtime=0))
            unfinished.replace(zipped)
        except OSError as error:  # a full or read-only disk costs compression, not the page
            _log.warning("assets.not_compressed", file=path.name, reason=str(error))
            return None
        return zipped


def asset_routes(folders: Iterable[tuple[str, Folder]]) -> list[BaseRoute]:
    """Make one route a folder.

    Args:
        folders: The address and what lies there, such as ("/assets", chainlit_assets(...)).

    Returns:
        Routes for the front of the app's list, before Chainlit's own for the same addresses.
    """
    return [Route(f"{address}/{{name:path}}", folder.answer, methods=["GET"]) for address, folder in folders]


def chainlit_assets(build_dir: Path, cache_dir: Path) -> Folder:
    """The bundle of Chainlit's page, whose file names change with their content.

    Args:
        build_dir: chainlit.server.build_dir.
        cache_dir: Such as `<data_dir>/cache`.

    Raises:
        StartError: It cannot be served below a public path.
    """
    assets = build_dir / "assets"
    instead = rewritten_bundle(assets, cache_dir / "bundle", public_path())
    return Folder(assets, cache_dir / "gzip", FOREVER, instead)


def public_files(public_dir: Path, cache_dir: Path) -> Folder:
    """Our own public folder, whose files may change under the same name."""
    return Folder(public_dir, cache_dir / "gzip", _ASK)


def _media_type(path: Path) -> str:
    guessed = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return guessed or "application/octet-stream"


def _etags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
