"""What is promised of the databases is promised behind a pooler too: the same tests, through PgBouncer."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from data_layer.database.address import read_address
from data_layer.database.connecting import Connecting
from tests.data_layer.conftest import journal, make_writer, writer
from tests.data_layer.outages import ClosedDatabase, Outage
from tests.exports.conftest import out, story_url
from tests.pgbouncer import PgBouncer
from tests.postgres import PostgresServer, run

__all__ = ["journal", "make_writer", "out", "story_url", "writer"]


@pytest.fixture
def database_url(postgres_server: PostgresServer, pgbouncer: PgBouncer) -> Iterator[str]:
    """The address of an empty database at head, through the pooler."""
    name = postgres_server.lend()
    yield pgbouncer.url_of(name)
    postgres_server.take_back(name)


_UNTIL_ALL_ARE_OUT = """
DO $$ BEGIN
    WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = '{name}')
    LOOP PERFORM pg_sleep(0.005); PERFORM pg_stat_clear_snapshot(); END LOOP;
END $$
"""


class ClosedBehindPooler(ClosedDatabase):
    """The database closed; when it is open again, the pooler has heard of it too."""

    def __init__(self, url: str, server: PostgresServer) -> None:
        super().__init__(url, server)
        self._arguments = Connecting(read_address(url), 1.0).arguments(pooled=True)

    def begin(self) -> None:
        """Throw everybody out, and wait until they are: the pooler would go on with one that still goes."""
        super().begin()
        self._server.execute(_UNTIL_ALL_ARE_OUT.format(name=self._name))

    def end(self) -> None:
        """Open it again, and wait until the pooler leads there."""
        super().end()
        run(self._let_in())

    async def _let_in(self) -> None:
        async with asyncio.timeout(20):
            while True:
                try:
                    connection = await asyncpg.connect(**self._arguments)
                    await connection.execute("SELECT 1")
                    await connection.close()
                except (OSError, asyncpg.PostgresError):
                    await asyncio.sleep(0.02)
                else:
                    return


@pytest.fixture
def outage(database_url: str, postgres_server: PostgresServer) -> Iterator[Outage]:
    """Takes the database away; afterwards it is there again, whatever the test did."""
    away = ClosedBehindPooler(database_url, postgres_server)
    yield away
    away.end()
