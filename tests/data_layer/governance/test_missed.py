"""A withdrawal that came while a machine was down: what lies there goes when its server starts."""

from pathlib import Path

from data_layer.record import Record
from data_layer.writing.writes import InsertRow
from tests.data_layer.rows import begin_thread, new_id


async def test_what_a_machine_kept_of_somebody_who_withdrew_meanwhile_is_erased(
    record: Record, tmp_path: Path
) -> None:
    """Another machine has struck the list out; uploads that were not sent go all the same, others' stay."""
    ada, bob = new_id(), new_id()
    for person in (ada, bob):
        row = {"participant_id": person, "study_id": "example", "source": "login", "created_at": record.now()}
        await record.writer.submit(InsertRow("participants", row))
        await begin_thread(record, owner=person)
    await record.withdrawals.withdraw(ada, "participant")
    assert await record.withdrawals.finish()
    there = tmp_path / "the other machine"
    for person in (ada, bob):
        (there / "pending" / person).mkdir(parents=True)
        (there / "pending" / person / "note").write_text("a picture", encoding="utf-8")
    other = Record(record.database, there, record.defaults, record.now)
    await other.withdrawals.finish()
    assert [path.name for path in (there / "pending").iterdir()] == [bob]
