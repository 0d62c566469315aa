"""The guard, between Chainlit's handlers and pages."""

from collections.abc import Iterator

import pytest

from data_layer.record import Record
from page.chat.guard import Guard
from tests.data_layer.rows import ADA
from tests.page.gate import SECRET, FakeChat, Handlers
from tests.pages import FakePage, forget_pages


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough here: what is kept is not the guard's."""
    return sqlite_url


@pytest.fixture
def handlers() -> Handlers:
    """Chainlit."""
    return Handlers()


@pytest.fixture
def chat() -> FakeChat:
    """The chat stage."""
    return FakeChat()


@pytest.fixture
def guard(
    handlers: Handlers, record: Record, chat: FakeChat, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Guard]:
    """The guard before them."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    yield Guard(handlers.all(), record, chat)
    forget_pages()


@pytest.fixture
def page(guard: Guard) -> FakePage:
    """ADA's page, connected."""
    return FakePage(ADA)
