"""Many simulated participants at once, over the real log-in and the real Socket.IO."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

from simulation.browser import Door
from simulation.habits import NONE, Habits
from simulation.participant import Manner, ParticipantScript, SimulatedParticipant
from simulation.report import Report
from study.dialogs import Dialog, simulated_message_id, simulated_thread_id
from study.errors import SimulationError

# How often the event loop is asked whether it still keeps time.
BEAT_S: Final = 0.05

Progress = Callable[[int, int], None]


async def simulate(
    base_url: str,
    dialogs: Sequence[Dialog],
    participants: int,
    *,
    think_time_s: float = 0.0,
    rounds: int = 1,
    progress: Progress | None = None,
    patience_s: float = 120.0,
    profile: str = "",
    habits: Habits = NONE,
) -> Report:
    """Let participants speak the dialogs' participant lines to a running server.

    The dialogs are dealt round; each participant speaks its own one after another, each in a
    thread of its own whose id (and whose messages' ids) follow from the dialog and the round.

    Args:
        base_url: Such as "http://127.0.0.1:8000".
        dialogs: In the order of their file: a thread's id carries the place in it.
        participants: How many take part at the same time.
        think_time_s: The pause before each line, the first one too.
        rounds: How often the whole file is spoken.
        progress: Called with the messages answered so far and the messages in all.
        patience_s: How long one line may take, a restart of the server included.
        profile: The agent's name, or empty for the study's default.
        habits: What is done about forms and offers.

    Returns:
        What was measured and seen; see `Report.raise_for_errors`.

    Raises:
        SimulationError: There is nothing to do, or the address is none.
    """
    if not dialogs or participants < 1 or rounds < 1:
        raise SimulationError(
            f"nothing to simulate: {len(dialogs)} dialogs, {participants} participants, {rounds} rounds. "
            "Write it like: python cli.py simulate dialogs.jsonl --participants 50"
        )
    scripts = [
        script_of(dialog, number, round_) for round_ in range(rounds) for number, dialog in enumerate(dialogs)
    ]
    manner = Manner(think_time_s=think_time_s, patience_s=patience_s, profile=profile, habits=habits)
    return await take_part(Door(base_url), deal(scripts, participants), manner, progress=progress)


def script_of(dialog: Dialog, number: int, round_: int) -> ParticipantScript:
    """Return what a participant says in one dialog, under ids that follow from it.

    Args:
        dialog: A dialog of the file.
        number: Its place in the file, from 0.
        round_: The round, from 0.
    """
    thread_id = simulated_thread_id(dialog, number, round_)
    lines = [
        (simulated_message_id(thread_id, place), text, answer.text is not None)
        for place, (text, answer) in enumerate(zip(dialog.participant_lines, dialog.answers, strict=True))
    ]
    return ParticipantScript(thread_id, lines)


def deal(scripts: Sequence[ParticipantScript], participants: int) -> dict[str, list[ParticipantScript]]:
    """Deal scripts round among participants.

    Args:
        scripts: What is to be said.
        participants: How many may speak; those who would get nothing are left out.

    Returns:
        The participants' names with their scripts.
    """
    hands = {
        f"simulated-{number + 1:04d}": list(scripts[number::participants]) for number in range(participants)
    }
    return {name: hand for name, hand in hands.items() if hand}


async def take_part(
    door: Door,
    hands: dict[str, list[ParticipantScript]],
    manner: Manner,
    *,
    arrivals_s: float = 0.0,
    progress: Progress | None = None,
) -> Report:
    """Let each named participant speak its scripts, all at once.

    Args:
        door: Where and how they log in.
        hands: Names with what each says.
        manner: How they go about it.
        arrivals_s: The time over which their log-ins are spread evenly.
        progress: Called with the messages answered so far and the messages in all.
    """
    report = Report(participants=len(hands))
    total = sum(len(script.lines) for hand in hands.values() for script in hand)

    def said() -> None:
        if progress is not None:
            progress(len(report.turns), total)

    began_at = time.perf_counter()
    keeper = asyncio.create_task(_watch_pauses(report))
    try:
        async with asyncio.TaskGroup() as group:
            for place, (name, hand) in enumerate(hands.items()):
                participant = SimulatedParticipant(name, door, hand, manner, report, said)
                group.create_task(participant.take_part(arrivals_s * place / len(hands), began_at))
    finally:
        keeper.cancel()
    report.duration_s = time.perf_counter() - began_at
    return report


async def _watch_pauses(report: Report) -> None:
    due = time.perf_counter() + BEAT_S
    while True:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        now = time.perf_counter()
        report.longest_pause_s = max(report.longest_pause_s, now - due)
        due = now + BEAT_S
