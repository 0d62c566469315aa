"""The kinds of stages, each with its handler."""

from collections.abc import Mapping
from typing import Final

from stages.chat.handler import ChatHandler
from stages.consent.handler import ConsentHandler
from stages.debrief.handler import DebriefHandler
from stages.instructions.handler import InstructionsHandler
from stages.protocol.handling import StageHandler
from stages.survey.handler import SurveyHandler
from stages.wait.handler import WaitHandler
from study.protocol.stages import StageKind

HANDLERS: Final[Mapping[StageKind, StageHandler]] = {
    StageKind.CONSENT: ConsentHandler(),
    StageKind.SURVEY: SurveyHandler(),
    StageKind.INSTRUCTIONS: InstructionsHandler(),
    StageKind.CHAT: ChatHandler(),
    StageKind.WAIT: WaitHandler(),
    StageKind.DEBRIEF: DebriefHandler(),
}
