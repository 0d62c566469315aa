"""Tells systemd how the server does: that it serves, that its loop turns, that it ends.

Of sd_notify (https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html): a datagram of lines
`NAME=value` to the socket that NOTIFY_SOCKET names. Where nobody listens, nothing is said.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping
from typing import Final

READY: Final = "READY=1"
STOPPING: Final = "STOPPING=1"
_BEAT: Final = "WATCHDOG=1"


class Supervisor:
    """Whoever started the server and watches it.

    Args:
        told: What it has told the process, by the environment (settings.supervision).
    """

    def __init__(self, told: Mapping[str, str]) -> None:
        address = told.get("NOTIFY_SOCKET", "")
        # "@" stands for a name beside the file system.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.every_s = _every_s(told)

    def tell(self, line: str) -> None:
        """Say something; it never waits, and its failure is nobody's loss: systemd notices silence."""
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaking:
            speaking.setblocking(False)
            speaking.sendto(line.encode(), self._address)

    async def beat_forever(self) -> None:
        """Say that the loop turns, where somebody starts the server anew when it does not."""
        while self.every_s is not None:
            self.tell(_BEAT)
            await asyncio.sleep(self.every_s)


def _every_s(told: Mapping[str, str]) -> float | None:
    """Twice within the time that may pass; None where nobody asks, or asks another process."""
    within, whom = told.get("WATCHDOG_USEC", ""), told.get("WATCHDOG_PID", "")
    if not within.isdecimal() or int(within) == 0 or whom not in ("", str(os.getpid())):
        return None
    return int(within) / 1_000_000 / 2
