"""The record, as a command opens it beside a server that may run."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from data_layer.record import Record

T = TypeVar("T")


def with_record(work: "Callable[[Record], Awaitable[T]]", study_id: str = "") -> "T":
    """Do something with the record, at its newest schema, and close it.

    Args:
        work: What is done.
        study_id: Whose, where it asks for that.
    """
    from commands.account_store import record_beside
    from data_layer.database.migrate import upgrade
    from settings import load_settings

    settings = load_settings()

    async def opened() -> "T":
        settings.make_folders()
        await upgrade(settings.database_url)
        async with record_beside(settings.database_url, study_id) as record:
            return await work(record)

    return asyncio.run(opened())
