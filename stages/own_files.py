"""Files of threads, for their owner and for nobody else, by whichever door."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data_layer.conversations.elements import element_row
from data_layer.conversations.threads import owner_of
from data_layer.record import Record

# A picture that was shown once is not fetched again within the hour.
CACHED: Final = {"Cache-Control": "private, max-age=3600"}


@dataclass(frozen=True)
class StoredFile:
    """An element's file."""

    path: Path
    mime: str
    name: str
    participant_id: str


async def find_file(record: Record, element_id: str) -> StoredFile | None:
    """An element's file; None when there is none, or it is deleted.

    Args:
        record: Where it is kept.
        element_id: Which.
    """
    row = await element_row(record.database, element_id)
    if row is None or row["deleted_at"] is not None or not row["file"]:
        return None
    owner = await owner_of(record.database, row["thread_id"])
    if owner is None:
        return None
    path = await asyncio.to_thread(record.files.bring, row["file"])
    if path is None:
        return None
    return StoredFile(path, row["mime"] or "application/octet-stream", row["name"], owner)


async def own_file(record: Record, participant_id: str, element_id: str) -> StoredFile | None:
    """A file of a participant's; None for another's as for none."""
    found = await find_file(record, element_id)
    if found is None or found.participant_id != participant_id or not found.path.is_file():
        return None
    return found
