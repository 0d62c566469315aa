"""`cli.py simulate --offline`: a study that nobody has lived, kept as if it had been."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from data_layer.database import schema
from data_layer.database.engine import Database, open_database
from data_layer.review.query import parse
from data_layer.review.search import search_threads
from data_layer.review.threads import ThreadFilter, list_threads
from data_layer.writing.statements import of_dialect
from data_layer.writing.summaries import refresh_threads
from demo.plan import DemoPlan, Voice
from demo.study import LONG_TURNS, portions, simulate_study
from demo.words import LONG_TITLE, MESSAGES, TITLES
from study.dialogs import read_dialogs
from study.errors import SimulationError
from study.forms import Form, check
from study.intents import IntentMove, IntentState, after
from study.vocabulary import AnswerState, FormState, ThreadState

DIALOGS = read_dialogs(Path(__file__).resolve().parents[1] / "data" / "orders.jsonl")
VOICES = (Voice("Model", "openai"), Voice("ELIZA", "eliza"))


def plan(**columns: Any) -> DemoPlan:
    """A plan of two hundred threads, unless told otherwise."""
    reasons = {1: ("Helpful",), 0: ("Too long", "Not true")}
    return DemoPlan("simulated", "5f" * 32, VOICES, reasons, **({"threads": 200} | columns))


@pytest.fixture
async def another_database(migrated_sqlite: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A second one, empty, always of SQLite."""
    path = tmp_path / "another.db"
    shutil.copyfile(migrated_sqlite, path)
    opened = open_database(f"sqlite+aiosqlite:///{path}")
    yield opened
    await opened.close()


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, the search's too."""
    found = {}
    async with database.engine.connect() as connection:
        for name, table in schema.metadata.tables.items():
            found[name] = sorted((tuple(row) for row in await connection.execute(select(table))), key=str)
        number = "rowid" if database.dialect == "sqlite" else "number"
        query = text(f"SELECT {number}, owner, kind, target_id FROM search_index ORDER BY 1")
        found["search_index"] = [tuple(row) for row in await connection.execute(query)]
    return found


async def test_the_same_seed_gives_the_same_rows(database: Database, another_database: Database) -> None:
    """Every table of two databases, of either kind, reads alike; another seed makes another study."""
    await simulate_study(database, plan(threads=60), DIALOGS)
    await simulate_study(another_database, plan(threads=60), DIALOGS)
    first = await everything(database)
    assert first == await everything(another_database)
    await simulate_study(another_database, plan(threads=60, seed=8), DIALOGS)
    assert len((await everything(another_database))["threads"]) == 120


async def test_what_is_there_already_is_not_written_twice(database: Database) -> None:
    """A study that was broken off is finished by the same command; a whole one stays as it is."""
    await simulate_study(database, plan(threads=60), DIALOGS)
    before = await everything(database)
    await simulate_study(database, plan(threads=60), DIALOGS)
    assert await everything(database) == before


async def test_rows_say_what_the_writer_would_have_said(database: Database) -> None:
    """Counts and beginnings of threads are those that a message's own transaction derives."""
    await simulate_study(database, plan(), DIALOGS)
    before = (await everything(database))["threads"]
    sql = of_dialect(database.engine.dialect)

    async with database.engine.begin() as connection:
        ids = (await connection.scalars(select(schema.threads.c.thread_id))).all()
        await connection.run_sync(refresh_threads, sql, sorted(ids))
    assert (await everything(database))["threads"] == before


async def test_no_two_things_have_one_order(database: Database) -> None:
    """As in a lived study, an order is one thing's alone: the search finds a message by it."""
    await simulate_study(database, plan(), DIALOGS)
    rows = await everything(database)
    seqs = [
        row[schema.metadata.tables[name].c.keys().index("seq")]
        for name in (
            *("threads", "steps", "runs", "llm_calls", "events", "bookmarks"),
            *("forms", "form_answers", "intents", "intent_moves"),
        )
        for row in rows[name]
    ]
    assert len(seqs) == len(set(seqs))


