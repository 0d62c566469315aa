"""Bugs that are planted on purpose, each with the tests that have to find it: what proves the checkers.

`scripts/campaign --planted` puts each into a copy of the tree and runs its tests there.
"""

from dataclasses import dataclass
from typing import Final

WRITER: Final = "data_layer/writing/writer.py"
OVERTAKING: Final = "tests/data_layer/writing/test_overtaking.py"
STOPPING: Final = "tests/stages/test_stop_and_failure.py"
POWER: Final = "tests/data_layer/writing/test_power_cut.py"
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
)
