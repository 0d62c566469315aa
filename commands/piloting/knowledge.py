"""What a careful participant of a pilot knows: what stands in the study for whoever reads it."""

from simulation.protocol.tempers import StudyReader
from study.loader import LoadedStudy
from study.protocol.definition import Protocol


def reader_of(study: LoadedStudy, protocol: Protocol) -> StudyReader:
    """The right answers of quizzes and checks, and how many messages are enough.

    Args:
        study: As it was read.
        protocol: Its protocol.
    """
    answers = {}
    for stage in protocol.stages:
        for name in (getattr(stage, "file", None), getattr(stage, "quiz", None)):
            for item in study.surveys[name].items if isinstance(name, str) and name in study.surveys else ():
                right = item.right if item.right is not None else item.attention
                if right is not None:
                    answers[f"{stage.id}.{item.id}"] = _sent(right)
    enough = [protocol.usable.turns.least or 0, *(chat.turns.least or 0 for chat in protocol.chats)]
    most = [chat.turns.most for chat in protocol.chats if chat.turns.most is not None]
    return StudyReader(answers, turns=min([max(1, *enough), *most]))


def _sent(value: object) -> str:
    """An answer as a page sends it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
