"""Many simulated participants who walk a protocol at once."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulation.browser import Door
from simulation.protocol.doorway import Hear
from simulation.protocol.journal import WalkJournal
from simulation.protocol.tempers import StudyReader, dealt
from simulation.protocol.walking import ProtocolWalk

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Crowd:
    """Who comes, and how.

    Args:
        count: How many.
        at_once: How many are inside at one time.
        patience_s: How long anything of one of them may take.
        within_s: After so long all of it ends; whoever is inside then has not finished.
    """

    count: int
    at_once: int = 40
    patience_s: float = 60.0
    within_s: float = 900.0


async def walk_all(
    door: Door,
    crowd: Crowd,
    reader: StudyReader,
    *,
    paths: Sequence[str] = (),
    progress: Progress | None = None,
    moved: Callable[[], None] = lambda: None,
    hear: Hear = lambda _place, _text: None,
) -> list[WalkJournal]:
    """Let them all go through.

    Args:
        door: Of the server.
        crowd: Who.
        reader: What a careful one knows.
        paths: Of their personal links; they come in by names where there are none.
        progress: Called with those who are through and those in all.
        moved: Called after each page of anybody.
        hear: Called with the place and all that came from it.

    Returns:
        What each did and saw, in the order in which they came.
    """
    inside = asyncio.Semaphore(crowd.at_once)
    walks = [
        ProtocolWalk(
            f"pilot-{place + 1:04d}",
            paths[place] if paths else "",
            door,
            temper,
            reader,
            patience_s=crowd.patience_s,
            moved=moved,
            hear=hear,
        )
        for place, temper in enumerate(dealt(crowd.count))
    ]
    through = 0

    async def go(walk: ProtocolWalk) -> None:
        nonlocal through
        async with inside:
            await walk.walk()
        through += 1
        if progress is not None:
            progress(through, crowd.count)

    tasks = [asyncio.create_task(go(walk)) for walk in walks]
    _, late = await asyncio.wait(tasks, timeout=crowd.within_s)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task, walk in zip(tasks, walks, strict=True):
        if task in late:
            walk.journal.complaints.append(
                f"{walk.journal.name}: was not through after {crowd.within_s:g} s; --within gives more time"
            )
        elif (error := task.exception()) is not None:
            walk.journal.complaints.append(f"{walk.journal.name}: {type(error).__name__}: {error}")
    return [walk.journal for walk in walks]
