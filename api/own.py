"""What is a participant's own: what is another's is answered exactly as what is not there."""

from api.context import ApiContext, SignedIn
from api.problem import ApiProblem, no_such
from data_layer.conversations import intents, threads
from data_layer.database.rows import Row
from study.vocabulary import StepType

_MESSAGES = frozenset({StepType.USER_MESSAGE, StepType.ASSISTANT_MESSAGE, StepType.SYSTEM_MESSAGE})


async def own_thread(context: ApiContext, who: SignedIn, thread_id: str, *, deleted: bool = False) -> Row:
    """A thread of a participant's.

    Args:
        context: What the API stands on.
        who: Whose it must be.
        thread_id: Which.
        deleted: Also one that they have deleted.

    Raises:
        ApiProblem: It is not there, or not theirs: one answer for both.
    """
    row = await threads.thread_row(context.record.database, thread_id)
    if row is None or row["participant_id"] != who.participant_id:
        context.record.refused("api thread", "there is no such thread of theirs", who.participant_id)
        raise no_such("thread")
    theirs = row["deleted_by"] == who.participant_id
    if row["deleted_at"] is not None and not (deleted and theirs):
        raise no_such("thread")
    return row


async def own_message(context: ApiContext, who: SignedIn, thread_id: str, message_id: str) -> Row:
    """A message that stands in a thread of a participant's.

    Raises:
        ApiProblem: It does not, or it is not theirs.
    """
    await own_thread(context, who, thread_id)
    row = await threads.step_row(context.record.database, message_id)
    stands = row is not None and row["deleted_at"] is None and row["shown"]
    if row is None or not stands or row["thread_id"] != thread_id or row["type"] not in _MESSAGES:
        raise no_such("message")
    return row


async def check_offered(context: ApiContext, thread_id: str, intent_id: str) -> None:
    """See that the participant of a thread is asked whether to go on with an intent.

    Raises:
        ApiProblem: There is none of that id in the thread, or nobody is asked about it now.
    """
    found = await intents.shown(context.record.database, thread_id) or []
    meant = next((one for one in found if one["id"] == intent_id), None)
    if meant is None:
        raise no_such("intent")
    if not meant["offered"]:
        raise ApiProblem(409, "not_offered", "Nobody is asked whether to go on with this intent now.")
