"""What leaves a thread's screen, and what comes back: behind edits, answers anew and walks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from data_layer.chainlit.shapes import thread_dict
from data_layer.conversations import branches, intents, threads
from data_layer.conversations.forms import form_mark, forms_under
from data_layer.conversations.paging import read_window
from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.writing.outcome import Outcome
from data_layer.writing.writes import DeleteSteps, ShowBranch, Write
from stages.chat import history
from stages.screen import Screen
from stages.spoken import Spoken
from study.vocabulary import StepType

# Rows that are moved on a screen one by one. Each is an event, for each page, and the page looks through
# all its messages for it: when there are more, the newest window of the thread is drawn anew instead.
MOST_MOVED: Final = 60


async def own_message(record: Record, spoken: Spoken) -> Row | None:
    """The participant's message that is meant, when it stands in their thread; a refusal is kept."""
    message = await threads.step_row(record.database, spoken.message_id)
    owner = await threads.owner_of(record.database, spoken.thread_id)
    if (
        message is None
        or message["thread_id"] != spoken.thread_id
        or message["type"] != StepType.USER_MESSAGE
        or message["deleted_at"] is not None
        or owner != spoken.participant_id
    ):
        record.refused("message", "not their message", spoken.participant_id)
        return None
    return message


async def question_meant(record: Record, spoken: Spoken) -> Row | None:
    """As own_message, for one that may be named by its answer."""
    asked = await branches.question_of(record.database, spoken.message_id)
    return await own_message(record, replace(spoken, message_id=asked or spoken.message_id))


async def leave_after(
    record: Record, message: Row, because: str, by: str, screen: Screen, *also: Write, branch: str | None
) -> Outcome:
    """Take what stands behind a message off the screen, as a branch.

    Args:
        message: The participant's, a row of `steps`.
        because: "edited" or "retried".
        by: The participant.
        screen: Where it stands.
        also: What is written with it, all or nothing.
        branch: As in DeleteSteps.
    """
    steps, runs = await branches.behind(record.database, message)
    delete = DeleteSteps(
        (),
        record.now(),
        because,
        message["thread_id"],
        by,
        after_seq=message["seq"],
        runs_of=(message["step_id"],),
        branch=branch,
    )
    outcome = await record.writer.submit(delete, *also)
    # Both: the journal does not say what will have gone, and what came in between was not read.
    gone = list(dict.fromkeys([*_ids(steps, runs), *outcome.gone]))
    if len(gone) <= MOST_MOVED or outcome.journaled:
        await screen.remove(gone)
    else:
        await redraw(record, message["thread_id"], screen)
    return outcome


async def leave_answer(record: Record, message: Row, by: str, screen: Screen) -> Outcome:
    """Take the answer that stands under a message off the screen, with all that followed it."""
    async with record.database.engine.connect() as connection:
        run = await branches.standing_run(connection, message["step_id"])
    left = None if run is None else run["run_id"]
    return await leave_after(record, message, "retried", by, screen, branch=left)


async def walk(record: Record, message: Row, spoken: Spoken, number: int, screen: Screen) -> Outcome:
    """Show another branch where a message is parted.

    Args:
        message: The participant's, a row of `steps`, that stands on the screen.
        spoken: Who walks; its message_id is the message's, or an answer's.
        number: Which, from 1: a state of the message, or an answer to it.
        screen: Where it is shown.

    Returns:
        What became of the write; refused when there is no such branch.
    """
    database, thread_id = record.database, message["thread_id"]
    write = ShowBranch(thread_id, message["step_id"], record.now(), spoken.participant_id, number)
    if spoken.message_id != message["step_id"]:
        answers = await branches.answers_of(database, message)
        run_id = answers[number - 1] if 0 < number <= len(answers) else None
        write = ShowBranch(
            thread_id, message["step_id"], record.now(), spoken.participant_id, run_id=run_id or ""
        )
    gone = _ids(*await branches.behind(database, message))
    outcome = await record.writer.submit(write)
    if outcome.refused is not None or outcome.journaled:
        return outcome
    steps, runs = await branches.behind(database, message)
    if len(gone) + len(steps) + len(runs) > MOST_MOVED:
        await redraw(record, thread_id, screen)
        return outcome
    await screen.remove(gone)
    shown = await threads.step_row(database, message["step_id"])
    if shown is not None and shown["revision"] != message["revision"]:
        await screen.show(shown)
    for row in sorted([*steps, *runs], key=lambda one: int(one["seq"])):
        await (screen.show(row) if "step_id" in row else screen.show_run(row))
    for element in await branches.elements_of(database, thread_id, {row["step_id"] for row in steps}):
        await screen.show_element(element)
    async with database.engine.connect() as connection:
        asked = await forms_under(connection, steps)
    for form in asked:
        await screen.show_form(form_mark(form))
    return outcome


async def mark(record: Record, thread_id: str, screen: Screen) -> None:
    """Tell the page where its messages and answers stand among their branches, and its intents."""
    await screen.mark(await branches.marks(record.database, thread_id))
    shown = await intents.shown(record.database, thread_id)
    if shown is not None:
        await screen.show_intents(thread_id, shown)


async def settle(record: Record, thread_id: str, longest: int, screen: Screen) -> None:
    """After a walk: tell where everything stands, and offer a Retry where an answer broke off.

    Args:
        longest: Characters of a message that an agent gets.
    """
    await mark(record, thread_id, screen)
    left = await history.unanswered(record.database, thread_id, longest)
    if left is not None and left[1] is not None:
        await screen.offer_retry(left[1], left[0]["step_id"])


async def redraw(record: Record, thread_id: str, screen: Screen) -> None:
    """Show a thread anew, as it now stands in the record."""
    window = await read_window(record.database, thread_id)
    if window is not None:
        marked = await branches.marks(record.database, thread_id)
        await screen.redraw(thread_dict(window, marked, await intents.shown(record.database, thread_id)))


def _ids(steps: Sequence[Row], runs: Sequence[Row]) -> list[str]:
    return [*(row["step_id"] for row in steps), *(row["run_id"] for row in runs)]
