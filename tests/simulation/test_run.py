"""Dialogs become scripts, scripts are dealt to participants, and all of it is reported."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from simulation.browser import Door
from simulation.participant import Manner, ParticipantScript
from simulation.report import Report, quantile
from simulation.run import deal, script_of, simulate, take_part
from study.dialogs import dialog_of_thread, read_dialogs
from study.errors import SimulationError
from study.pace import OPENED, SPOKEN
from tests.simulation.fake_chat import FakeChat

DIALOGS = read_dialogs(Path(__file__).parents[1] / "data" / "orders.jsonl")


def test_a_script_says_the_participants_lines_under_ids_that_the_file_decides() -> None:
    """The thread leads back to its dialog; each message has a v4 id of its own."""
    script = script_of(DIALOGS[7], 7, 0)
    assert dialog_of_thread(DIALOGS, script.thread_id) == DIALOGS[7]
    assert [text for _, text, _ in script.lines] == list(DIALOGS[7].participant_lines)
    ids = [UUID(message_id) for message_id, _, _ in script.lines]
    assert len(set(ids)) == len(script.lines)
    assert {id_.version for id_ in ids} == {4}


def test_another_round_has_other_ids() -> None:
    """Nothing is said twice into one thread."""
    assert script_of(DIALOGS[0], 0, 0).thread_id != script_of(DIALOGS[0], 0, 1).thread_id


def test_a_line_that_the_file_leaves_unanswered_expects_no_words() -> None:
    """Some dialogs end with the participant."""
    number, dialog = next((n, d) for n, d in enumerate(DIALOGS) if d.utterances[-1].speaker == "user")
    assert [answered for _, _, answered in script_of(dialog, number, 0).lines][-1] is False


def test_every_script_is_dealt_once() -> None:
    """Round by round, as cards are."""
    scripts = [script_of(dialog, number, 0) for number, dialog in enumerate(DIALOGS)]
    hands = deal(scripts, 7)
    dealt = [script.thread_id for hand in hands.values() for script in hand]
    assert sorted(dealt) == sorted(script.thread_id for script in scripts)
    assert {len(hand) for hand in hands.values()} == {28, 29}


def test_participants_without_a_script_stay_away() -> None:
    """Ten people with two dialogs are two people."""
    assert list(deal([script_of(DIALOGS[n], n, 0) for n in (0, 1)], 10)) == [
        "simulated-0001",
        "simulated-0002",
    ]


async def test_progress_counts_every_answered_message_up_to_the_total(chat: FakeChat) -> None:
    """The last call says that all is done."""
    calls: list[tuple[int, int]] = []
    report = await simulate(
        chat.url, DIALOGS[:3], 2, progress=lambda done, total: calls.append((done, total))
    )
    report.raise_for_errors()
    total = sum(len(dialog.participant_lines) for dialog in DIALOGS[:3])
    assert calls == [(done, total) for done in range(1, total + 1)]


async def test_each_round_is_spoken(chat: FakeChat) -> None:
    """Two rounds of two dialogs are four threads."""
    report = await simulate(chat.url, DIALOGS[:2], 4, rounds=2)
    report.raise_for_errors()
    assert len(report.seen) == 4
    assert sorted(report.owners.values()) == [f"simulated-000{n}" for n in (1, 2, 3, 4)]


async def test_one_participant_who_gives_up_does_not_end_the_others(chat: FakeChat) -> None:
    """The report names the one, and has the turns of the rest."""
    chat.plan.append("silence")
    report = await simulate(chat.url, DIALOGS[:3], 3, patience_s=1)
    assert len(report.errors) == 1
    assert len(report.turns) == sum(len(d.participant_lines) for d in DIALOGS[:3]) - _lines_not_said(report)


def _lines_not_said(report: Report) -> int:
    said = {turn.thread_id for turn in report.turns}
    scripts = [script_of(dialog, number, 0) for number, dialog in enumerate(DIALOGS[:3])]
    return sum(len(script.lines) for script in scripts if script.thread_id not in said)


@pytest.mark.parametrize(("participants", "rounds"), [(0, 1), (1, 0)])
async def test_nothing_to_do_is_an_error_with_the_repair(participants: int, rounds: int) -> None:
    """Nobody, or no round."""
    with pytest.raises(SimulationError, match=r"Write it like: python cli\.py simulate"):
        await simulate("http://127.0.0.1:1", DIALOGS, participants, rounds=rounds)


async def test_an_address_without_a_scheme_is_an_error_with_the_repair() -> None:
    """As in --url localhost:8000."""
    with pytest.raises(SimulationError, match="Write it like: --url http://"):
        await simulate("localhost:8000", DIALOGS, 1)


async def test_a_server_that_is_not_there_is_given_up_within_the_patience() -> None:
    """The error says what was waited for."""
    report = await simulate("http://127.0.0.1:1", DIALOGS[:1], 1, patience_s=0.3)
    assert report.errors == ["simulated-0001: waited 0.3 s for the log-in"]


def test_troubles_are_raised_with_their_number_and_the_first_ten() -> None:
    """Faults and errors alike."""
    report = Report(participants=1, errors=[f"error {n}" for n in range(9)], faults=["one", "two"])
    with pytest.raises(SimulationError) as raised:
        report.raise_for_errors()
    assert str(raised.value).startswith("11 things went wrong in the simulation:\n- error 0\n")
    assert str(raised.value).endswith("- one")


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.001, 1), (0.505, 51)]
)
def test_a_quantile_is_the_value_of_its_nearest_rank(share: float, expected: int) -> None:
    """Of 1 to 100."""
    assert quantile(range(100, 0, -1), share) == expected


def test_a_quantile_of_nothing_is_nothing() -> None:
    """Not zero: nobody waited."""
    assert quantile([], 0.95) is None


async def test_participants_keep_to_the_pages_pace_by_themselves(chat: FakeChat) -> None:
    """Who has said all that is taken at once waits for the next, and the report says how long."""
    manner = Manner(spoken=(1, 0.5))
    hand = [ParticipantScript(str(uuid4()), [(str(uuid4()), words, True) for words in ("One", "Two")])]
    report = await take_part(Door(chat.url), {"simulated-0001": hand}, manner)
    report.raise_for_errors()
    assert len(report.turns) == 2
    assert report.held_back_s > 0


def test_the_pace_that_they_keep_is_one_that_the_page_takes() -> None:
    """Also where what was sent in time arrives closer together."""
    manner = Manner()
    for (at_once, a_second), (most, fastest) in ((manner.spoken, SPOKEN), (manner.opened, OPENED)):
        assert at_once < most
        assert a_second <= fastest
