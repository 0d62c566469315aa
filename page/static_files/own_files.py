"""Our own scripts, sheets and fonts: kept by browsers for good, and asked for anew when one has changed.

Their addresses carry a digest of the whole public folder: /public/at-<digest>/page/theme.js. What a
module imports and what a sheet names is relative to it, and so carries the same digest, without a build.
"""

import gzip
import hashlib
import html
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from page.static_files.assets import FOREVER, Folder
from web.addresses import below_path, public_path
from web.compression import accepts_gzip

# Seconds between two looks at the folder: who changes a sheet sees it at the next load.
LOOK_EVERY_S: Final = 1.0

# All sheets of page/ in one: a dozen requests fewer.
SHEET: Final = "page.css"

_NAMED: Final = re.compile(r"at-[0-9a-f]{16}/")


class OwnFiles:
    """The public folder under addresses that change with it.

    Args:
        public: The folder.
        clock: Counts seconds.
    """

    def __init__(self, public: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._public = public
        self._clock = clock
        self._looked_at = float("-inf")
        self._stamps: tuple[tuple[str, int, int], ...] = ()
        self._digest = ""
        self._page: tuple[str, ...] = ()
        self._sheet = b""

    @property
    def digest(self) -> str:
        """Of all files but those for who reads the project (.md), by name and content."""
        if self._clock() - self._looked_at >= LOOK_EVERY_S:
            self._look()
        return self._digest

    def addressed(self, page: str) -> str:
        """Give every address of ours in a page the digest.

        Args:
            page: HTML that names files as "/public/...", below the public path where there is one.
        """
        ours = re.compile(rf"""(?<=["']){re.escape(public_path())}/public/(?!at-)""")
        return ours.sub(self._start(), page)

    def head(self) -> str:
        """Name our own sheet and modules for the head: asked for at once, not one after another."""
        start = self._start()
        modules = [name for name in self._page if name.endswith(".js")]
        lines = [f'<link rel="modulepreload" href="{html.escape(start + name)}">' for name in modules]
        return "".join([f'<link rel="stylesheet" href="{start}{SHEET}">', *lines])

    def _start(self) -> str:
        return below_path(f"/public/at-{self.digest}/")

    def routes(self, served: Folder) -> list[BaseRoute]:
        """Make the route of the folder, with and without a digest in the address.

        Args:
            served: The same folder, as assets.py serves it.
        """

        async def answer(request: Request) -> Response:
            name = request.path_params["name"]
            named = _NAMED.match(name)
            if named is None:
                return await served.answer(request)
            # A page from before a change names files that are no longer what it thinks: it gets those
            # of now, and keeps none of them under the old address.
            kept = named[0] == f"at-{self.digest}/"
            rest = name[named.end() :]
            if rest == SHEET:
                return self._sheet_for(request, FOREVER if kept else "no-cache")
            return await served.answer(request, rest, FOREVER if kept else None)

        return [Route("/public/{name:path}", answer, methods=["GET"], name="public")]

    def _sheet_for(self, request: Request, cache_control: str) -> Response:
        headers = {
            "Cache-Control": cache_control,
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        if accepts_gzip(request.headers.get("accept-encoding", "")):
            headers["Content-Encoding"] = "gzip"
            return Response(self._sheet, headers=headers, media_type="text/css")
        return Response(gzip.decompress(self._sheet), headers=headers, media_type="text/css")

    def _look(self) -> None:
        self._looked_at = self._clock()
        try:
            found = {
                path.relative_to(self._public).as_posix(): path
                for path in sorted(self._public.rglob("*"))
                if path.suffix != ".md" and path.is_file()
            }
            stats = [(name, path.stat()) for name, path in found.items()]
            stamps = tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
            if stamps == self._stamps:
                return
            page = _page_files(found)
            sheet = b"\n".join(found[name].read_bytes() for name in page if name.endswith(".css"))
            whole = hashlib.sha256()
            for name, path in found.items():
                whole.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        except OSError:  # a file that is being replaced: the next look sees it whole
            if self._digest:
                return
            raise
        self._stamps, self._digest = stamps, whole.hexdigest()[:16]
        self._page, self._sheet = page, gzip.compress(sheet, mtime=0)


def _page_files(names: Iterable[str]) -> tuple[str, ...]:
    """Those of page/, base/ first: what the others build on."""
    ours = (name for name in names if name.startswith("page/") and name.endswith((".css", ".js")))
    return tuple(sorted(ours, key=lambda name: (not name.startswith("page/base/"), name)))
