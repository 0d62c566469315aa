"""Shows the text of a consent, and keeps the decision with the hash of the very words."""

import uuid
from collections.abc import Mapping
from typing import Any, cast

from data_layer.database.rows import Row
from stages.consent.texts import boxes_in, hash_shown, text_shown
from stages.protocol.handling import AtStage, Posted, Posting
from study.protocol.machine import Consented
from study.protocol.stages import ConsentDefinition

AGREED = "agreed"
REFUSED = "refused"


class ConsentHandler:
    """The stage of kind consent."""

    async def shown(self, here: AtStage) -> Mapping[str, Any]:
        """The text, and the boxes: none is ticked but by the participant."""
        stage = cast(ConsentDefinition, here.stage)
        return {
            "text": here.text(stage.text),
            "boxes": boxes_in(stage, here.strings.language),
            "ticked": await _ticked_before(here),
            "needed": stage.needed,
            "is_single": len(stage.boxes) == 1,
        }

    async def take(self, here: AtStage, posted: Posted) -> Posting:
        """Keep what was decided. Whoever presses "I agree" without a needed box is told which it is."""
        stage = cast(ConsentDefinition, here.stage)
        agrees = list(posted.get("decision", ())) == ["agree"]
        ticked = {name: agrees and f"box_{name}" in posted for name in stage.boxes}
        if agrees:
            problems = _lacking(here, stage, {name for name, is_ticked in ticked.items() if is_ticked})
            if problems:
                return Posting(problems=problems, drafts={f"box_{name}": one for name, one in ticked.items()})
        return Posting(Consented(ticked), tuple(self._rows(here, stage, ticked, agrees)))

    async def again(self, here: AtStage) -> Mapping[str, str]:
        """The needed boxes that are not ticked."""
        return _lacking(here, cast(ConsentDefinition, here.stage), await _ticked_before(here))

    def entering(self, _here: AtStage) -> Row | None:
        """Nothing: what was shown is kept with the decision."""
        return None

    def _rows(
        self, here: AtStage, stage: ConsentDefinition, ticked: Mapping[str, bool], agrees: bool
    ) -> list[tuple[str, Row]]:
        now = here.record.now()
        shown = text_shown(here.study, stage, here.strings.language)
        digest = hash_shown(shown)
        text = {"text_hash": digest, "version": stage.version, "text": shown, "first_shown_at": now}
        decided = {
            "consent_id": str(uuid.uuid4()),
            "participant_id": here.participant_id,
            "stage_id": stage.id,
            "version": stage.version,
            "text_hash": digest,
            "language": here.strings.language,
            "decision": AGREED if agrees else REFUSED,
            "boxes": dict(ticked),
            "shown_at": here.position.entered_at,
            "decided_at": now,
        }
        return [("consent_texts", text), ("consents", decided)]


async def _ticked_before(here: AtStage) -> set[str]:
    """The boxes that were ticked when the page was sent without a needed one."""
    drafts = await here.record.participations.drafts(here.participant_id, here.position.visit)
    return {item.removeprefix("box_") for item, draft in drafts.items() if draft["value"] is True}


def _lacking(here: AtStage, stage: ConsentDefinition, ticked: set[str]) -> dict[str, str]:
    said = here.strings("protocol.box_needed")
    return {f"box_{name}": said for name in stage.needed if name not in ticked}
