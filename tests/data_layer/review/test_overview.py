"""The overview's figures, on both databases."""

from data_layer.database.rows import Row
from data_layer.record import Record
from data_layer.review.overview import Overview, active_now, overview
from data_layer.review.overview_queries import OVER_MS
from data_layer.writing.writes import InsertRow, PatchRow
from tests.data_layer.rows import begin_thread, new_id, reply
from tests.fakes import HandClock


async def asked(record: Record) -> Overview:
    """The overview now."""
    return await overview(record.database, record.now())


async def person(record: Record, name: str, source: str = "login") -> str:
    """Somebody who has come in."""
    return (await record.enter(name, name.lower(), source)).participant_id


async def connect(record: Record, owner: str, thread_id: str, **columns: object) -> None:
    """A connection of theirs."""
    row: Row = {
        "connection_id": new_id(),
        "session_id": new_id(),
        "participant_id": owner,
        "thread_id": thread_id,
        "opened_at": record.now(),
    }
    await record.writer.submit(InsertRow("connections", row | columns))


async def run(record: Record, **columns: object) -> None:
    """A run."""
    row: Row = {
        "run_id": new_id(),
        "thread_id": new_id(),
        "seq": record.take_order(),
        "name": "on_message",
        "agent": "Agent",
        "status": "complete",
        "started_at": record.now(),
    }
    await record.writer.submit(InsertRow("runs", row | columns))


async def call(record: Record, **columns: object) -> None:
    """A call of a model."""
    row: Row = {
        "llm_call_id": new_id(),
        "run_id": new_id(),
        "thread_id": new_id(),
        "seq": record.take_order(),
        "prompt_hash": "0" * 64,
        "gen_ai_provider_name": "openai",
        "gen_ai_operation_name": "chat",
        "gen_ai_request_model": "small",
        "started_at": record.now(),
        "status": "complete",
    }
    await record.writer.submit(InsertRow("llm_calls", row | columns))


async def end(record: Record, thread_id: str) -> None:
    """A thread ends."""
    await record.writer.submit(PatchRow("threads", {"thread_id": thread_id}, {"ended_at": record.now()}))


async def test_an_empty_record_has_zeros(record: Record) -> None:
    """No figure is missing before anybody has come."""
    found = await asked(record)
    assert found.participants == {
        "entered": 0,
        "simulated": 0,
        "began": 0,
        "exchanged": 0,
        "finished": 0,
        "abandoned": 0,
    }
    assert await active_now(record.database, record.now()) == {"participants": 0, "threads": 0}
    assert (found.withdrawn, found.arrivals, found.backup) == (0, [], None)
    assert (found.days, found.runs, found.calls, found.connections) == ([], [], [], [])
    assert found.files == {"files": 0, "bytes": 0}
    assert found.database_bytes > 0


async def test_a_participant_counts_once_at_each_step(record: Record) -> None:
    """Whoever has two threads began once; whoever came and left without a word entered only."""
    await person(record, "Silent")
    await person(record, "Machine", "simulation")
    ada = await person(record, "Ada")
    first = await begin_thread(record, owner=ada)
    await begin_thread(record, owner=ada)
    for words in ("One", "Two"):
        await record.writer.submit(reply(record, first, words))
    found = (await asked(record)).participants
    assert (found["entered"], found["simulated"], found["began"]) == (3, 1, 1)
    assert (found["exchanged"], found["finished"], found["abandoned"]) == (1, 0, 0)


async def test_an_ended_thread_is_finished_and_never_abandoned(record: Record, clock: HandClock) -> None:
    """Silence of a day and more counts as abandoned only where no thread has ended, entry alone included."""
    ada, bob = await person(record, "Ada"), await person(record, "Bob")
    await person(record, "Silent")
    await end(record, await begin_thread(record, owner=ada))
    await begin_thread(record, owner=bob)
    clock.forward(24 * 3600 - 5)
    assert (await asked(record)).participants["abandoned"] == 0
    clock.forward(10)
    found = (await asked(record)).participants
    assert (found["finished"], found["abandoned"]) == (1, 2)


async def test_active_now_is_connected_and_has_just_written(record: Record, clock: HandClock) -> None:
    """A closed connection is not active, and an open one is not after five minutes of silence."""
    ada, bob = await person(record, "Ada"), await person(record, "Bob")
    thread = await begin_thread(record, owner=ada)
    # Two tabs on one thread are one participant and one thread.
    await connect(record, ada, thread)
    await connect(record, ada, thread)
    await connect(record, bob, await begin_thread(record, owner=bob), closed_at=record.now())
    assert await active_now(record.database, record.now()) == {"participants": 1, "threads": 1}
    clock.forward(301)
    assert await active_now(record.database, record.now()) == {"participants": 0, "threads": 0}


