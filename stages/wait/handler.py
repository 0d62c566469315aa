"""Shows what is read while somebody waits, and how long it lasts yet, by the server's clock."""

from collections.abc import Mapping
from math import ceil
from typing import Any, cast

from data_layer.database.rows import Row
from stages.protocol.handling import AtStage, Posted, Posting
from study.protocol.machine import Waited, left_to_wait
from study.protocol.stages import WaitDefinition


class WaitHandler:
    """The stage of kind wait."""

    async def shown(self, here: AtStage) -> Mapping[str, Any]:
        """The text, and what is left."""
        stage = cast(WaitDefinition, here.stage)
        seconds = left_to_wait(stage, here.position.entered_at, here.record.now())
        return {"text": here.text(stage.text), "seconds": ceil(seconds), "minutes": ceil(seconds / 60)}

    async def take(self, here: AtStage, _posted: Posted) -> Posting:
        """Go on: the machine says whether it is too early."""
        return Posting(Waited(here.record.now()))

    async def again(self, _here: AtStage) -> Mapping[str, str]:
        """Nothing: it has no fields."""
        return {}

    def entering(self, _here: AtStage) -> Row | None:
        """Nothing."""
        return None
