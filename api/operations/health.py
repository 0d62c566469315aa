"""Whether the process lives, and whether it can be sent people. Nothing is asked of a model: that costs."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.context import ApiContext, Context
from data_layer.database.locations import existing

router = APIRouter(tags=["Operation"])

# A load balancer asks every few seconds, and waits no longer itself.
_PATIENCE_S: Final = 3.0
# Bytes. With less, the server would not start (data_layer/database/locations.py).
_LEAST_FREE: Final = 100_000_000


class Alive(BaseModel):
    """That the process lives."""

    status: Annotated[str, Field(description="Always ok: whoever reads it has an answer.")] = "ok"


class Check(BaseModel):
    """One thing that the server needs."""

    name: Annotated[str, Field(description="database, journal, disk, providers, or ending.")]
    ok: bool
    detail: Annotated[str, Field(description="What is wrong; empty when nothing is.")] = ""


class Readiness(BaseModel):
    """Whether the server can be sent people."""

    ready: bool
    checks: list[Check]


@router.get("/health", summary="Does the process live?")
async def health() -> Alive:
    """Answer while the process does; nothing is looked up."""
    return Alive()


@router.get("/serving", summary="May people be sent here?", responses={503: {"model": Alive}})
async def serving(context: Context, response: Response) -> Alive:
    """Answer 503 from the moment on that the process begins to end, for a proxy that stands before several.

    It looks nothing up: while the database is away every process goes on, and keeps what is said.
    """
    response.status_code = 503 if context.ending() else 200
    response.headers["Cache-Control"] = "no-store"
    return Alive()


@router.get("/ready", summary="Can it be sent people?", responses={503: {"model": Readiness}})
async def ready(context: Context, response: Response) -> Readiness:
    """Look at what is needed: the database, the journal, the disk, and the breakers before model providers.

    A provider that fails does not make the server unready: its agents say so and offer a Retry, and others
    answer. No model is asked.
    """
    checks = [
        await _database(context),
        *await asyncio.to_thread(lambda: list(_disk(context))),
        _providers(context),
        *_ending(context),
    ]
    is_ready = all(one.ok for one in checks if one.name != "providers")
    response.status_code = 200 if is_ready else 503
    response.headers["Cache-Control"] = "no-store"
    return Readiness(ready=is_ready, checks=checks)


def _ending(context: ApiContext) -> Iterator[Check]:
    if context.ending():
        yield Check(name="ending", ok=False, detail="It is about to end: its replies are being finished.")


async def _database(context: ApiContext) -> Check:
    try:
        async with asyncio.timeout(_PATIENCE_S), context.record.database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return Check(
            name="database", ok=False, detail="It does not answer; what is said waits in the journal."
        )
    if context.record.writer.health.away:
        return Check(
            name="database", ok=False, detail="It answers again; the journal is being written to it."
        )
    return Check(name="database", ok=True)


def _disk(context: ApiContext) -> Iterator[Check]:
    writable = os.access(existing(context.record.journal.path.parent), os.W_OK)
    said = "" if writable else "Its folder cannot be written to; an outage of the database would lose words."
    yield Check(name="journal", ok=writable, detail=said)
    try:
        free = shutil.disk_usage(existing(context.record.data_dir)).free
    except OSError:
        yield Check(name="disk", ok=False, detail="The data folder cannot be read.")
        return
    said = f"{free // 1_000_000} MB are free." if free < _LEAST_FREE else ""
    yield Check(name="disk", ok=not said, detail=said)


def _providers(context: ApiContext) -> Check:
    away = sum(1 for state in context.servers() if state.is_open)
    said = f"{away} are left alone for a moment, for they failed again and again." if away else ""
    return Check(name="providers", ok=not away, detail=said)
