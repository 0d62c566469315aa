"""Which alarms stand, and which were told last: one list for all processes on one data folder.

In a file, and not in the database: that it is away is one of the alarms (docs/decisions/0063). Where the file
cannot be used either, each process goes by what it knows itself: an alarm is told twice rather than never.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from data_layer.database.locked_file import locked
from data_layer.database.private import opener

log = structlog.get_logger(__name__)

FILE: Final = "alarms.json"
# How many that were told are remembered.
_LAST: Final = 20


@dataclass(frozen=True)
class AlarmNews:
    """What is to be told now, by this process alone.

    Args:
        name: The alarm's.
        says: What is amiss, or was.
        over: Whether it is over.
        since: When it began, in seconds since 1970.
    """

    name: str
    says: str
    over: bool
    since: float


class StandingAlarms:
    """The list.

    Args:
        folder: The data folder; None keeps the list in memory.
        process_id: Whose looks these are.
        forgotten_s: After so long without a look a process sees nothing any more: it is gone.
        clock: The time, in seconds since 1970.
    """

    def __init__(
        self,
        folder: Path | None,
        process_id: str,
        forgotten_s: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = folder / FILE if folder is not None else None
        self._process_id = process_id
        self._forgotten_s = forgotten_s
        self._clock = clock
        self._known: dict[str, Any] = {"standing": {}, "last": []}
        self._unkept = False

    def take(self, found: Mapping[str, str]) -> list[AlarmNews]:
        """Say what this process sees.

        Args:
            found: What is amiss, by the alarm's name; "" where nothing is.

        Returns:
            What this process is to tell: an alarm that nobody has seen before, or one that nobody sees.
        """
        now = self._clock()
        news = []
        with self._changed() as kept:
            for name, says in found.items():
                alarm = kept["standing"].get(name)
                if says:
                    if alarm is None:
                        alarm = kept["standing"][name] = {"says": says, "since": now, "seen": {}}
                        news.append(AlarmNews(name, says, over=False, since=now))
                    alarm["seen"][self._process_id] = now
                elif alarm is not None:
                    seen = {one: at for one, at in alarm["seen"].items() if now - at < self._forgotten_s}
                    seen.pop(self._process_id, None)
                    alarm["seen"] = seen
                    if not seen:
                        del kept["standing"][name]
                        news.append(AlarmNews(name, alarm["says"], over=True, since=alarm["since"]))
        return news

    def give_back(self, news: AlarmNews) -> None:
        """What could not be told is told by whoever looks next.

        Args:
            news: It.
        """
        with self._changed() as kept:
            if news.over:
                kept["standing"].setdefault(news.name, {"says": news.says, "since": news.since, "seen": {}})
            else:
                kept["standing"].pop(news.name, None)

    def told(self, name: str, text: str, ways: Mapping[str, str]) -> None:
        """Remember that it was told.

        Args:
            name: The alarm's.
            text: What was said.
            ways: How each way of telling went; "" where it arrived.
        """
        with self._changed() as kept:
            one = {"alarm": name, "text": text, "at": self._clock(), "ways": dict(ways)}
            kept["last"] = [one, *kept["last"]][:_LAST]

    def shown(self) -> dict[str, Any]:
        """The list, for people: `standing` by name, and `last`, the newest first."""
        self._read()
        return self._known

    @contextmanager
    def _changed(self) -> Iterator[dict[str, Any]]:
        """The list, which no other process changes meanwhile; what becomes of it is kept."""
        with ExitStack() as until_kept:
            if self._path is not None:
                try:
                    until_kept.enter_context(locked(self._path.with_suffix(".lock"), "ab"))
                except OSError as error:
                    log.warning("alarms_not_locked", error_type=type(error).__name__)
            self._read()
            before = json.dumps(self._known)
            yield self._known
            after = json.dumps(self._known)
            if self._path is not None and (after != before or self._unkept):
                self._keep(self._path, after)

    def _read(self) -> None:
        # What could not be written is newer than the file.
        if self._path is None or self._unkept:
            return
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            self._known = {"standing": dict(kept["standing"]), "last": list(kept["last"])}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("alarms_not_read", error_type=type(error).__name__)

    def _keep(self, path: Path, content: str) -> None:
        made = path.with_suffix(".new")
        try:
            with open(made, "w", encoding="utf-8", opener=opener) as file:
                file.write(content)
            made.replace(path)
        except OSError as error:
            log.warning("alarms_not_kept", error_type=type(error).__name__)
            self._unkept = True
        else:
            self._unkept = False
