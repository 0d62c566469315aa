"""Guesses at codes and passwords, counted by all processes of a study together."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx2
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from fastapi import FastAPI
from sqlalchemy import select, text

from data_layer.database import schema
from data_layer.database.engine import open_database
from data_layer.people.guesses import GuessLimit
from data_layer.people.researchers import Researchers
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from research.app import research_app
from stages.entry.refusals import EntryRefused
from stages.entry.throttle import GUESSES_A_NAME, EntryThrottle
from stages.entry.ways import Ways
from study.loader import load_study
from study.participation import LoginMode
from study.roles import ResearcherRole
from tests.browser.conftest import STUDY
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD

ADA: Final = GuessLimit("guess", "ada", 5, 60)
BOB: Final = GuessLimit("guess", "bob", 5, 60)


@pytest.fixture
async def pair(postgres_url: str, tmp_path: Path, defaults: ThreadDefaults) -> AsyncIterator[list[Record]]:
    """Two processes of one study, which know of each other."""
    both = [Record(open_database(postgres_url, 120), tmp_path / name, defaults) for name in "ab"]
    for record in both:
        record.researchers = Researchers(record.store, PasswordHasher.from_parameters(CHEAPEST))
        await record.start()
    for record in both:
        await record.look_around()
    yield both
    for record in both:
        await record.close()


async def test_processes_have_one_limit_together(pair: list[Record]) -> None:
    """Twenty at once over both: five may be made, whichever process they reach; another's name is its own."""
    waits = await asyncio.gather(*[pair[n % 2].guesses.wait_s(ADA) for n in range(20)])
    assert waits.count(0) == 5
    assert all(0 < wait <= 60 for wait in waits if wait)
    assert await pair[0].guesses.wait_s(BOB) == 0


async def test_who_knows_it_does_not_guess(pair: list[Record]) -> None:
    """A right one in one process sets both back."""
    for _ in range(5):
        await pair[0].guesses.wait_s(ADA)
    assert await pair[1].guesses.wait_s(ADA)
    await pair[1].guesses.forget(ADA)
    assert await pair[0].guesses.wait_s(ADA) == 0


async def test_a_window_ends(pair: list[Record]) -> None:
    """After it there are five again; what is two hours old is kept no longer."""
    for _ in range(6):
        await pair[0].guesses.wait_s(ADA, BOB)
    async with pair[0].database.engine.begin() as connection:
        await connection.execute(text("UPDATE guesses SET began_at = began_at - interval '61 seconds'"))
    assert await pair[1].guesses.wait_s(ADA) == 0
    async with pair[0].database.engine.begin() as connection:
        await connection.execute(text("UPDATE guesses SET began_at = began_at - interval '3 hours'"))
    await pair[1].guesses.wait_s(ADA)
    async with pair[0].database.connect() as connection:
        kept = (await connection.execute(select(schema.guesses.c.guess_key))).scalars().all()
    assert kept == [ADA.key]


async def test_one_process_asks_the_database_nothing(record: Record) -> None:
    """It sees every guess itself; so on SQLite, and on PostgreSQL while it is alone."""
    for _ in range(9):
        assert await record.guesses.wait_s(ADA) == 0
    async with record.database.connect() as connection:
        assert (await connection.execute(select(schema.guesses))).all() == []


async def test_a_resume_code_is_guessed_no_oftener_at_two_processes(pair: list[Record]) -> None:
    """Who goes from one to the other has five guesses, and then waits, also with the right code."""
    doors = [Ways(record, EntryThrottle(600)) for record in pair]
    person = await doors[0].by_name(LoginMode.CLAIM, "Ada", "", "b" * 32)
    answers = []
    for n in range(GUESSES_A_NAME + 3):
        with pytest.raises(EntryRefused) as refused:
            await doors[n % 2].by_name(LoginMode.CLAIM, "Ada", f"wrong-{n}", "c" * 32)
        answers.append(refused.value.status)
    assert answers == [403] * GUESSES_A_NAME + [429] * 3
    assert int((refused.value.headers or {})["Retry-After"]) > 0
    assert person.participant_id


async def test_a_researchers_password_is_guessed_no_oftener_at_two_processes(pair: list[Record]) -> None:
    """Two rooms, five guesses: the sixth is told to wait, whichever it reaches."""
    await pair[0].researchers.add("Olga", ResearcherRole.OWNER, PASSWORD)
    statuses = []
    rooms = []
    for record in pair:
        outer = FastAPI()
        outer.mount("/research", research_app(record, load_study(STUDY)))
        rooms.append(outer)
    for n in range(7):
        transport = httpx2.ASGITransport(rooms[n % 2])
        async with httpx2.AsyncClient(transport=transport, base_url="http://study.example") as client:
            answer = await Browser(client).client.post(
                "/research/login", data={"name": "Olga", "password": f"wrong {n}", "next": ""}
            )
            statuses.append(answer.status_code)
    assert statuses == [401] * 5 + [429] * 2
