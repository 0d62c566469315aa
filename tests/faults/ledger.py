"""faults.jsonl: a line for each fault, and what they come to."""

import json
from collections import Counter
from pathlib import Path

from data_layer.database.rows import Row
from tests.faults.history import History
from tests.faults.placed import Verdict


class Ledger:
    """Takes what came of each fault.

    Args:
        path: The file; added to.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kinds: Counter[str] = Counter()
        self._points: set[str] = set()
        self._told: Counter[str] = Counter()
        self._found = 0

    def placed(self, seed: int, verdict: Verdict) -> None:
        """Note a fault that was placed."""
        place = verdict.place
        told = {"ok": verdict.ok, "fail": verdict.fail, "unknown": verdict.unknown}
        line: Row = {
            "seed": seed,
            "level": "A",
            "fault": place.fault,
            "at": place.at,
            "struck": verdict.struck,
        }
        line |= {"again": place.again, "fault_again": place.fault_again if place.again else None}
        self.note(line | told | {"found": verdict.found, "seconds": round(verdict.seconds, 2)})

    def note(self, line: Row) -> None:
        """Note a fault: its kind in `fault`, what it broke in `found`, what callers were told."""
        self._write(line)
        self._kinds[str(line["fault"])] += 1
        if line.get("struck"):
            self._points.add(str(line["struck"]))
        for how in ("ok", "fail", "unknown"):
            self._told[how] += line.get(how, 0)
        self._judge(line)

    def _write(self, line: Row) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def _judge(self, line: Row) -> None:
        if line["found"]:
            self._found += 1
            print(json.dumps(line, default=str), flush=True)

    def history(self, seed: int, database: str, history: History, seconds: float) -> None:
        """Note a history: its faults are counted by kind, and what it broke once."""
        line: Row = {"seed": seed, "level": "B", "database": database, "faults": dict(history.faults)}
        line |= {"messages": history.messages, "found": history.found, "seconds": round(seconds, 1)}
        self._write(line)
        self._kinds.update({f"{database}: {kind}": times for kind, times in history.faults.items()})
        self._told["ok"] += history.messages
        self._judge(line)

    def conclude(self) -> int:
        """Print what they come to.

        Returns:
            How many found something.
        """
        for kind, times in sorted(self._kinds.items()):
            print(f"{times:6}  {kind}")
        total = sum(self._kinds.values())
        print(f"{len(self._points)} kinds of points struck; calls: {dict(self._told)}")
        bound = f"; with 95 % confidence fewer than {3 / total:.2%} would find one" if total else ""
        print(f"{total} faults, {self._found} violations{bound if not self._found else ''}")
        return self._found
