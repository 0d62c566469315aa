"""Several processes that write one export from one snapshot, this one among them.

PostgreSQL lends a snapshot to other connections. SQLite does not: all begin to read there while one
connection holds the lock of those who write, for some milliseconds, and so all see the same state.
"""

import multiprocessing
import os
import pickle
import sqlite3
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import func, select

from data_layer.database.engine import sqlite_path
from exports.jobs import DoneJob, ExportJob, ExportWork, do_job
from exports.progress import ExportProgress
from exports.rows.snapshot import Snapshot
from exports.rows.taking import take_snapshot
from study.errors import ExportError

# A smaller database is exported by one process before a second has begun.
_WORTH_BYTES: Final = 150_000_000
_MOST: Final = 4
# How long the lock of those who write is waited for.
_LOCK_S: Final = 15.0
_ENDED: Final = (
    "A process of the export has ended, killed or out of memory. Export again, with --workers 1 where memory "
    "is short."
)


def workers_for(url: str) -> int:
    """How many processes pay for a database: one for a small one, otherwise one a core, at most four."""
    path = sqlite_path(url) if url.startswith("sqlite") else None
    if path is not None:
        size = path.stat().st_size if path.is_file() else 0
    else:
        with take_snapshot(url) as snapshot:
            size = snapshot.number(select(func.pg_database_size(func.current_database())))
    if size < _WORTH_BYTES:
        return 1
    return min(_MOST, len(os.sched_getaffinity(0)))


class Crew:
    """Those who write an export together.

    Args:
        snapshot: What this process reads.
        pipes: One to each other process, which reads the same.
    """

    def __init__(self, snapshot: Snapshot, pipes: list[Connection]) -> None:
        self.snapshot = snapshot
        self._pipes = pipes

    @property
    def size(self) -> int:
        """How many processes they are."""
        return 1 + len(self._pipes)

    def do(
        self,
        jobs: Sequence[ExportJob],
        work: ExportWork,
        planned: Mapping[str, int],
        progress: ExportProgress,
    ) -> list[DoneJob]:
        """Do all jobs, each by whoever is free.

        Args:
            jobs: The longest had better come first.
            work: What they have in common.
            planned: How many rows each table has.
            progress: Hears of all.

        Returns:
            What came of them, in the order of the jobs.
        """
        if not self._pipes:
            return [self._alone(job, work, planned[job.table], progress) for job in jobs]
        progress.begin(f"{len(planned)} tables", sum(planned.values()))
        waiting, told, done = deque(jobs), _Shared(progress), dict[ExportJob, DoneJob]()
        with ThreadPoolExecutor(max(1, len(self._pipes)), thread_name_prefix="crew") as threads:
            others = [threads.submit(_have_done, pipe, waiting, work, told, done) for pipe in self._pipes]
            try:
                while job := _next(waiting):
                    done[job] = do_job(job, work, self.snapshot, told)
            except BaseException as error:
                told.failed = told.failed or error
                waiting.clear()
        for other in others:
            other.result()
        if told.failed is not None:
            raise told.failed
        return [done[job] for job in jobs]

    def _alone(self, job: ExportJob, work: ExportWork, rows: int, progress: ExportProgress) -> DoneJob:
        progress.begin(job.table, rows)
        return do_job(job, work, self.snapshot, progress)


@contextmanager
def crew(url: str, workers: int) -> Iterator[Crew]:
    """Bring processes together over one snapshot; they end with the block.

    Args:
        url: The database's address.
        workers: How many, this one among them.

    Raises:
        DatabaseError: The database cannot be read.
        ExportError: One ended by itself.
    """
    with ExitStack() as held:
        pipes = [held.enter_context(_process(url)) for _ in range(workers - 1)]
        for pipe in pipes:
            _heard(pipe)
        with ExitStack() as still:
            if pipes and not still.enter_context(_held_still(url)):
                pipes = []
            snapshot = held.enter_context(take_snapshot(url))
            lent = snapshot.lend() if pipes else None
            for pipe in pipes:
                _say(pipe, lent)
            for pipe in pipes:
                _heard(pipe)
        yield Crew(snapshot, pipes)


