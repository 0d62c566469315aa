"""What tests of the data layer share."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data_layer.engine import Database, open_database
from data_layer.fold_state import ThreadDefaults
from data_layer.journal import Journal
from data_layer.record import Record
from data_layer.writer import Writer
from tests.data_layer.outages import ClosedDatabase, HeldLock, Outage
from tests.data_layer.rows import ADA, Requests

# Chainlit takes seconds to import, and most tests here never meet it.
if TYPE_CHECKING:
    from data_layer.chainlit_layer import ChainlitLayer
    from tests.pages import FakePage


@pytest.fixture
async def impatient(database_url: str) -> AsyncIterator[Database]:
    """The database again, waited for for a twentieth of a second (PostgreSQL: two), not for fifteen."""
    opened = open_database(database_url, 0.05 if database_url.startswith("sqlite") else 2.0)
    yield opened
    await opened.close()


@pytest.fixture
def outage(database_url: str, request: pytest.FixtureRequest) -> Iterator[Outage]:
    """Takes the database away; afterwards it is there again, whatever the test did."""
    if database_url.startswith("sqlite"):
        away: Outage = HeldLock(database_url)
    else:
        away = ClosedDatabase(database_url, request.getfixturevalue("postgres_server"))
    yield away
    away.end()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """The journal."""
    return Journal(tmp_path / "journal")


@pytest.fixture
async def make_writer(
    impatient: Database, journal: Journal, defaults: ThreadDefaults
) -> AsyncIterator[Callable[[], Writer]]:
    """Makes writers over the same database and journal, as one process after another does."""
    made: list[Writer] = []

    def make() -> Writer:
        made.append(Writer(impatient, journal, defaults, retry_s=0.01))
        return made[-1]

    yield make
    for writer in made:
        await writer.close()


@pytest.fixture
def writer(make_writer: Callable[[], Writer]) -> Writer:
    """The writer."""
    return make_writer()


@pytest.fixture
def requests() -> Requests:
    """No HTTP request yet."""
    return Requests()


@pytest.fixture
def layer(record: Record, requests: Requests) -> "Iterator[ChainlitLayer]":
    """The layer over an empty database; no page is being served."""
    from data_layer.chainlit_layer import ChainlitLayer
    from tests.pages import forget_pages, leave_pages

    leave_pages()
    yield ChainlitLayer(record, requests)
    forget_pages()


@pytest.fixture
def page(layer: "ChainlitLayer") -> "FakePage":
    """ADA's page in a new thread, before the first message."""
    from tests.pages import FakePage

    return FakePage(ADA)
