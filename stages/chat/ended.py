"""What the chat stage does once the study has ended."""

from data_layer.record import Record
from stages.screen import Screen
from study.vocabulary import StudyState


async def has_ended(record: Record, screen: Screen) -> bool:
    """Whether the study has ended; then the participant is told so, and nothing new is written.

    A reply that is being given is finished: its turn began before.
    """
    if record.controls.known is not StudyState.ENDED:
        return False
    await screen.say(screen.strings("closing.ended"))
    return True