FILTERS: dict[str, dict[str, Any]] = {
    "rated up": {"rating": 1},
    "rated down": {"rating": 0},
    "failed": {"error": True},
    "stopped": {"stopped": True},
    "edited": {"edited": True},
    "deleted": {"deleted": True},
    "tagged": {"tag": "coffee"},
    "of a model": {"model": "simulated-model"},
    "of the smaller model": {"model": "simulated-model-mini"},
    "of the other agent": {"agent": "ELIZA"},
    "long": {"least_turns": LONG_TURNS},
    "archived": {"archived": True},
    "not archived": {"archived": False},
    "without an intent": {"intent": "none"},
    # None is under way: weeks have gone, and a server would find it left.
    **{f"with an intent {state}": {"intent": state} for state in set(IntentState) - {IntentState.ACTIVE}},
    **{state: {"state": state} for state in ("active", "completed", "abandoned")},
}


async def test_each_filter_of_the_room_finds_some_and_leaves_some(database: Database) -> None:
    """Whoever tries the room on a simulated study sees what each filter does."""
    await simulate_study(database, plan(), DIALOGS)
    everywhere = len((await list_threads(database, ThreadFilter(), size=200)).threads)
    found = {
        name: len((await list_threads(database, ThreadFilter(**asked), size=200)).threads)
        for name, asked in FILTERS.items()
    }
    assert {name: many for name, many in found.items() if not 0 < many <= everywhere} == {}
    assert {ThreadState.WITHDRAWN.value} == set(ThreadState) - set(FILTERS)


@pytest.fixture(scope="module")
def made() -> dict[str, list[dict[str, Any]]]:
    """The rows of the plan's study, before they are written."""
    [rows] = portions(plan(), DIALOGS)
    return rows


def test_forms_are_asked_and_answered_as_participants_answer_them(
    made: dict[str, list[dict[str, Any]]],
) -> None:
    """Some are answered, left or still open; each answer is one that the form takes, said in its message."""
    forms, answers = made["forms"], made["form_answers"]
    said = {row["step_id"]: row for row in made["steps"]}
    open_ones = {row["open_form_id"] for row in made["threads"]} - {None}
    assert {row["state"] for row in forms} == set(FormState)
    assert {row["state"] for row in answers} == set(AnswerState)
    for row in forms:
        assert said[row["message_id"]]["metadata"] == {"form_id": row["form_id"]}
        assert (row["form_id"] in open_ones) is (row["state"] == FormState.OPEN)
        if row["state"] == FormState.ANSWERED:
            form = Form.model_validate(row["definition"])
            assert check(form, row["answers"]).values == row["answers"]
            message = said[row["answered_by_message"]]
            assert message["metadata"] == {"answers_form": row["form_id"]}
            assert message["created_at"] == row["closed_at"] >= row["shown_at"]
            theirs = [one["item"] for one in answers if one["form_id"] == row["form_id"]]
            assert sorted(theirs) == sorted(item.id for item in form.asked)
    for one in answers:
        if one["first_touched_at"] is not None:
            assert one["shown_at"] <= one["first_touched_at"] <= one["sent_at"]


def test_a_study_asks_with_its_own_forms() -> None:
    """And where it wants a file, which nobody has, the form is left for words."""
    items = [{"id": "paper", "kind": "file", "label": "Your receipt"}]
    own = Form.model_validate({"id": "receipt", "items": items})
    [rows] = portions(plan(forms=(own,)), DIALOGS)
    assert {row["name"] for row in rows["forms"]} == {"receipt"}
    assert {row["state"] for row in rows["forms"]} == {FormState.LEFT, FormState.OPEN}
    assert rows["form_answers"] == []


