"""The agent of each message: no gaps that a table by agent and role would drop."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import insert, update

from data_layer.database import schema
from exports import load
from exports.verify.difference import Finding
from tests.exports.conftest import export_to
from tests.exports.proving import verify_export
from tests.exports.seed import Seed, at, id_of, order
from tests.exports.test_verify import execute, found, now

runs, steps = schema.runs, schema.steps


@pytest.fixture
def url(database_url: str) -> str:
    """A thread for Model: its turns were answered by Model, by Heir, by Model and then Heir, by none."""
    seed = Seed()
    seed.participant("Ada")
    thread = "thread"
    seed.thread(thread, "Ada", 0, last_activity_at=at(400))
    for turn, (name, agents) in enumerate(
        {"one": ("Model",), "two": ("Heir",), "three": ("Model", "Heir"), "four": ()}.items(), 1
    ):
        asked = 100 * turn
        seed.step(f"{name} asked", thread, asked, "user_message", turn=turn)
        for number, agent in enumerate(agents, 1):
            left = (
                {} if number == len(agents) else {"deleted_at": at(asked + 10), "deleted_because": "retried"}
            )
            at_turn = {"turn": turn, "agent": agent, **left}
            run = seed.run(f"{name} {number}", thread, f"{name} asked", asked + 10 * number, **at_turn)
            seed.step(
                f"{name} answered {number}",
                thread,
                asked + 10 * number + 1,
                "assistant_message",
                run_id=run,
                **at_turn,
            )
    seed.step("notice", thread, 402, "system_message", turn=4)
    # Nothing was chosen, and nobody has answered.
    seed.thread("undecided", "Ada", 500, agent=None, last_activity_at=at(501))
    seed.step("anybody?", "undecided", 501, "user_message")
    seed.write(database_url)
    return database_url


def agents(out: Path) -> dict[str, str | None]:
    """The agent of each message, by its words."""
    rows = load(out)["messages"][["content", "agent"]].itertuples(index=False)
    return {content: None if pd.isna(agent) else agent for content, agent in rows}


def test_each_message_carries_who_answers_it(url: str, out: Path) -> None:
    """Who did, where somebody did, the last of several; before there is an answer the thread's."""
    export_to(url, out)
    assert agents(out) == {
        "one asked": "Model",
        "one answered 1": "Model",
        "two asked": "Heir",
        "two answered 1": "Heir",
        "three asked": "Heir",
        "three answered 2": "Heir",
        "four asked": "Model",
        "notice": "Model",
        "anybody?": None,
    }


def test_an_answer_that_left_does_not_count(url: str, out: Path) -> None:
    """Also where it is exported, and also where it came later: the answer that stands does."""
    swap = {"deleted_at": at(900), "deleted_because": "switched"}
    stand = {"deleted_at": None, "deleted_because": None}
    for table in (runs, steps):
        key = table.c.run_id
        execute(url, update(table).where(key == id_of("three 2")).values(**swap))
        execute(url, update(table).where(key == id_of("three 1")).values(**stand))
    export_to(url, out, include_deleted=True)
    told = agents(out)
    assert told["three asked"] == "Model"
    assert told["three answered 2"] == "Heir"


def test_an_answer_by_another_has_moved_a_message_on(url: str, out: Path) -> None:
    """One that came after the snapshot gives the message another agent; verify knows why."""
    export_to(url, out)
    moment = now() + timedelta(seconds=1)
    row = {
        "run_id": id_of("four 1"),
        "thread_id": id_of("thread"),
        "message_id": id_of("four asked"),
        "seq": order(moment),
        "name": "on_message",
        "agent": "Heir",
        "status": "streaming",
        "started_at": moment,
    }
    execute(url, insert(runs).values(row))
    differences = verify_export(out, url)
    assert (Finding.MOVED_ON, "messages") in found(differences)
    assert [str(one) for one in differences if one.wrong] == []


def test_an_answer_that_is_walked_back_to_has_moved_a_message_on(url: str, out: Path) -> None:
    """The other answer, by the other agent, stands since the snapshot; verify knows why."""
    export_to(url, out)
    swap = {"deleted_at": now() + timedelta(seconds=1), "deleted_because": "switched"}
    execute(url, update(runs).where(runs.c.run_id == id_of("three 2")).values(**swap))
    stand = {"deleted_at": None, "deleted_because": None}
    execute(url, update(runs).where(runs.c.run_id == id_of("three 1")).values(**stand))
    moved = [one for one in verify_export(out, url) if one.where == "messages"]
    assert [(one.finding, one.ids) for one in moved] == [(Finding.MOVED_ON, (id_of("three asked"),))]


def test_another_agent_behind_the_apps_back_is_named(url: str, out: Path) -> None:
    """A run's agent that was changed without a run is a difference, in the message as in the run."""
    export_to(url, out)
    execute(url, update(runs).where(runs.c.run_id == id_of("two 1")).values(agent="Other"))
    assert found(verify_export(out, url)) == {(Finding.DIFFERENT, "messages"), (Finding.DIFFERENT, "runs")}
