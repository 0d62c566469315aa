"""Exports that are made in the room: each runs `python -m exports` in a process of its own.

So it is the same code as an operator's, it holds up nobody's reply (an export keeps a core busy for
seconds), and pandas stays out of the server.
"""

import asyncio
import hashlib
import json
import shutil
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from data_layer.record import Record
from data_layer.writes import Row
from study.vocabulary import ExportState

log = structlog.get_logger(__name__)

ROOT: Final = Path(__file__).resolve().parents[1]
# Two would read the same disk at the same time, and each take twice as long.
_AT_ONCE: Final = 1
_READ_AT_ONCE: Final = 1_048_576
_AFTER_RESTART: Final = "The server was started anew in the middle of it. Make it again."


@dataclass
class Running:
    """How far an export is."""

    table: str = ""
    done: int = 0
    of: int = 0
    task: "asyncio.Task[None] | None" = field(default=None, repr=False)


class Exporting:
    """Makes exports, one at a time, below the data folder.

    Args:
        record: Whose list of exports is kept.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._folder = record.data_dir / "exports"
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self.running: dict[str, Running] = {}

    async def begin(self, researcher_id: str, name: str, options: Row) -> str:
        """Begin one.

        Args:
            researcher_id: Of whoever asks.
            name: Likewise.
            options: Of the command, as `arguments_of` reads them.

        Returns:
            Its id.
        """
        export_id = await self._record.exports_made.begin(researcher_id, name, options)
        running = self.running[export_id] = Running()
        running.task = asyncio.create_task(self._run(export_id, options, running), name="export")
        return export_id

    async def list(self) -> list[Row]:
        """The exports; what an earlier process left running is told to have failed."""
        rows = await self._record.exports_made.all()
        for row in rows:
            if row["state"] == ExportState.RUNNING.value and row["export_id"] not in self.running:
                await self._record.exports_made.failed(row["export_id"], _AFTER_RESTART)
                row |= {"state": ExportState.FAILED.value, "problem": _AFTER_RESTART}
        return rows

    def zip_of(self, export_id: str) -> Path | None:
        """The file of an export; None when it is not there."""
        path = self._folder / f"{export_id}.zip"
        return path if path.is_file() else None

    async def verify(self, export_id: str) -> tuple[bool, str]:
        """Prove one against the database.

        Returns:
            Whether it is whole, and what the command said.
        """
        code, said = await self._command("verify", str(self._folder / export_id))
        return code == 0, self._told(said)

    async def delete(self, export_id: str) -> None:
        """Delete the files of one; the line of who made it stays."""
        await self._record.exports_made.deleted(export_id)
        await asyncio.to_thread(self._remove, export_id)

    async def _run(self, export_id: str, options: Row, running: Running) -> None:
        try:
            async with self._turn:
                await self._make(export_id, options, running)
        except OSError as error:
            log.error("export_failed", error=str(error))
            await self._record.exports_made.failed(export_id, f"The disk refused it: {error.strerror}.")
        finally:
            self.running.pop(export_id, None)

    async def _make(self, export_id: str, options: Row, running: Running) -> None:
        folder = self._folder / export_id
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        code, said = await self._command(
            "make", str(folder), "--progress-lines", *arguments_of(options), running=running
        )
        if code != 0:
            await self._record.exports_made.failed(export_id, self._told(said) or "It ended without a word.")
            return
        figures = await asyncio.to_thread(_zipped, folder, self._folder / f"{export_id}.zip")
        await self._record.exports_made.done(export_id, **figures)

    async def _command(self, *words: str, running: Running | None = None) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "exports", *words, "--database", "-"),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(f"{self._record.database.url}\n".encode())
        process.stdin.close()
        said = asyncio.create_task(process.stderr.read())
        try:
            async for line in process.stdout:
                if running is not None:
                    _hear(running, line.decode(errors="replace"))
            return await process.wait(), (await said).decode(errors="replace").strip()
        finally:
            said.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()

    def _told(self, said: str) -> str:
        """What the command said, without where on this machine it said it of."""
        return said.replace(f"{self._folder}/", "")

    def _remove(self, export_id: str) -> None:
        (self._folder / f"{export_id}.zip").unlink(missing_ok=True)
        shutil.rmtree(self._folder / export_id, ignore_errors=True)


def arguments_of(options: Row) -> list[str]:
    """The options of the command, from what was asked for in the room."""
    arguments = [f"--format={name}" for name in options["format"]]
    for name in ("since", "until", "agent", "participant"):
        if options.get(name):
            arguments.append(f"--{name}={options[name]}")
    for name in ("include_deleted", "include_identities"):
        if options.get(name):
            arguments.append(f"--{name.replace('_', '-')}")
    return arguments


def _hear(running: Running, line: str) -> None:
    words = line.split()
    if len(words) == 3 and words[1].isdigit() and words[2].isdigit():
        running.table, running.done, running.of = words[0], int(words[1]), int(words[2])


def _zipped(folder: Path, target: Path) -> Row:
    """Put an export into one file, whole or not at all."""
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w") as archive:
        for path in sorted(folder.iterdir()):
            # Parquet is compressed already.
            how = zipfile.ZIP_STORED if path.suffix == ".parquet" else zipfile.ZIP_DEFLATED
            archive.write(path, f"{target.stem}/{path.name}", how)
    digest = hashlib.sha256()
    with part.open("rb") as file:
        while piece := file.read(_READ_AT_ONCE):
            digest.update(piece)
    size = part.stat().st_size
    part.replace(target)
    tables = json.loads((folder / "manifest.json").read_bytes())["tables"]
    return {
        "row_count": sum(table["rows"] for table in tables),
        "table_count": len(tables),
        "zip_bytes": size,
        "zip_sha256": digest.hexdigest(),
    }
