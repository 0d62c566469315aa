"""Who takes part: most talk several times, some come in and never write."""

from random import Random
from typing import Final

from data_layer.people.participants import SIMULATED
from demo.plan import DemoPlan
from demo.sheet import Sheet
from demo.words import NAMES

SOURCE: Final = SIMULATED
_NEW: Final = 0.3
_SILENT: Final = 0.06
# Of so many who came last, somebody may come back.
_RECENT: Final = 400


class DemoPeople:
    """Those who have come so far.

    Args:
        chance: Where the draws come from.
        plan: Of which study.
    """

    def __init__(self, chance: Random, plan: DemoPlan) -> None:
        self._chance = chance
        self._plan = plan
        self._recent: list[str] = []
        self._count = 0

    def somebody(self, sheet: Sheet) -> str:
        """Who begins a thread now."""
        if self._recent and not sheet.happens(_NEW):
            return self._chance.choice(self._recent)
        if sheet.happens(_SILENT):
            self._come(sheet)
            sheet.wait(1_000, 60_000)
        came = self._come(sheet)
        self._recent = [*self._recent[1 - _RECENT :], came]
        sheet.wait(5_000, 120_000)
        return came

    def _come(self, sheet: Sheet) -> str:
        participant_id, number = sheet.id(), self._count
        self._count += 1
        name = NAMES[number % len(NAMES)] + (f" {number // len(NAMES) + 1}" if number >= len(NAMES) else "")
        common = {"study_id": self._plan.study_id, "created_at": sheet.now, "participant_id": participant_id}
        sheet.add("participants", common | {"source": SOURCE})
        # Beside whoever has such a name and is real.
        identity = {"kind": "user_name", "value": name, "value_key": f"simulated {participant_id}"}
        sheet.add("identities", common | identity | {"identity_id": sheet.id()})
        return participant_id
