"""Participants: one for each name, whoever comes at once, and no name anywhere else."""

import asyncio

from data_layer.record import Record
from data_layer.writing.writes import InsertRow
from tests.data_layer.rows import ADA, count, execute, one, rows
from tests.fakes import HandClock


async def test_the_same_name_is_the_same_participant(record: Record) -> None:
    """However often they come, and however it is spelt where the key is the same."""
    first = await record.enter("Ada", "ada")
    second = await record.enter("ADA ", "ada")
    assert first.participant_id == second.participant_id
    assert second.shown_name == "ADA "
    assert (await count(record, "participants"), await count(record, "identities")) == (1, 1)


async def test_other_names_are_others(record: Record) -> None:
    """And the pseudonym tells nothing of the name."""
    first, second = await record.enter("Ada", "ada"), await record.enter("Bob", "bob")
    assert first.participant_id != second.participant_id
    assert "ada" not in first.participant_id.lower()


async def test_two_tabs_at_once_are_one_participant(record: Record) -> None:
    """The identity's unique key decides."""
    entered = await asyncio.gather(*(record.enter("Ada", "ada") for _ in range(10)))
    assert len({one.participant_id for one in entered}) == 1
    assert (await count(record, "participants"), await count(record, "identities")) == (1, 1)


async def test_a_name_of_any_text_is_kept(record: Record) -> None:
    """NUL and lone surrogates included; the second time it is found again."""
    first = await record.enter("a\x00\ud800'; --", "a\x00\ud800'; --")
    second = await record.enter("a\x00\ud800'; --", "a\x00\ud800'; --")
    assert first.participant_id == second.participant_id
    assert (await one(record, "identities"))["value"] == "a\ufffd\ufffd'; --"


async def test_names_stand_in_one_table(record: Record) -> None:
    """What an export leaves out by default holds all of it."""
    await record.enter("Ada Lovelace", "ada lovelace")
    assert "lovelace" not in str(await rows(record, "participants")).lower()


async def test_a_crash_between_identity_and_participant_is_mended(record: Record) -> None:
    """Somebody whose participant was never written can come in, and is there afterwards."""
    row = {
        "identity_id": ADA,
        "participant_id": ADA,
        "study_id": "example",
        "kind": "user_name",
        "value": "Ada",
        "value_key": "ada",
        "created_at": record.now(),
    }
    await record.writer.submit(InsertRow("identities", row))
    entered = await record.enter("Ada", "ada")
    assert entered.participant_id == ADA
    assert await record.known_since(ADA) is not None


async def test_who_is_known_is_remembered_for_half_a_minute(record: Record, clock: HandClock) -> None:
    """Every request asks; the database is asked again after 30 seconds."""
    participant = await record.enter("Ada", "ada")
    since = await record.known_since(participant.participant_id)
    await execute(record.database, "DELETE FROM participants")
    assert await record.known_since(participant.participant_id) == since
    clock.forward(31)
    assert await record.known_since(participant.participant_id) is None


async def test_nobody_is_remembered_as_absent(record: Record) -> None:
    """Who comes in after a first look is known at once."""
    assert await record.known_since(ADA) is None
    row = {"participant_id": ADA, "study_id": "example", "source": "login", "created_at": record.now()}
    await record.writer.submit(InsertRow("participants", row))
    assert await record.known_since(ADA) is not None
