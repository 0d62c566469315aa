"""Why a write may be refused: each reason with the sentence that the log and the record say of it."""

from enum import StrEnum, unique


@unique
class Reason(StrEnum):
    """A reason, told from others by its member, never by its words."""

    # What a page sends.
    NO_TEXT = "the message has no text"
    NOT_A_MESSAGE_ID = "the message id is not a version 4 UUID"
    CLAIMS_ANOTHERS = "the message claims to be somebody else's"
    ANOTHER_AUTHOR = "the message bears another author"
    EMPTY = "the message is empty"
    ID_TAKEN = "the message id is taken"
    FORM_CLOSED = "the form is not open any more"
    NO_FORM = "there is no such form in this thread"
    TOO_MANY_FILES = "the message has more files than it may"
    RATINGS_ELSEWHERE = "ratings do not come this way"

    # What is not there, or is somebody else's.
    NO_THREAD_ID = "the thread id is not a UUID"
    NO_ID = "an id is not a UUID"
    NO_PARTICIPANT = "there is no such participant"
    NO_THREAD = "there is no such thread"
    NO_MESSAGE = "there is no such message"
    NO_REPLY = "there is no such reply"
    NO_RATING = "there is no such rating"
    NO_SHARE = "there is no such share"
    NO_ELEMENT = "there is no such element"
    ANOTHERS_THREAD = "the thread belongs to another participant"
    STEP_ELSEWHERE = "the step belongs to another thread"
    STEP_OF_ANOTHER_TYPE = "the step is of another type"
    ELEMENT_ELSEWHERE = "the element belongs to another thread"

    # Who has withdrawn.
    HAS_WITHDRAWN = "the participant has withdrawn"
    WITHDRAWN_ALREADY = "the participant has withdrawn already"

    # What comes back.
    DELETED_BY_OTHERS = "the thread was deleted by somebody else"
    NOT_DELETED_BY_OWNER = "the thread was not deleted by its participant"
    THREAD_DELETED = "the conversation was deleted"
    NOT_REMOVED_BY_OWNER = "it was not removed by its participant"
    QUESTION_OFF_SCREEN = "what it answered does not stand on the screen"
    BRANCH_NOT_KNOWN = "the conversation has branches, and the record does not say which of them it stood in"

    # Branches.
    ANSWER_LEFT_ELSEWHERE = "that answer did not leave from here"
    PARTS_AT_MESSAGES = "branches part at a participant's message of the thread"
    MESSAGE_OFF_SCREEN = "the message does not stand on the screen"
    NO_REVISION = "there is no such revision"
    NO_ANSWER = "there is no such answer to the message"
    ANSWER_TO_ANOTHER_WORDING = "the answer is to another wording of the message"

    # Intents.
    NO_INTENT = "there is no such intent on the screen"
    INTENT_STANDS_ELSEWHERE = "the intent cannot do that from where it stands"
    NOT_IDLE = "its participant has written since"

    # Codes and notes.
    NO_CODE = "there is no such code"
    CODE_THERE = "there is such a code already"
    NO_LIVING_CODE = "there is no such living code"
    NOTHING_NEW = "the code reads so already"
    NAME_TAKEN = "another living code bears this name"
    NO_PARENT = "there is no such living code to stand under"
    CIRCLE = "a code cannot stand under itself"
    NO_NOTE = "there is no such note"
    NO_ANNOTATION = "there is no such annotation"
    READS_OTHERWISE = "the message reads otherwise"
    NOT_THEIRS_TO_CODE = "the thread is not theirs to code"
    NOT_SAID_TO_BE_CODED = "they have not said that it is coded"

    # The study's protocol.
    STAGE_LEFT = "the participant does not stand there any more"
    NOT_IN_THIS_CHAT = "the chat does not let its participant do this"
    PLACE_NOT_LEFT = "the participant has not left their place"
    NOT_IN_A_CHAT = "the participant does not stand in a chat"

    # The rest.
    CODE_TAKEN_BEFORE = "the one-time code was taken before"
    NOT_TAKEN_BY_DATABASE = "the database does not take it"


def reason_in_words(reason: Reason, detail: str = "") -> str:
    """A reason in words.

    Args:
        reason: Which.
        detail: What else there is to say of it.
    """
    return f"{reason}: {detail}" if detail else str(reason)