async def test_days_are_of_utc_and_of_an_agent(record: Record, clock: HandClock) -> None:
    """Threads and living messages, by the day on which the thread began; a deleted thread counts."""
    ada = await person(record, "Ada")
    began = clock().date().isoformat()
    thread = await begin_thread(record, owner=ada)
    await record.writer.submit(reply(record, thread, "One"))
    await record.writer.submit(PatchRow("threads", {"thread_id": thread}, {"deleted_at": record.now()}))
    clock.forward(86_400)
    await begin_thread(record, owner=ada)
    first, second = (await asked(record)).days
    assert (first["day"], first["threads"], first["messages"], first["deleted"]) == (began, 1, 2, 1)
    assert (second["day"], second["threads"], second["messages"], second["deleted"]) == (
        clock().date().isoformat(),
        1,
        1,
        0,
    )


async def test_times_fall_into_their_groups(record: Record) -> None:
    """A time on an upper end belongs below it; a missing time stays missing; the longest has a group."""
    await run(record, ttft_ms=100.0, latency_ms=100.1)
    await run(record, ttft_ms=60_000.5, latency_ms=99.9)
    await run(record, status="failed")
    found = {(row["status"], row["ttft"], row["latency"]): row["runs"] for row in (await asked(record)).runs}
    assert found == {
        ("complete", 100, 200): 1,
        ("complete", OVER_MS, 100): 1,
        ("failed", None, None): 1,
    }


async def test_cost_is_never_guessed(record: Record) -> None:
    """Currencies are not added up, and calls without a price are told apart from free ones."""
    tokens = {"gen_ai_usage_input_tokens": 10, "gen_ai_usage_output_tokens": 5}
    await call(record, cost=0.25, cost_currency="USD", **tokens)
    await call(record, cost=0.5, cost_currency="USD", error_type="Timeout")
    await call(record, cost=1.0, cost_currency="EUR")
    await call(record, gen_ai_request_model="unpriced", **tokens)
    found = {(row["model"], row["currency"]): row for row in (await asked(record)).calls}
    dollars = found["small", "USD"]
    assert (dollars["calls"], dollars["failed"], dollars["cost"], dollars["input_tokens"]) == (2, 1, 0.75, 10)
    assert found["small", "EUR"]["cost"] == 1.0
    assert (found["unpriced", None]["cost"], found["unpriced", None]["priced"]) == (None, 0)


async def test_calls_are_told_apart_by_finish_reason(record: Record) -> None:
    """In the provider's words; a call that ended without one has none."""
    for word in ("stop", "length", "stop", None):
        await call(record, finish_reason=word)
    assert {row["finish_reason"]: row["calls"] for row in (await asked(record)).calls} == {
        "stop": 2,
        "length": 1,
        None: 1,
    }


async def test_connections_are_counted_by_how_they_ended(record: Record) -> None:
    """Open ones have no reason; one that ended without a word is unknown."""
    ada = await person(record, "Ada")
    thread = await begin_thread(record, owner=ada)
    await connect(record, ada, thread)
    await connect(record, ada, thread, closed_at=record.now())
    await connect(record, ada, thread, closed_at=record.now(), close_reason="transport close")
    found = {row["reason"]: row["connections"] for row in (await asked(record)).connections}
    assert found == {None: 1, "unknown": 1, "transport close": 1}


async def test_a_page_that_came_back_is_told_apart(record: Record, clock: HandClock) -> None:
    """By its page load, on the day of closing; the last connection of a page has none after it."""
    ada = await person(record, "Ada")
    thread, page = await begin_thread(record, owner=ada), new_id()
    day = clock().date().isoformat()
    for _ in range(3):
        await connect(
            record, ada, thread, session_id=page, closed_at=record.now(), close_reason="transport close"
        )
        clock.forward(1)
    await connect(record, ada, thread, closed_at=record.now(), close_reason="ping timeout")
    found = (await asked(record)).connections
    assert sorted((row["day"], row["reason"], row["returned"], row["connections"]) for row in found) == [
        (day, "ping timeout", 0, 1),
        (day, "transport close", 0, 1),
        (day, "transport close", 1, 2),
    ]


