"""What a kind of stage has to know: what its page shows, and what is made of what the page sends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from data_layer.database.rows import Row
from data_layer.record import Record
from study.loader import LoadedStudy
from study.protocol.languages import text_for
from study.protocol.machine import Move, Position
from study.protocol.stages import StageDefinition
from study.strings import Strings

# What a posted form holds: each field with all its values.
Posted: TypeAlias = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class AtStage:
    """One participant at one stage.

    Args:
        record: What is kept.
        study: What runs.
        participant_id: Whose page it is.
        position: Where they stand.
        stage: Its definition.
        strings: In their language.
        condition: The participant's; "" where they have none.
    """

    record: Record
    study: LoadedStudy
    participant_id: str
    position: Position
    stage: StageDefinition
    strings: Strings
    condition: str = ""

    def text(self, name: str) -> str:
        """A text file of the study, in the participant's language where it is there."""
        return text_for(self.study.texts, name, self.strings.language)


@dataclass(frozen=True)
class Posting:
    """What is made of what a page sent: a move with the rows that it keeps, or what is wrong.

    Args:
        move: What the participant asks for; None where something is wrong.
        rows: Tables and rows that come with it.
        problems: What is wrong, by field, in words.
        drafts: What was sent all the same, by item: it stands in the fields when the page is drawn again.
        changes: Columns of `participations` that it sets.
    """

    move: Move | None = None
    rows: tuple[tuple[str, Row], ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    drafts: Mapping[str, Any] = field(default_factory=dict)
    changes: Row = field(default_factory=dict)


class StageHandler(Protocol):
    """A kind of stage."""

    async def shown(self, here: AtStage) -> Mapping[str, Any]:
        """What its template is given."""

    async def take(self, here: AtStage, posted: Posted) -> Posting:
        """Look at what its page sent."""

    async def again(self, here: AtStage) -> Mapping[str, str]:
        """What is wrong with what stands in its fields now, when its page is drawn once more."""

    def entering(self, here: AtStage) -> Row | None:
        """What is kept of how it is shown, when somebody comes to it."""
