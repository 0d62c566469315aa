"""Exports that are made while the server runs: each runs `python -m exports` in a process of its own.

So it is the same code as an operator's, it holds up nobody's reply (an export keeps a core busy for
seconds), and pandas stays out of the server.
"""

import asyncio
import contextlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from data_layer.database.rows import Row
from data_layer.record import Record
from study.errors import ExportError
from study.vocabulary import ExportState
from web.exporting.process import Ended, arguments_of, run
from web.exporting.zip_file import MANIFEST, name_of, pack

log = structlog.get_logger(__name__)

# Two would read the same disk at the same time, and each take twice as long.
_AT_ONCE: Final = 1
# Previews and proofs are somebody's who waits for them.
_LOOKS_AT_ONCE: Final = 2
# How often an export says that it is alive: governance/exports_made.py waits for twenty times as long.
_BEAT_S: Final = 2.0
# Seconds that a replica is given to have what an export must hold; then the database is read.
_CATCH_UP_S: Final = 5.0
PACKING: Final = "packing"
# One of the two that lie in an export (exports/loaders).
LOADER: Final = "load.py"
# What the tables are changes with the code alone, so that it is asked once in a process.
_TABLES: Final[list[Row]] = []
_LOST: Final = "What made it was ended in the middle: the server was started anew, perhaps. Make it again."


@dataclass
class RunningExport:
    """How far an export is.

    Args:
        table: Which table is written; PACKING at the end, "" before the first one.
        done: Rows so far, of all tables; bytes while it is packed.
        of: Of how many.
        stage: What is done now, where that is not the writing of rows or packing; "" for these.
        task: What makes it, in this process.
    """

    table: str = ""
    done: int = 0
    of: int = 0
    stage: str = ""
    task: "asyncio.Task[None] | None" = field(default=None, repr=False)

    def progress(self) -> Row:
        """As it is kept, for other processes to show."""
        return {"table": self.table, "done": self.done, "of": self.of} | (
            {"stage": self.stage} if self.stage else {}
        )


