"""The work of a message without any way in: the chat stage is asked in Python. For bench/api.py."""

import asyncio
import sys
import time
from typing import Any, cast
from uuid import uuid4

from bench.cost import SETTLE_S
from bootstrap import Services, build
from settings import load_settings
from stages.entry.throttle import EntryThrottle
from stages.entry.ways import Ways
from stages.screen import Screen
from stages.spoken import Spoken
from study.participation import LoginMode
from study.strings import strings_in


class NoScreen:
    """Shows nothing to nobody."""

    strings = strings_in("en")

    def __getattr__(self, _name: str) -> Any:
        """Whatever it is told."""
        return self._nothing

    async def _nothing(self, *_: object) -> None:
        """Nothing."""


async def measure(services: Services, people: int, messages: int) -> float:
    """Processor milliseconds of one message, the first of each person left out."""
    await services.start()
    record, stage, screen = services.record, services.stage, cast(Screen, NoScreen())
    ways = Ways(record, EntryThrottle(6_000))
    names = [await ways.by_name(LoginMode.CLAIM, f"direct {n}", "", str(uuid4())) for n in range(people)]
    threads = [str(uuid4()) for _ in names]

    async def say(number: int) -> None:
        agent = services.agents.default.name
        whose = names[number].participant_id
        await stage.hear(Spoken(threads[number], whose, str(uuid4()), "a message", agent), screen)

    await asyncio.gather(*(say(number) for number in range(people)))
    await asyncio.sleep(SETTLE_S)
    began = time.process_time()
    for _ in range(messages):
        await asyncio.gather(*(say(number) for number in range(people)))
    await asyncio.sleep(SETTLE_S)
    spent = time.process_time() - began
    await services.stop()
    return spent * 1000 / (people * messages)


def main() -> None:
    """Measure and print one number."""
    people, messages = map(int, sys.argv[1:])
    print(asyncio.run(measure(build(load_settings()), people, messages)))


if __name__ == "__main__":
    main()
