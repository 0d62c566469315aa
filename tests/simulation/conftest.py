"""The fake chat server, one for each test."""

from collections.abc import Iterator

import pytest

from tests.simulation.fake_chat import FakeChat


@pytest.fixture
def chat() -> Iterator[FakeChat]:
    """A server of one's own, to misbehave."""
    server = FakeChat()
    server.start()
    yield server
    server.stop()
