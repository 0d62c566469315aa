"""Shows what it was about."""

from collections.abc import Mapping
from typing import Any, cast

from data_layer.database.rows import Row
from stages.protocol.handling import AtStage, Posted, Posting
from study.protocol.machine import Debriefed
from study.protocol.stages import DebriefDefinition


class DebriefHandler:
    """The stage of kind debrief."""

    async def shown(self, here: AtStage) -> Mapping[str, Any]:
        """The text, and whether it asks."""
        stage = cast(DebriefDefinition, here.stage)
        return {"text": here.text(stage.text), "may_withdraw": stage.may_withdraw}

    async def take(self, here: AtStage, posted: Posted) -> Posting:
        """Whether they stay; one that asks wants an answer."""
        stage = cast(DebriefDefinition, here.stage)
        said = list(posted.get("stays", ()))
        if not stage.may_withdraw:
            return Posting(Debriefed())
        if said not in (["yes"], ["no"]):
            return Posting(problems=await self.again(here))
        return Posting(Debriefed(stays=said == ["yes"]))

    async def again(self, here: AtStage) -> Mapping[str, str]:
        """Its question, which has no answer before it is sent."""
        return {"stays": here.strings("page.form_required")}

    def entering(self, _here: AtStage) -> Row | None:
        """Nothing."""
        return None
