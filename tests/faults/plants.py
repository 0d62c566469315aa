"""Bugs that are planted on purpose, each with the tests that have to find it: what proves the checkers.

`scripts/campaign --planted` puts each into a copy of the tree and runs its tests there.
"""

from dataclasses import dataclass
from typing import Final

WRITER: Final = "data_layer/writing/writer.py"
OVERTAKING: Final = "tests/data_layer/writing/test_overtaking.py"
STOPPING: Final = "tests/stages/test_stop_and_failure.py"
POWER: Final = "tests/data_layer/writing/test_power_cut.py"
LOST: Final = "tests/data_layer/writing/test_lost_answers.py"
PLACED: Final = "tests/faults/test_placed.py"


@dataclass(frozen=True)
class Plant:
    """A bug.

    Args:
        name: What is broken.
        file: Where.
        stands: What stands there, once.
        instead: What is put in its place.
        tests: What has to fail, as pytest takes it.
    """

    name: str
    file: str
    stands: str
    instead: str
    tests: tuple[str, ...]


PLANTS: Final = (
    Plant(
        "an older write of a batch overwrites a newer one",
        "data_layer/writing/apply/steps.py",
        'late = creates or order <= old["version"]',
        "late = creates",
        (OVERTAKING,),
    ),
    Plant(
        "a write of a batch is not known to be newer by the next",
        "data_layer/writing/apply/steps.py",
        '        new["version"] = order\n    return new',
        "        pass\n    return new",
        (OVERTAKING,),
    ),
    Plant(
        "a write that repeats what stands is not newer",
        "data_layer/writing/apply/steps.py",
        "    if new == old:\n",
        '    if old is not None and new | {"version": old["version"]} == old:\n',
        (OVERTAKING,),
    ),
    Plant(
        "a Stop cuts the commit of a reply's end off",
        "stages/chat/answering.py",
        '        self._turns.too_late(message["thread_id"], reply)\n',
        "",
        (STOPPING,),
    ),
    Plant(
        "the end of a reply is not committed when its task is cancelled",
        "stages/chat/answering.py",
        "await asyncio.shield(reply.finish(status, error))",
        "await reply.finish(status, error)",
        (STOPPING,),
    ),
    Plant(
        "the journal's lines are not asked onto the disk",
        "data_layer/writing/journal.py",
        "                os.fsync(file.fileno())\n",
        "",
        (POWER,),
    ),
    Plant(
        "a new journal's name is not asked onto the disk",
        "data_layer/writing/journal.py",
        "                if is_new:\n                    sync_folder(path.parent)\n",
        "",
        (POWER,),
    ),
    Plant(
        "a journal's entry does not say which it is",
        "data_layer/writing/batch.py",
        "        if unit.entry_id is None:\n            return True\n",
        "        return True\n",
        (PLACED, LOST),
    ),
    Plant(
        "a commit whose answer was lost is made again",
        "data_layer/writing/batch.py",
        "return first and not (unit.attempt and self._went_in(unit.attempt))",
        "return first",
        (PLACED, LOST),
    ),
    Plant(
        "the journal is cleared before it is committed",
        WRITER,
        "        await self._replay(journal)\n        await asyncio.to_thread(journal.clear)\n",
        "        await asyncio.to_thread(journal.clear)\n        await self._replay(journal)\n",
        (PLACED,),
    ),
    Plant(
        "a call is acknowledged before its commit",
        WRITER,
        "            outcomes = await self._write([unit for unit, _ in taken])\n",
        "            for _, early in taken:\n"
        "                early.done() or early.set_result(Outcome())\n"
        "            outcomes = await self._write([unit for unit, _ in taken])\n",
        (PLACED,),
    ),
    Plant(
        "threads are read without a lock",
        "data_layer/writing/loading.py",
        ".with_for_update(key_share=True),",
        ",",
        ("tests/data_layer/writing/test_two_writers.py",),
    ),
    Plant(
        "what looks for a row does not find one of its batch",
        "data_layer/writing/batch.py",
        " or not queued.isdisjoint(tables_looked_into(writes))",
        "",
        ("tests/data_layer/writing/test_batch.py",),
    ),
    Plant(
        "pages that were free before a withdrawal stay as they were",
        "data_layer/governance/erasure_queue.py",
        "        while await self._database.transact(_take_free_pages):\n            pass\n",
        "",
        ("tests/data_layer/governance/test_withdrawal.py",),
    ),
)