async def test_arrivals_are_of_a_day_and_a_way(record: Record, clock: HandClock) -> None:
    """Each participant once, on the day on which they came first."""
    await person(record, "Ada")
    await person(record, "Bob")
    await person(record, "Machine", "simulation")
    first = clock().date().isoformat()
    clock.forward(86_400)
    await person(record, "Ada")
    cy = await person(record, "Cy")
    await end(record, await begin_thread(record, owner=cy))
    steps = ("participants", "began", "exchanged", "finished", "abandoned")
    assert [
        (row["day"], row["source"], *(row[step] for step in steps)) for row in (await asked(record)).arrivals
    ] == [
        (first, "login", 2, 0, 0, 0, 2),
        (first, "simulation", 1, 0, 0, 0, 1),
        (clock().date().isoformat(), "login", 1, 1, 0, 1, 0),
    ]


async def test_what_is_of_simulated_participants_is_told_apart(record: Record, clock: HandClock) -> None:
    """In every table of figures where both take part; and where all are of one kind."""

    async def told() -> list[list[int]]:
        found = await asked(record)
        tables = (found.days, found.runs, found.calls, found.connections)
        return [sorted(row["simulated"] for row in rows) for rows in tables]

    async def takes_part(source: str) -> None:
        owner = await person(record, f"One {source}", source)
        thread = await begin_thread(record, owner=owner)
        await run(record, thread_id=thread)
        await call(record, thread_id=thread)
        await connect(record, owner, thread, closed_at=record.now(), close_reason="ping timeout")

    await takes_part("simulation")
    assert await told() == [[1]] * 4
    await takes_part("login")
    assert await told() == [[0, 1]] * 4


async def test_what_people_cost_is_told_from_what_simulated_ones_did(record: Record) -> None:
    """Of one day and model; where either kind has no price, or no call, there is none."""

    async def costs(owner: str, **columns: object) -> None:
        await call(record, thread_id=await begin_thread(record, owner=owner), **columns)

    ada = await person(record, "Ada")
    # Two to one: what people cost is then what all did, less what the rarer kind did.
    await person(record, "Bob")
    machine = await person(record, "Machine", "simulation")
    for owner, cost in ((ada, 0.25), (machine, 0.5), (machine, 1.0)):
        await costs(owner, cost=cost, cost_currency="USD", gen_ai_usage_input_tokens=10)
    await costs(machine, gen_ai_request_model="only theirs")
    await costs(ada, gen_ai_request_model="unpriced")
    await costs(machine, gen_ai_request_model="unpriced")
    found = {(row["model"], row["simulated"]): row for row in (await asked(record)).calls}
    assert {key: (row["calls"], row["cost"], row["input_tokens"]) for key, row in found.items()} == {
        ("small", 0): (1, 0.25, 10),
        ("small", 1): (2, 1.5, 20),
        ("only theirs", 1): (1, None, 0),
        ("unpriced", 0): (1, None, 0),
        ("unpriced", 1): (1, None, 0),
    }


async def test_a_day_counts_its_participants_once(record: Record) -> None:
    """However many threads they began with an agent."""
    ada, bob = await person(record, "Ada"), await person(record, "Bob")
    for owner in (ada, ada, bob):
        await begin_thread(record, owner=owner)
    (day,) = (await asked(record)).days
    assert (day["threads"], day["participants"]) == (3, 2)


async def test_who_has_withdrawn_is_in_no_other_figure(record: Record) -> None:
    """Neither as a participant nor by an emptied thread; only their number is told."""
    ada = await person(record, "Ada")
    thread = await begin_thread(record, owner=ada)
    await record.writer.submit(reply(record, thread, "Yes"))
    await record.withdrawals.withdraw(ada, "researcher")
    found = await asked(record)
    assert (found.withdrawn, found.participants["entered"], found.arrivals, found.days) == (1, 0, [], [])


async def test_the_newest_backup_is_the_last_that_was_made(record: Record) -> None:
    """One that was begun and came to nothing does not count."""
    for action, folder in (("backup_made", "/a"), ("backup_made", "/b"), ("backup_begun", "/c")):
        await record.audit.note(action, name="command line", target=folder, details={"bytes": 7})
    found = (await asked(record)).backup
    assert found is not None
    assert (found["target"], found["details"]) == ("/b", {"bytes": 7})


async def test_calls_are_of_a_day(record: Record, clock: HandClock) -> None:
    """So that what goes a day can be told."""
    await call(record, cost=0.25, cost_currency="USD")
    clock.forward(86_400)
    await call(record, cost=0.5, cost_currency="USD")
    found = sorted((row["day"], row["cost"]) for row in (await asked(record)).calls)
    assert [cost for _, cost in found] == [0.25, 0.5]
    assert found[1][0] == clock().date().isoformat()
