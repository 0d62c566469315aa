"""A participant who walks through a protocol without a browser."""

from collections.abc import Mapping, Sequence

from data_layer.database.rows import Row
from data_layer.people.participants import Participant
from data_layer.record import Record
from stages.protocol.running import Present, StudyProtocol
from stages.spoken import Spoken
from study.loader import LoadedStudy
from study.strings import strings_in
from tests.data_layer.rows import new_id

ENGLISH = strings_in("en")
ANSWERS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "consent": {"decision": ["agree"], "box_take_part": ["yes"]},
    "before": {"uses_chatbots": ["daily"], "support": ["60"]},
    "instructions": {"partner": ["a computer program"]},
    "talk": {},
    "after": {"support": ["80"], "reading": ["disagree"], "changed": ["Its reasons"]},
    "debrief": {"stays": ["yes"]},
}


class Walker:
    """Somebody on their way.

    Args:
        record: What is kept.
        study: What runs.
        participant: Who.
    """

    def __init__(self, record: Record, study: LoadedStudy, participant: Participant) -> None:
        self.record = record
        self.participant_id = participant.participant_id
        self.study = study
        self.protocol = StudyProtocol(record, study)

    async def look(self) -> Present:
        """Open the page."""
        return await self.protocol.present(self.participant_id, ENGLISH)

    async def send(self, visit: int | None = None, **fields: Sequence[str]) -> Present:
        """Send the present page, or an earlier one."""
        if visit is None:
            visit = (await self.look()).position.visit
        return await self.protocol.take(self.participant_id, visit, fields, ENGLISH)

    async def walk_to(self, stage_id: str) -> Present:
        """Go on until a stage is reached, with answers that pass; "" for the end."""
        present = await self.look()
        while present.stage is not None and present.stage.id != stage_id:
            if present.stage.id == "talk":
                await self.say(present, 2)
            present = await self.send(**ANSWERS[present.stage.id])
        return present

    async def say(self, present: Present, count: int) -> None:
        """Write messages in the chat."""
        for number in range(count):
            words = f"Words {number}"
            spoken = Spoken(present.shown["thread_id"], self.participant_id, new_id(), words)
            await self.record.writer.submit(*spoken.writes(self.record.now()))

    async def row(self) -> Row:
        """Where they stand, as it is kept."""
        await self.record.writer.flush()
        row = await self.record.participations.of(self.participant_id)
        assert row is not None
        return row
