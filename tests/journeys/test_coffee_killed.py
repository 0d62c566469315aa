"""The server is killed three times while fifty order and answer forms: nothing is lost, or done twice."""

import asyncio
import json
import random
import secrets
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from bench.dialogs import DIALOGS
from bench.dialogs_play import PlayedDialog, play_all, read_dialogs
from bench.process import ServerProcess, verbatim
from simulation.browser import Door
from simulation.habits import Habits
from simulation.participant import Manner, ParticipantScript
from simulation.report import Report
from simulation.run import deal, take_part
from study.forms import Form, check
from tests.agent.task.counter import barista
from tests.journeys.compare import Row, read_table
from tests.journeys.server import TREE, export
from tests.journeys.shop import FORMS, INTERVIEWER, ledger_of, make_shop
from tests.journeys.test_coffee import named, script_of_played
from tests.journeys.test_killed_server import KILLS, PATIENCE_S, Killer

# A third of them; all are played without a kill.
ORDERS: Final = 100
ORDERING: Final = 36
# They do nothing but answer forms, so that whenever the server is killed some are being filled in and sent.
ASKED: Final = 14
INTERVIEWS: Final = 28
ACTS: Final = ("add_order_item", "update_order_item", "update_order", "finish_order")
# Whoever orders presses "Yes" where they would say it, and says the rest.
PRESSES: Final = Habits(answers=0, slips=0)
SENDS: Final = Habits(answers=0.9, slips=0.15)

# Set it to the seed that a failed run printed, to kill at the same points of progress again.
SEED: int | None = None

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Orders:
    """What was to be said, what participants saw and sent, what was done, and the export of all."""

    expected: list[PlayedDialog]
    ordering: Report
    asked: Report
    everything: Path
    done: list[str]
    seed: int

    def table(self, name: str) -> list[Row]:
        """A table of the export."""
        return read_table(self.everything, name, "jsonl")


def interviews() -> list[ParticipantScript]:
    """A line that begins each, and one for each form, where that is not sent."""
    lines = ["Hello", "Every day, two cups", "Fine", "Yes"]
    return [
        ParticipantScript(
            named(f"interview {number}"),
            [(named(f"interview {number}/{place}"), text, True) for place, text in enumerate(lines)],
        )
        for number in range(INTERVIEWS)
    ]


async def speak_and_kill(
    server: ServerProcess, orders: list[ParticipantScript], seed: int
) -> tuple[Report, Report, int]:
    """Let everybody order, or answer, to the end in spite of it."""
    talks = interviews()
    killer = Killer(server, random.Random(seed), sum(len(one.lines) for one in [*orders, *talks]))
    answered: Counter[str] = Counter()

    async def speak(prefix: str, hands: dict[str, list[ParticipantScript]], manner: Manner) -> Report:
        def progress(done: int, total: int) -> None:
            answered[prefix] = done
            killer.progress(answered.total(), total)

        named_so = {f"{prefix} {name}": hand for name, hand in hands.items()}
        return await take_part(Door(server.url), named_so, manner, progress=progress)

    async with asyncio.TaskGroup() as group:
        group.create_task(killer.run())
        ordering = group.create_task(
            speak("guest", deal(orders, ORDERING), Manner(patience_s=PATIENCE_S, habits=PRESSES))
        )
        asked = group.create_task(
            speak(
                "asked",
                deal(talks, ASKED),
                Manner(patience_s=PATIENCE_S, habits=SENDS, profile=INTERVIEWER),
            )
        )
    return ordering.result(), asked.result(), killer.kills


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Orders:
    """Everybody comes to the end in spite of it; then the record is exported and verified."""
    folder = tmp_path_factory.mktemp("killed-coffee")
    seed = SEED if SEED is not None else secrets.randbelow(1_000_000)
    sys.stderr.write(f"seed {seed}\n")
    shop = make_shop(folder)
    expected = play_all(read_dialogs(DIALOGS)[-ORDERS:], barista())
    with verbatim(TREE, folder / "data", shop) as server:
        scripts = [script_of_played(one) for one in expected]
        ordering, asked, kills = asyncio.run(speak_and_kill(server, scripts, seed))
        assert (kills, ordering.errors, asked.errors) == (KILLS, [], []), f"seed {seed}"
        export(server, folder / "everything", "--format", "jsonl", "--include-deleted")
        export(server, "verify", folder / "everything")
    return Orders(expected, ordering, asked, folder / "everything", ledger_of(shop), seed)


