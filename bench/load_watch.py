"""The server's processor time and memory, and the machine's, sampled from outside."""

import threading
import time
from typing import Final, Self

import psutil

EVERY_S: Final = 0.5


class Watch:
    """Watches one process while the block runs."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.cpu_share = 0.0
        self.machine_cores = 0.0
        self.peak_rss_mb = 0.0

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        self._cpu_before, self._busy_before = self._cpu(), _busy()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        passed = time.perf_counter() - self._began
        self.cpu_share = (self._cpu() - self._cpu_before) / passed
        self.machine_cores = (_busy() - self._busy_before) / passed

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def _sample(self) -> None:
        while not self._done.wait(EVERY_S):
            self.peak_rss_mb = max(self.peak_rss_mb, self._process.memory_info().rss / 1e6)


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)
