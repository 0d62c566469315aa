"""Whose fault an error is: what is taken for a row's own is set aside, and must not be the database's."""

import asyncpg
import pytest

from data_layer.database.faults import is_away, reason, repair
from data_layer.database.order import utc_now
from data_layer.writing.journal import Journal
from data_layer.writing.people_writes import AppendAudit
from data_layer.writing.state import ThreadDefaults
from data_layer.writing.writer import Writer
from tests.data_layer.lost_answers import Cut, Proxy, fragile
from tests.data_layer.outages import back


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OSError("no route"), True),
        (TimeoutError(), True),
        (asyncpg.ConnectionDoesNotExistError("closed"), True),
        (asyncpg.ObjectNotInPrerequisiteStateError("not accepting connections"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InternalClientError("unknown state"), True),
        (asyncpg.UniqueViolationError("twice"), False),
        (asyncpg.CharacterNotInRepertoireError("no such letter"), False),
        (RecursionError("too deep"), False),
        (ValueError("no number"), False),
    ],
    ids=repr,
)
def test_the_driver_itself_is_understood(error: Exception, away: bool) -> None:
    """Not only what SQLAlchemy has wrapped: errors of a connection that is made come as they are."""
    assert is_away(error) is away


async def test_a_connection_that_breaks_at_its_first_question_is_the_databases_fault(
    postgres_url: str, journal: Journal, defaults: ThreadDefaults
) -> None:
    """A pooler lets in, and its server does not: what was to be written waits, and is not set aside."""
    async with fragile(postgres_url) as broken:
        assert isinstance(broken, Proxy)
        broken.arm(Cut.BEFORE, b"pg_backend_pid")
        writer = Writer(broken.database, journal, defaults, retry_s=0.01)
        outcome = await writer.submit(AppendAudit(utc_now(), "Grace", "once"))
        assert (outcome.journaled, journal.count_failed()) == (True, 0)
        broken.release()
        await back(writer)
        await writer.close()
    assert not journal


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (asyncpg.InvalidPasswordError("password authentication failed"), "the name and the password"),
        (asyncpg.InvalidCatalogNameError('database "x" does not exist'), "Make that database"),
        (asyncpg.InsufficientPrivilegeError("permission denied for schema public"), "GRANT CREATE"),
        (asyncpg.ReadOnlySQLTransactionError("cannot execute"), "target_session_attrs=read-write"),
        (asyncpg.TooManyConnectionsError("sorry, too many clients already"), "20 connections"),
        (ConnectionError('PostgreSQL server at "h:5432" rejected SSL upgrade'), "sslmode=prefer"),
    ],
    ids=repr,
)
def test_what_hosts_say_has_its_repair(error: Exception, word: str) -> None:
    """Beside the reason in the host's own words."""
    assert word in repair(error)
    assert reason(error) == str(error)


def test_silence_has_words() -> None:
    """An error without a text of its own."""
    assert reason(TimeoutError()) == "it did not answer in time"
    assert repair(TimeoutError()) == ""
