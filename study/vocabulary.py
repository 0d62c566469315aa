"""The words of this project, each with its one meaning.

GLOSSARY.md holds the same list; tests/house compares the two.
"""

from enum import StrEnum
from typing import Final

WORDS: Final[dict[str, str]] = {
    "study": "one study.yaml and its texts",
    "participant": "a person who takes part, known by a pseudonym",
    "identity": "what links a participant to a person; its own table, never exported by default",
    "researcher": "a person with access to /research",
    "condition": "the variant that a participant is assigned to",
    "agent": "who answers: a model, a script, ELIZA, a person at the controls",
    "stage": "one step of the protocol: consent, survey, chat, completion",
    "thread": "one conversation",
    "message": "what a participant or agent said",
    "step": "a node of the agent's visible work under a reply: thinking, tool call, retrieval",
    "turn": "one participant message and all that answered it",
    "intent": "one thing that the participant wants done; a thread holds many",
    "run": "the agent's processing of one turn",
    "connection": "one WebSocket connection; a thread outlives many",
    "revision": "one state of a message or step; one is shown, at first the newest; all are kept",
    "branch": "what followed a message as it then read, or an answer to it; one stands, all are kept",
    "rating": "a participant's judgement of a reply",
    "annotation": "a researcher's code or note on a thread, turn or span",
    "code": "a name, with a definition, that researchers give to what was said; the codebook holds them",
    "export": "a folder: tables, codebook, manifest",
    "withdrawal": "a participant's request that their data be removed",
}


class Status(StrEnum):
    """How a step, message or run stands."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class ExportState(StrEnum):
    """How an export that was made in the researchers' room stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Role(StrEnum):
    """Who said a message, in the field's own terms (OpenAI chat)."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class StepType(StrEnum):
    """What a row of `steps` is: the three message types, and the kinds of visible work.

    The values are Chainlit's own (chainlit/step.py imports them from literalai), so that a row
    goes to the page and comes from it unchanged.
    """

    USER_MESSAGE = "user_message"
    ASSISTANT_MESSAGE = "assistant_message"
    SYSTEM_MESSAGE = "system_message"
    RUN = "run"
    TOOL = "tool"
    LLM = "llm"
    EMBEDDING = "embedding"
    RETRIEVAL = "retrieval"
    RERANK = "rerank"
    UNDEFINED = "undefined"


# The author of participants' messages in the record: their name is an identity, and lives apart.
PARTICIPANT_AUTHOR: Final = "participant"

# The author of what the app itself says.
APP_NAME: Final = "Verbatim"

MESSAGE_TYPES: Final = (StepType.USER_MESSAGE, StepType.ASSISTANT_MESSAGE, StepType.SYSTEM_MESSAGE)

ROLE_OF_TYPE: Final[dict[str, Role]] = {
    StepType.USER_MESSAGE: Role.USER,
    StepType.ASSISTANT_MESSAGE: Role.ASSISTANT,
    StepType.SYSTEM_MESSAGE: Role.SYSTEM,
}


class ThreadState(StrEnum):
    """Where a thread stands in its study."""

    ACTIVE = "active"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    WITHDRAWN = "withdrawn"


class StudyState(StrEnum):
    """Whether a study takes participants in, and lets them write."""

    OPEN = "open"
    PAUSED = "paused"  # nobody new comes in; who is in goes on
    ENDED = "ended"  # nobody comes in and nobody writes; what was said can be read


class AnnotationTarget(StrEnum):
    """What an annotation is on."""

    THREAD = "thread"
    TURN = "turn"
    SPAN = "span"


class CodeColour(StrEnum):
    """Colours of codes, told apart in both themes and by most eyes; the style sheet says what they are."""

    BLUE = "blue"
    ORANGE = "orange"
    GREEN = "green"
    PINK = "pink"
    SKY = "sky"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"
