"""A study with a participant who said everything, and a program of a researcher's that reads it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import httpx2
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from starlette.applications import Starlette
from starlette.routing import Mount

from api.app import api_app
from api.context import MOUNTED_AT, ApiContext
from data_layer.database.rows import Row
from data_layer.people.researchers import Researchers
from data_layer.record import Record
from study.roles import ResearcherRole, TokenScope
from tests.api.research.program import Program
from tests.data_layer.rows import ADA, rows
from tests.data_layer.said_by_ada import MARKER, OWN_PROMPT, say_everything

BASE: Final = f"http://study.example{MOUNTED_AT}"
ALL: Final = tuple(TokenScope)


@pytest.fixture
async def program(record: Record, context: ApiContext) -> AsyncIterator[Program]:
    """A program with a token of Olga's, an owner, that may do everything."""
    # The real cost of a password is tens of milliseconds and 64 MiB a test.
    record.researchers = Researchers(record.store, PasswordHasher.from_parameters(CHEAPEST))
    outer = Starlette(routes=[Mount(MOUNTED_AT, api_app(context))])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(outer), base_url=BASE) as http:
        program = Program(http, record)
        await program.researcher("Olga", ResearcherRole.OWNER)
        await program.come_in("Olga", ALL)
        yield program


@pytest.fixture
async def thread_id(record: Record) -> str:
    """A thread of ADA's with everything in it and behind it."""
    return await say_everything(record, ADA, MARKER, OWN_PROMPT)


async def noted(record: Record) -> list[Row]:
    """The lines of the audit log, the first first."""
    return sorted(await rows(record, "audit_log"), key=lambda line: int(line["position"]))


LONG: Final = timedelta(days=30)
