"""What tests of the data layer share."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from data_layer.database.engine import Database
from data_layer.record import Record
from data_layer.writing.journal import Journal
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writer import Writer
from tests.data_layer.batches import Batches
from tests.data_layer.rows import ADA, Requests

# Chainlit takes seconds to import, and most tests here never meet it.
if TYPE_CHECKING:
    from data_layer.chainlit.layer import ChainlitLayer
    from tests.pages import FakePage


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
def batches(migrated_sqlite: Path, defaults: ThreadDefaults) -> Iterator[Batches]:
    """A database in memory."""
    made = Batches(migrated_sqlite, defaults)
    yield made
    made.close()


@pytest.fixture
def requests() -> Requests:
    """No HTTP request yet."""
    return Requests()


@pytest.fixture
def layer(record: Record, requests: Requests) -> "Iterator[ChainlitLayer]":
    """The layer over an empty database; no page is being served."""
    from data_layer.chainlit.layer import ChainlitLayer
    from tests.pages import forget_pages, leave_pages

    leave_pages()
    yield ChainlitLayer(record, requests)
    forget_pages()


@pytest.fixture
def page(layer: "ChainlitLayer") -> "FakePage":
    """ADA's page in a new thread, before the first message."""
    from tests.pages import FakePage

    return FakePage(ADA)