class _Shared:
    """Hears of several processes at once."""

    def __init__(self, progress: ExportProgress) -> None:
        self._progress, self._lock = progress, Lock()
        self.failed: BaseException | None = None

    def stage(self, words: str) -> None:
        """Pass it on."""
        with self._lock:
            self._progress.stage(words)

    def plan(self, rows: int) -> None:
        """Was told before."""

    def begin(self, table: str, rows: int) -> None:
        """Tables go on beside each other: none is told of alone."""

    def advance(self, rows: int) -> None:
        """Pass it on, unless another process has failed: then the rest is not worth its time."""
        if self.failed is not None:
            raise self.failed
        with self._lock:
            self._progress.advance(rows)


def _next(waiting: "deque[ExportJob]") -> ExportJob | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _have_done(
    pipe: Connection,
    waiting: "deque[ExportJob]",
    work: ExportWork,
    told: _Shared,
    done: dict[ExportJob, DoneJob],
) -> None:
    """Give another process jobs until there are none."""
    try:
        while told.failed is None and (job := _next(waiting)):
            _say(pipe, (job, work))
            while not isinstance(heard := _heard(pipe), DoneJob):
                told.advance(heard) if isinstance(heard, int) else told.stage(heard)
            done[job] = heard
    except BaseException as error:
        told.failed = told.failed or error


def _say(pipe: Connection, what: Any) -> None:
    """Tell another process something.

    Raises:
        ExportError: It has ended.
    """
    try:
        pipe.send(what)
    except OSError as error:
        raise ExportError(_ENDED) from error


def _heard(pipe: Connection) -> Any:
    """What another process says.

    Raises:
        ExportError: It has ended.
        Exception: What it could not do.
    """
    try:
        heard = pipe.recv()
    except (EOFError, OSError) as error:
        raise ExportError(_ENDED) from error
    if isinstance(heard, BaseException):
        raise heard
    return heard


@contextmanager
def _process(url: str) -> Iterator[Connection]:
    """Another process of the crew."""
    # Anew, not forked: the threads and connections of this one are none of its business.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, url), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        # One that waits ends by itself; one that writes is stopped.
        ours.close()
        process.join(1)
        process.kill()
        process.join()


def _serve(pipe: Connection, url: str) -> None:
    """What another process does: begins to read when it is told to, and does the jobs that it is given."""
    try:
        pipe.send(True)
        with take_snapshot(url, pipe.recv()) as snapshot:
            pipe.send(True)
            while True:
                job, work = pipe.recv()
                pipe.send(do_job(job, work, snapshot, _Told(pipe)))
    except (EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        return
    except Exception as error:  # whoever leads says it
        # Nobody hears where whoever leads has given up.
        with suppress(OSError):
            pipe.send(_portable(error))


class _Told:
    """Tells whoever leads how far a job is."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def stage(self, words: str) -> None:
        """As words."""
        self._pipe.send(words)

    def plan(self, rows: int) -> None:
        """Whoever leads knows."""

    def begin(self, table: str, rows: int) -> None:
        """Whoever leads knows."""

    def advance(self, rows: int) -> None:
        """As a number."""
        self._pipe.send(rows)


def _portable(error: Exception) -> Exception:
    """An error that another process can read."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    except Exception:  # whatever its constructor wants
        return ExportError(f"A process of the export failed: {error!r}. Export again.")
    return error


@contextmanager
def _held_still(url: str) -> Iterator[bool]:
    """Keep all from writing to a SQLite file for a moment.

    Yields:
        Whether that was possible, as it is not on a disk that cannot be written to; PostgreSQL needs none.
    """
    path = sqlite_path(url) if url.startswith("sqlite") else None
    if path is None or not Path(path).is_file():
        yield True
        return
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=_LOCK_S
        )
    except sqlite3.Error:
        yield False
        return
    try:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:
            yield False
            return
        yield True
        connection.execute("ROLLBACK")
    finally:
        # Whoever reads has begun: so this is not the last to leave, who would tidy the file up.
        connection.close()
