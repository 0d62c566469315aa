"""What is going on now, and since the start."""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from data_layer.record import Record
from data_layer.review.overview import Overview, overview
from research.doors import Doors, Visit
from research.figures import duration, plots, size, totals, within
from study.roles import Right

# On a million messages the figures take seconds to count; a page that is loaded anew need not count again.
REMEMBERED_FOR: Final = timedelta(seconds=30)


def routes(doors: Doors) -> list[BaseRoute]:
    """The room's first page."""
    page = _Overview(doors.room.record)
    return [doors.route("/", page.show, Right.OVERVIEW)]


class _Overview:
    def __init__(self, record: Record) -> None:
        self._record = record
        self._found: Overview | None = None
        self._counting = asyncio.Lock()

    async def show(self, visit: Visit) -> Response:
        found = await self._counted()
        disk = await asyncio.to_thread(_disk_of, self._record.data_dir)
        return visit.draw(
            "overview.html",
            found=found,
            people=found.participants,
            totals=totals(found),
            plots=plots(found),
            first_words=[duration(within(found, "ttft", share)) for share in (0.5, 0.95)],
            whole_reply=[duration(within(found, "latency", share)) for share in (0.5, 0.95)],
            health=self._record.writer.health,
            disk={"free": size(disk.free), "of": size(disk.total)},
            database_size=size(found.database_bytes),
            files_size=size(found.files["bytes"]),
            remembered=int(REMEMBERED_FOR.total_seconds()),
        )

    async def _counted(self) -> Overview:
        # Two who ask at once wait for one count.
        async with self._counting:
            now = self._record.now()
            # Nothing is remembered of an empty study: the first participant shows at once.
            found = self._found
            if found is None or not found.participants["entered"] or found.at <= now - REMEMBERED_FOR:
                found = self._found = await overview(self._record.database, now)
            return found


def _disk_of(folder: Path) -> Any:
    """How full the disk is that a folder lies on, or will once it is made."""
    return shutil.disk_usage(next(path for path in (folder, *folder.absolute().parents) if path.exists()))
