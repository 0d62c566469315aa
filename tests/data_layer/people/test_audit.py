"""The audit log: append-only, and proving that it is whole; on both databases."""

import asyncio

import pytest

from data_layer.database.engine import open_database
from data_layer.people.audit import prove_chain
from data_layer.record import Record
from data_layer.writing.people_writes import AppendAudit
from data_layer.writing.writes import InsertRow


async def filled(record: Record, lines: int = 5) -> None:
    """Some lines, with all that a line may hold."""
    for number in range(lines):
        await record.audit.note(
            "thread_read", name="Ölga\x00", target=str(number), details={"z": [1, 2.5, None], "a": "é"}
        )


async def change(record: Record, statement: str) -> None:
    """Do what the app never does."""
    async with record.database.engine.begin() as connection:
        await connection.exec_driver_sql(statement)


async def test_an_untouched_log_is_whole(record: Record) -> None:
    """Also one with no line yet."""
    assert (await prove_chain(record.database)).wrong == ()
    await filled(record)
    proof = await prove_chain(record.database)
    assert (proof.lines, proof.wrong) == (5, ())


@pytest.mark.parametrize(
    "change_made",
    [
        "UPDATE audit_log SET name = 'Otto' WHERE position = 3",
        "UPDATE audit_log SET action = 'exported' WHERE position = 3",
        "UPDATE audit_log SET target = NULL WHERE position = 3",
        "UPDATE audit_log SET details = NULL WHERE position = 3",
        "UPDATE audit_log SET at = (SELECT at FROM audit_log WHERE position = 4) WHERE position = 3",
        "DELETE FROM audit_log WHERE position = 3",
        "DELETE FROM audit_log WHERE position = 1",
    ],
)
async def test_a_change_is_seen(record: Record, change_made: str) -> None:
    """Of any column, and of a line that is gone."""
    await filled(record)
    await change(record, change_made)
    assert (await prove_chain(record.database)).wrong != ()


async def test_a_line_with_a_fresh_hash_does_not_fit_its_followers(record: Record) -> None:
    """Whoever can compute hashes has to change all that follow."""
    await filled(record)
    await change(record, f"UPDATE audit_log SET hash = '{'a' * 64}' WHERE position = 3")
    assert any("Line 4" in sentence for sentence in (await prove_chain(record.database)).wrong)


async def test_an_end_that_was_cut_off_is_seen_by_who_kept_the_newest_hash(record: Record) -> None:
    """Without it, a shorter log is a whole log."""
    await filled(record)
    newest = (await prove_chain(record.database)).newest
    assert (await prove_chain(record.database, newest)).wrong == ()
    await change(record, "DELETE FROM audit_log WHERE position > 3")
    assert (await prove_chain(record.database)).wrong == ()
    assert (await prove_chain(record.database, newest)).wrong != ()


async def test_many_at_once_make_one_chain(record: Record) -> None:
    """Whoever reads at the same moment has a line each."""
    await asyncio.gather(*(record.audit.note("thread_read", name=str(n)) for n in range(200)))
    proof = await prove_chain(record.database)
    assert (proof.lines, proof.wrong) == (200, ())


async def test_two_processes_make_one_chain(record: Record, database_url: str) -> None:
    """A command and the server append to the same log at the same time."""
    other = Record(open_database(database_url), record.data_dir / "other", record.defaults)
    try:
        await asyncio.gather(
            *(record.audit.note("server", name=str(n)) for n in range(50)),
            *(other.audit.note("command", name=str(n)) for n in range(50)),
        )
    finally:
        await other.close()
    proof = await prove_chain(record.database)
    assert (proof.lines, proof.wrong) == (100, ())


async def test_a_line_shares_its_transaction_with_what_it_tells_of(record: Record) -> None:
    """Both or neither."""
    row = {
        "researcher_id": "0" * 36,
        "name": "Vera",
        "name_key": "vera",
        "role": "viewer",
        "password_hash": "",
        "created_at": record.now(),
    }
    await record.writer.submit(
        InsertRow("researchers", row), AppendAudit(record.now(), "Olga", "researcher_added")
    )
    assert (await prove_chain(record.database)).lines == 1
    assert await record.researchers.find("Vera") is not None
