"""scripts/campaign: what is longer than CI may be."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

from data_layer.database.migrate import upgrade
from tests.compiled_statements import share_statements
from tests.faults import planted
from tests.faults.held import can_hold
from tests.faults.history import on_postgres, on_sqlite
from tests.faults.ledger import Ledger
from tests.faults.placed import everywhere, passed, sample, spread_over_again, try_place, warm
from tests.faults.soak import soak
from tests.postgres import PostgresServer

PLACED: Final = "strike MANY points of the scenario in this process, or each with each kind of fault"
CRITICAL: Final = 50


def strike(many: int, seed: int, ledger: Ledger) -> int:
    """Place faults.

    Args:
        many: How many; 0 for each fault at each point.
        seed: Chooses them, and those that strike the start after another.
        ledger: Takes what came of each.

    Returns:
        How many found something.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    share_statements()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        migrated = folder / "migrated.db"
        asyncio.run(upgrade(f"sqlite+aiosqlite:///{migrated}"))
        warm(migrated, folder / "warm")
        points = passed(migrated, folder / "none").points
        chance = random.Random(seed)
        places = sample(points, many, chance) if many else everywhere(points)
        print(f"{len(points)} points, {len(places)} faults", flush=True)
        for number, place in enumerate(spread_over_again(places, chance)):
            played = folder / str(number)
            verdict = try_place(place, migrated, played)
            ledger.placed(seed, verdict)
            shutil.rmtree(played)
    return ledger.conclude()


def play(minutes: float, seed: int, on: str | None, ledger: Ledger, *, kills_only: bool = False) -> int:
    """Play histories, one after another, each with the next seed.

    Args:
        minutes: For how long; a history that has begun is ended.
        seed: The first one's.
        on: The database; both in turn when None.
        ledger: Takes what came of each.
        kills_only: Kill one server on SQLite again and again.

    Returns:
        How many found something.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    if not can_hold():
        print("Clocks are not stepped and no fsync fails: there is no gcc here.", flush=True)
    until = time.monotonic() + minutes * 60
    postgres = None if kills_only or on == "sqlite" else PostgresServer()
    try:
        while time.monotonic() < until:
            began = time.monotonic()
            if kills_only:
                name, history = "SQLite, kills alone", on_sqlite(seed, kills_only=True)
            elif postgres is None or (on is None and seed % 2):
                name, history = "SQLite", on_sqlite(seed)
            else:
                name, history = "PostgreSQL", on_postgres(seed, postgres)
            ledger.history(seed, name, history, time.monotonic() - began)
            seed += 1
    finally:
        if postgres is not None:
            postgres.remove()
    return ledger.conclude()


def main(words: Sequence[str]) -> int:
    """Do what was asked for.

    Returns:
        How much went wrong.
    """
    parser = argparse.ArgumentParser(prog="scripts/campaign", description=__doc__)
    parser.add_argument(
        "--planted", nargs="*", metavar="WORD", help="plant bugs, and see that they are found"
    )
    parser.add_argument("--placed", nargs="?", const=0, type=int, metavar="MANY", help=PLACED)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ledger", type=Path, default=Path("faults.jsonl"), help="a line for each fault")
    parser.add_argument("--minutes", type=float, help="play histories of real servers for so long")
    parser.add_argument("--on", choices=("sqlite", "postgresql"), help="one database alone")
    parser.add_argument("--kills-only", action="store_true", help="kill one server on SQLite alone")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="let 100 chat; what grows is printed")
    told = parser.parse_args(words)
    if told.soak is not None:
        return soak(told.soak)
    if told.minutes is not None:
        return play(told.minutes, told.seed, told.on, Ledger(told.ledger), kills_only=told.kills_only)
    if told.placed is not None:
        return strike(told.placed, told.seed, Ledger(told.ledger))
    if told.planted is not None:
        return planted.main(told.planted)
    parser.print_help()
    return 2


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