def test_intents_stand_where_their_moves_have_led_them(made: dict[str, list[dict[str, Any]]]) -> None:
    """Every kind of move is there, each from where an intent stood; one is under way at a time."""
    moves = sorted(made["intent_moves"], key=lambda row: row["seq"])
    runs = {row["run_id"] for row in made["runs"]}
    at: dict[str, IntentState] = {}
    active: dict[str, str] = {}
    for move in moves:
        led_to = after(at.get(move["intent_id"]), IntentMove(move["move"]))
        assert led_to is not None
        assert led_to == move["state"]
        at[move["intent_id"]] = led_to
        if led_to is IntentState.ACTIVE:
            assert active.setdefault(move["thread_id"], move["intent_id"]) == move["intent_id"]
        else:
            active.pop(move["thread_id"], None)
        assert (move["run_id"] is None) is (move["message_id"] is None)
        assert move["run_id"] is None or move["run_id"] in runs
    assert {move["move"] for move in moves} == set(IntentMove)
    intents = made["intents"]
    assert {row["intent_id"]: row["state"] for row in intents} == at
    assert active == {}
    steps = made["steps"]
    voiced = {row["thread_id"] for row in made["threads"] if row["agent"] != "ELIZA"}
    assert {row["thread_id"] for row in steps if row["intent_id"] is not None} == voiced


def test_tools_fail_now_and_then(made: dict[str, list[dict[str, Any]]]) -> None:
    """So that the room shows what that looks like."""
    tools = [row["is_error"] for row in made["steps"] if row["type"] == "tool"]
    assert 0 < sum(tools) < len(tools) / 10


async def test_one_thread_is_very_long(database: Database) -> None:
    """500 messages, with the agent's work between them."""
    await simulate_study(database, plan(threads=40), DIALOGS)
    steps, threads = schema.steps, schema.threads
    async with database.engine.connect() as connection:
        query = select(threads.c.thread_id, threads.c.message_count).where(threads.c.title == LONG_TITLE)
        [(thread_id, messages)] = (await connection.execute(query)).all()
        tools = await connection.scalar(
            select(func.count()).where(steps.c.thread_id == thread_id, steps.c.type == "tool")
        )
    assert messages == 500
    assert tools is not None
    assert tools > 50


async def test_a_mean_of_messages_is_met(database: Database) -> None:
    """What is asked for is there, but for what failed and the long thread."""
    made = await simulate_study(database, plan(threads=100, messages_each=10), DIALOGS)
    assert made.threads == 100
    assert abs(made.messages - 490 - 1000) < 30


async def test_what_attacks_a_page_is_among_the_words(database: Database) -> None:
    """Script, other directions and long words: what the room must show as text is there to be shown."""
    await simulate_study(database, plan(), DIALOGS)
    rows = await everything(database)
    titles = {row[schema.threads.c.keys().index("title")] for row in rows["threads"]}
    said = {row[schema.steps.c.keys().index("output")] for row in rows["steps"]}
    assert set(TITLES) <= titles
    # One or another was said otherwise afterwards.
    assert {words for words in MESSAGES if any(one.startswith(words) for one in said)} == set(MESSAGES)


async def test_what_was_said_is_found(database: Database) -> None:
    """The room's search knows the words of a simulated study, and a participant's own search does."""
    await simulate_study(database, plan(), DIALOGS)
    assert (await search_threads(database, parse("latte role:participant"), ThreadFilter())).hits
    assert (await search_threads(database, parse("拿铁"), ThreadFilter())).hits


async def test_real_participants_are_not_mixed_with(database: Database) -> None:
    """A study that somebody takes part in is refused, unless both are asked for."""
    person: dict[str, Any] = {"participant_id": "0" * 36, "study_id": "s", "source": "login"}
    person["created_at"] = datetime(2026, 3, 2, tzinfo=UTC)
    async with database.engine.begin() as connection:
        await connection.execute(schema.participants.insert(), person)
    with pytest.raises(SimulationError, match="--mix"):
        await simulate_study(database, plan(threads=5), DIALOGS)
    assert (await everything(database))["threads"] == []
    made = await simulate_study(database, plan(threads=5), DIALOGS, mix=True)
    assert made.threads == 5


async def test_it_says_how_far_it_is(database: Database) -> None:
    """Progress is told for each portion, up to the last."""
    told: list[tuple[int, int]] = []
    await simulate_study(
        database, plan(threads=300), DIALOGS, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(200, 300), (300, 300)]