class Exporting:
    """Makes exports, one at a time, below the data folder.

    Args:
        record: Whose list of exports is kept.
        study_id: Of the study, for the names of the files.
        data_dir: Where they are kept; the record's own folder if left out.
    """

    def __init__(self, record: Record, study_id: str, data_dir: Path | None = None) -> None:
        self._record = record
        self._study_id = study_id
        self._folder = (data_dir or record.data_dir) / "exports"
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._looks = asyncio.Semaphore(_LOOKS_AT_ONCE)
        self._beginning = asyncio.Lock()
        self.running: dict[str, RunningExport] = {}
        self.verifying: dict[str, RunningExport] = {}

    async def begin(
        self, researcher_id: str | None, name: str, options: Row, export_id: str | None = None
    ) -> str:
        """Begin one.

        Args:
            researcher_id: Of whoever asks; None for a command of an operator's.
            name: Likewise.
            options: Of the command, as `arguments_of` reads them.
            export_id: Its id, where who asks has one; nothing is made twice under it.

        Returns:
            Its id.
        """
        made, asked = self._record.exports_made, (researcher_id, name, options)
        if export_id is None:
            export_id = await made.begin(*asked)
        else:
            async with self._beginning:
                if not await made.begin_as(export_id, *asked):
                    return export_id
        running = self.running[export_id] = RunningExport()
        running.task = asyncio.create_task(self._run(export_id, options, running), name="export")
        return export_id

    async def made(self) -> list[Row]:
        """The exports, those that another process makes too; one that nobody makes any more has failed."""
        return [await self._as_it_is(row) for row in await self._record.exports_made.all()]

    async def one(self, export_id: str) -> Row | None:
        """One of them; None when there is none."""
        row = await self._record.exports_made.one(export_id)
        return None if row is None else await self._as_it_is(row)

    async def _as_it_is(self, row: Row) -> Row:
        row["name_of_folder"] = name_of(self._study_id, row)
        if row["export_id"] in self.running:
            row["progress"] = self.running[row["export_id"]].progress()
        elif self._record.exports_made.is_lost(row):
            await self._record.exports_made.failed(row["export_id"], _LOST)
            await asyncio.to_thread(self._remove, row["export_id"])
            row |= {"state": ExportState.FAILED.value, "problem": _LOST}
        return row

    async def finished(self, export_id: str) -> Row | None:
        """Wait for one that this process makes.

        Returns:
            What is kept of it.
        """
        running = self.running.get(export_id)
        if running is not None and running.task is not None:
            await asyncio.wait([running.task])
        return await self._record.exports_made.one(export_id)

    async def tables(self) -> list[Row]:
        """What the tables of an export are: name, description, and whether they say who participants are."""
        if not _TABLES:
            _TABLES[:] = json.loads((await self._look("tables", "--json")).gave)
        return _TABLES

    async def preview(self, options: Row, show: str, limit_s: float) -> dict[str, Any]:
        """How much an export would hold, and its first rows.

        Args:
            options: As of `begin`.
            show: The table that is looked into.
            limit_s: How long it may count; what is not counted by then is not told.

        Returns:
            `threads` and `shown` as exports/preview.py has them; `tables`, the rows of each by its name, None
            where they were not counted.

        Raises:
            ExportError: It could not be made; in the command's own words.
            TimeoutError: There was not even time for a look.
        """
        words = ("preview", f"--show={show}", "--database=-", *arguments_of(options))
        seen: dict[str, Any] = {}

        def hear(line: str) -> None:
            told = json.loads(line)
            if "shown" in told:
                seen.update(told | {"tables": dict.fromkeys(told["tables"])})
            else:
                seen["tables"][told["name"]] = told["rows"]

        try:
            async with asyncio.timeout(limit_s):
                await self._look(*words, given=await self._given(options), hear=hear)
        except TimeoutError:
            if not seen:
                raise
        return seen

    def zip_of(self, export_id: str) -> Path | None:
        """The file of an export; None when it is not there."""
        path = self._folder / f"{export_id}.zip"
        return path if path.is_file() else None

    def folder_of(self, export_id: str) -> Path:
        """The folder of an export, as `python -m exports` has made it."""
        return self._folder / export_id

    def manifest_of(self, export_id: str) -> bytes | None:
        """The manifest of an export, as it stands in it; None when it is not there."""
        path = self.folder_of(export_id) / MANIFEST
        return path.read_bytes() if path.is_file() else None

    def has_loaders(self, row: Row) -> bool:
        """Whether the files of an export are there, with what loads them; earlier ones have none."""
        return (
            row["state"] == ExportState.DONE.value and (self.folder_of(row["export_id"]) / LOADER).is_file()
        )

    async def verify(self, export_id: str) -> Ended:
        """Prove one against the database.

        Returns:
            How it ended: what it `gave` is one line of JSON, or nothing.
        """
        words = ("verify", str(self.folder_of(export_id)), "--database=-", "--progress-lines")
        lines = [""]
        running = self.verifying[export_id] = RunningExport()
        try:
            async with self._looks:
                ended = await run(words, await self._given({}), lambda line: _heard(running, lines, line))
        finally:
            if self.verifying.get(export_id) is running:
                del self.verifying[export_id]
        return Ended(ended.code, self._told(ended.said), lines[0])

    async def stop(self, export_id: str, name: str) -> None:
        """Stop one that is being made, here or in another process, which hears of it at its next beat.

        Args:
            export_id: Which.
            name: Of whoever stops it.
        """
        await self._record.exports_made.failed(
            export_id, f"{name} stopped it. The form below makes it again."
        )
        running = self.running.get(export_id)
        if running is not None and running.task is not None:
            running.task.cancel()

    async def delete(self, export_id: str) -> None:
        """Delete the files of one; the line of who made it stays."""
        await self._record.exports_made.deleted(export_id)
        await asyncio.to_thread(self._remove, export_id)

    async def _run(self, export_id: str, options: Row, running: RunningExport) -> None:
        making = asyncio.create_task(self._in_turn(export_id, options, running), name="export making")
        beating = asyncio.create_task(self._beat(export_id, running, making), name="export beat")
        try:
            await making
        except asyncio.CancelledError:
            # Of `making`, by the beat: it was stopped in another process. Of this task: in this one.
            making.cancel()
            await asyncio.wait([making])
            await asyncio.to_thread(self._remove, export_id)
        except OSError as error:
            log.error("export_failed", error=str(error))
            await self._record.exports_made.failed(export_id, _disk(error))
        finally:
            beating.cancel()
            self.running.pop(export_id, None)

    async def _in_turn(self, export_id: str, options: Row, running: RunningExport) -> None:
        async with self._turn:
            await self._make(export_id, options, running)

    async def _beat(self, export_id: str, running: RunningExport, making: "asyncio.Task[None]") -> None:
        while True:
            # While the database is away nobody can have stopped it.
            with contextlib.suppress(SQLAlchemyError):
                if not await self._record.exports_made.beat(export_id, running.progress()):
                    making.cancel()
                    return
            await asyncio.sleep(_BEAT_S)

    async def _make(self, export_id: str, options: Row, running: RunningExport) -> None:
        folder = self.folder_of(export_id)
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        words = ("make", str(folder), "--progress-lines", "--database=-", *arguments_of(options))
        given = await self._given(options)
        ended = await run(words, given, lambda line: _hear(running, line))
        if ended.code != 0 and given[0] != self._record.database.url:
            # A replica breaks off what reads for long, for rows that the database has cleared away.
            log.warning("export_made_anew", why="the replica did not let it end")
            given[0] = self._record.database.url
            ended = await run(words, given, lambda line: _hear(running, line))
        if ended.code != 0:
            problem = self._told(ended.said) or "It ended without a word. Make it again."
            await self._record.exports_made.failed(export_id, problem)
            return
        row = await self._record.exports_made.one(export_id)
        assert row is not None
        name, target = name_of(self._study_id, row), self._folder / f"{export_id}.zip"

        def told(done: int, of: int) -> None:
            running.stage, running.table, running.done, running.of = "", PACKING, done, of

        figures = await asyncio.to_thread(pack, folder, target, name, told)
        await self._record.exports_made.done(export_id, **figures)

    async def _given(self, options: Row) -> list[str]:
        """What the command is told: where the database is, or its replica once that has all there is now."""
        replica = self._record.replica
        near = replica is not None and await replica.wait(_CATCH_UP_S)
        url = replica.copy.url if replica is not None and near else self._record.database.url
        return [url, *options.get("threads", ())]

    async def _look(
        self, *words: str, given: Sequence[str] = (), hear: Callable[[str], None] | None = None
    ) -> Ended:
        async with self._looks:
            ended = await run(words, given, hear)
        if ended.code != 0:
            raise ExportError(self._told(ended.said) or "It ended without a word. Try again.")
        return ended

    def _told(self, said: str) -> str:
        """What the command said, without where on this machine it said it of."""
        return said.replace(f"{self._folder}/", "")

    def _remove(self, export_id: str) -> None:
        for suffix in (".zip", ".part"):
            (self._folder / f"{export_id}{suffix}").unlink(missing_ok=True)
        # What a killed command was writing lies beside its place, hidden (exports/folder.py).
        for folder in (self.folder_of(export_id), *self._folder.glob(f".{export_id}.part-*")):
            shutil.rmtree(folder, ignore_errors=True)


def _disk(error: OSError) -> str:
    return f"The disk refused it ({error.strerror or error}). Free some space, and make it again."


def _heard(running: RunningExport, lines: list[str], line: str) -> None:
    """How far a verification is; its last line says what was found."""
    if line.startswith("{"):
        lines[0] = line
    else:
        _hear(running, line)


def _hear(running: RunningExport, line: str) -> None:
    words = line.split()
    if words[:1] == ["="]:
        running.stage = " ".join(words[1:])
    elif len(words) == 3 and words[1].isdigit() and words[2].isdigit():
        running.stage, running.table = "", words[0]
        running.done, running.of = int(words[1]), int(words[2])
