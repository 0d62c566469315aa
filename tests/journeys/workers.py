"""Several processes of Verbatim behind one address, as `scripts/run --workers` starts them."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.process import ServerProcess, verbatim
from tests.journeys.server import TREE, make_study


class WorkersProcess(ServerProcess):
    """The processes, and the proxy before them."""

    def renew(self) -> None:
        """Start all processes anew, one after another."""
        os.kill(self.pid, signal.SIGHUP)

    def renewed(self) -> int:
        """How often that was done."""
        return self.log.read_text("utf-8", "replace").count("All processes were started anew.")


@contextmanager
def workers(
    folder: Path,
    database_url: str,
    many: int = 2,
    *,
    words: int = 4,
    delay_ms: int = 5,
    more: Mapping[str, str] | None = None,
) -> Iterator[WorkersProcess]:
    """Serve the sample of dialogs from several processes.

    Args:
        folder: An empty folder for the study and the data.
        database_url: PostgreSQL.
        many: Processes for participants.
        words: How many words go out at once.
        delay_ms: The pause between them.
        more: Of their environment.
    """
    study = make_study(folder, words=words, delay_ms=delay_ms)
    one = verbatim(TREE, folder / "data", study, database_url=database_url, more=more)
    served = WorkersProcess(
        [sys.executable, "-m", "scripts.workers", "127.0.0.1", "{port}", str(many)],
        folder=TREE,
        environment=one.environment,
        log=one.log,
        ready_path="/login",
        ready_within_s=240,
    )
    with served:
        yield served