def test_every_word_of_the_participants_is_kept(orders: Orders) -> None:
    """In order, once, whatever was cut off; and every screen came back as it had been shown."""
    said = defaultdict(list)
    for row in sorted(orders.table("messages"), key=lambda row: row["seq"]):
        if row["role"] == "user":
            said[row["thread_id"]].append((row["message_id"], row["content"]))
    pressed = {form.message_id for form in orders.ordering.forms}
    wanted = {
        script.thread_id: [
            # A button says in its own writing what would have been typed.
            (message_id, text.capitalize() if message_id in pressed else text)
            for message_id, text, _ in script.lines
        ]
        for script in map(script_of_played, orders.expected)
    }
    assert pressed
    assert {thread: said[thread] for thread in wanted} == wanted, f"seed {orders.seed}"
    talks = {one.thread_id: [message_id for message_id, _, _ in one.lines] for one in interviews()}
    assert {thread: [one for one, _ in said[thread]] for thread in talks} == talks, f"seed {orders.seed}"
    assert set(said) == {*wanted, *talks}
    assert [*orders.ordering.faults, *orders.asked.faults] == [], f"seed {orders.seed}"
    assert orders.ordering.reconnects + orders.asked.reconnects >= ORDERING + ASKED


def test_every_form_that_was_sent_is_kept_as_it_was_sent(orders: Orders) -> None:
    """Its answers, by the message that the participant's page gave it; nobody's form is answered twice."""
    kept = {row["form_id"]: row for row in orders.table("forms")}
    sent = [*orders.ordering.forms, *orders.asked.forms]
    assert len(sent) == len({form.form_id for form in sent})
    differ = []
    for form in sent:
        row = kept[form.form_id]
        asked = Form.model_validate_json(row["definition"])
        wanted = ("answered", form.message_id, dict(check(asked, form.values).values))
        found = (row["state"], row["answered_by_message"], json.loads(row["answers"] or "null"))
        if found != wanted:
            differ.append((wanted, found))
    assert differ == [], f"seed {orders.seed}"
    answered = {row["form_id"] for row in kept.values() if row["state"] == "answered"}
    assert answered == {form.form_id for form in sent}, f"seed {orders.seed}"
    items = Counter((row["form_id"], row["item"]) for row in orders.table("form_answers"))
    assert set(items.values()) == {1}, f"seed {orders.seed}"
    assert {form_id for form_id, _ in items} == answered, f"seed {orders.seed}"


def test_every_form_was_asked_and_the_kills_met_some_that_stood_open(orders: Orders) -> None:
    """All kinds of the interview came, and some were answered over another connection than they came by."""
    forms = {row["form_id"]: row for row in orders.table("forms")}
    assert {row["name"] for row in forms.values()} >= {*FORMS, "confirm"}
    came_by = {row["run_id"]: row["connection_id"] for row in orders.table("runs")}
    later = {
        row["form_id"]
        for row in orders.table("form_answers")
        if row["connection_id"] != came_by[forms[row["form_id"]]["run_id"]]
    }
    assert later, f"seed {orders.seed}"
    assert any(form.refusals for form in orders.asked.forms)


def test_the_kills_met_tools_that_were_acting(orders: Orders) -> None:
    """Some were cut off in the middle: nobody knows what they did, and they are not called again for it."""
    cut = [
        row
        for row in orders.table("steps")
        if row["name"] in ACTS and (row["status"] == "interrupted" or "abandoned_call" in row["output"])
    ]
    assert cut, f"seed {orders.seed}"


def test_nothing_is_done_twice_for_one_decision(orders: Orders) -> None:
    """What a tool that acts gave first is what every later try of the same turn was given."""
    given: dict[tuple[object, ...], set[str]] = defaultdict(set)
    places: dict[tuple[object, ...], int] = defaultdict(int)
    for row in sorted(orders.table("steps"), key=lambda row: row["seq"]):
        if row["name"] in ACTS and row["status"] == "complete" and not row["is_error"]:
            call = (row["run_id"], row["name"], row["input"])
            decision = (row["thread_id"], row["turn"], row["name"], row["input"], places[call])
            places[call] += 1
            given[decision].add(row["output"])
    assert given
    assert {one: came for one, came in given.items() if len(came) > 1} == {}, f"seed {orders.seed}"


def test_no_tool_acted_twice_with_one_key(orders: Orders) -> None:
    """By what the shop itself wrote down, before the record knew."""
    assert len(orders.done) > ORDERS
    assert [one for one, times in Counter(orders.done).items() if times > 1] == [], f"seed {orders.seed}"
