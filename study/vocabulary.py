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
    "place": "a seat in a stratum's list, with its condition; somebody holds or fills it, or it is open",
    "stratum": "participants alike in what the study names; it has places of its own",
    "usable": "said of a participant who counts for the target, by the study's own rule; all are kept",
    "ledger": "what happened to places, a row each, never changed; from it the assignment is replayed",
    "agent": "who answers: a model, a script, ELIZA, a person at the controls",
    "stage": "one step of the protocol: consent, survey, chat, completion",
    "thread": "one conversation",
    "message": "what a participant or agent said",
    "step": "a node of the agent's visible work under a reply: thinking, tool call, retrieval",
    "turn": "one participant message and all that answered it",
    "intent": "one thing that the participant wants done; a thread holds many",
    "slot": "one detail that an intent needs, such as the day; it is asked for until it is known",
    "tool": "a function that an agent may call; each call is a step",
    "form": "questions under a reply, answered once",
    "instrument": "a published set of items with its scoring key",
    "run": "the agent's processing of one turn",
    "connection": "one connection of a page or a program, by whichever way; a thread outlives many",
    "revision": "one state of a message or step; one is shown, at first the newest; all are kept",
    "branch": "what followed a message as it then read, or an answer to it; one stands, all are kept",
    "rating": "a participant's judgement of a reply",
    "annotation": "a researcher's code or note on a thread, turn or span",
    "code": "a name, with a definition, that researchers give to what was said; the codebook holds them",
    "export": "a folder: tables, codebook, manifest",
    "bucket": "the rows of an export's tables whose threads' ids begin alike; a folder in each table",
    "withdrawal": "a participant's request that their data be removed",
}

# Words of others that pages and tables use, and that whoever studies people may not know.
BORROWED: Final[dict[str, str]] = {
    "95th percentile": "nineteen of twenty values are no larger",
    "cached tokens": "tokens of a prompt that the provider still had from an earlier call, mostly cheaper",
    "content filter": "a provider's own check, which cuts off or refuses what it takes for unsafe",
    "fingerprint": "a short text reckoned from a content: equal ones mean that nothing differs; see SHA-256",
    "finish reason": "why a model ended its reply, in the provider's word: stop is its own end",
    "first words": "the time from the start of a reply until the participant saw its first words. A model's "
    "own time is shorter: from the sending of one call to its first word; thinking is none",
    "hash": "a text of fixed length reckoned from a content, so that a change of it shows; see SHA-256",
    "MCP": "the Model Context Protocol, by which a program offers its functions to agents as tools",
    "manifest": "the list of an export's files, with the SHA-256 of each, by which it can be proved whole",
    "median": "half of the values are no larger",
    "model": "a program that has learned from much text how to go on with a conversation",
    "prompt": "all that a model is sent for one reply: its instructions, and the conversation so far",
    "provider": "who runs a model and answers for it at an address",
    "pseudonym": "the random sign that stands for a participant; the name behind it is kept apart",
    "reasoning tokens": "tokens of a model's thinking, which comes before its reply and is paid like it",
    "seed": "a number by which a model that can do so gives the same reply again",
    "SHA-256": "64 digits and letters reckoned from a content; with its smallest change they are others",
    "simulated": "said of participants whom nobody is behind: a program spoke for them, to try the study",
    "snapshot": "a model as it was on one date, mostly a part of its name; without it the name may mean "
    "another model next month",
    "system fingerprint": "a provider's sign for how its servers were set up: when it changes, replies may",
    "temperature": "how freely a model chooses each next word: at 0 nearly always the likeliest one",
    "token": "a piece of a word, by which models read and are paid: in English about four letters",
    "top_p": "the share of the likeliest next words that a model chooses from; 1 is all of them",
    "UTC": "the time of the record, one for all places and without summer time; yours stands beside it",
}


class Status(StrEnum):
    """How a step, message or run stands."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class FormState(StrEnum):
    """How a form under a reply stands."""

    OPEN = "open"
    ANSWERED = "answered"
    LEFT = "left"


class AnswerState(StrEnum):
    """What became of one question of a form that was sent."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    HIDDEN = "hidden"


class ExportState(StrEnum):
    """How an export that was made in the researchers' room stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class MessageRole(StrEnum):
    """Who said a message, in the field's own terms (OpenAI chat)."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class StepType(StrEnum):
    """What a row of `steps` is: the three message types, and the kinds of visible work.

    The first values are Chainlit's own (chainlit/step.py imports them from literalai), so that a row goes to
    the page and comes from it unchanged; those from THINKING on are ours. Chainlit draws a step of any type.
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
    THINKING = "thinking"
    SESSION = "session"  # which thread, intent and run a turn is
    INTENT_RECOGNITION = "intent_recognition"
    INTENT_HANDLING = "intent_handling"
    PARAMETER_EXTRACTION = "parameter_extraction"
    RESPONSE = "response"
    ERROR = "error"


class StepsShown(StrEnum):
    """Which of an agent's steps its participants see while it works, and afterwards. All are kept."""

    FULL = "full"
    TOOLS = "tools"
    NONE = "none"

    def includes(self, kind: str) -> bool:
        """Whether a step is shown.

        Args:
            kind: A StepType's value.
        """
        return self is StepsShown.FULL or (self is StepsShown.TOOLS and kind == StepType.TOOL)


# Steps that bear their type as their name; the page has words for them ("said_" and the type).
NAMED_BY_TYPE: Final = (
    StepType.THINKING,
    StepType.SESSION,
    StepType.INTENT_RECOGNITION,
    StepType.INTENT_HANDLING,
    StepType.PARAMETER_EXTRACTION,
    StepType.RESPONSE,
    StepType.ERROR,
)

# The author of participants' messages in the record: their name is an identity, and lives apart.
PARTICIPANT_AUTHOR: Final = "participant"

# The author of what the app itself says.
APP_NAME: Final = "Verbatim"

MESSAGE_TYPES: Final = (StepType.USER_MESSAGE, StepType.ASSISTANT_MESSAGE, StepType.SYSTEM_MESSAGE)

ROLE_OF_TYPE: Final[dict[str, MessageRole]] = {
    StepType.USER_MESSAGE: MessageRole.USER,
    StepType.ASSISTANT_MESSAGE: MessageRole.ASSISTANT,
    StepType.SYSTEM_MESSAGE: MessageRole.SYSTEM,
}


class CutOff(StrEnum):
    """Why a reply that is whole breaks off nevertheless: the page says so under it."""

    LENGTH = "length"
    CONTENT_FILTER = "content_filter"


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


class Transport(StrEnum):
    """How a participant's page, or a program, was connected."""

    WEBSOCKET = "websocket"
    POLLING = "polling"  # requests one after another, where no WebSocket gets through
    REST = "rest"  # a program's request, from its beginning to its answer
    SSE = "sse"  # a program that reads a stream of events
    API_WEBSOCKET = "api websocket"  # a program's own WebSocket


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
