"""One-time codes: the RFC's own figures, and each taken once, on both databases."""

import asyncio
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from itsdangerous.encoding import base64_decode, base64_encode, bytes_to_int, int_to_bytes

from data_layer.people import totp
from data_layer.people.researchers import Researchers
from data_layer.record import Record
from study.roles import ResearcherRole
from tests.fakes import HandClock

# RFC 6238, appendix B: its secret of 20 bytes in base32, and the last six digits of its SHA-1 column.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}


@pytest.fixture
async def researcher(record: Record, clock: HandClock) -> str:
    """An account without codes."""
    record.researchers = Researchers(record.store, PasswordHasher.from_parameters(CHEAPEST))
    await record.researchers.add("Olga", ResearcherRole.OWNER, "correct horse battery")
    found = await record.researchers.find("Olga")
    assert found is not None
    return found.researcher_id


async def turned_on(record: Record, researcher_id: str, clock: HandClock) -> str:
    """The secret of codes that are asked for; the code of now has been taken."""
    await record.one_time_codes.begin(researcher_id)
    secret = await record.one_time_codes.waiting_secret(researcher_id)
    assert secret is not None
    assert await record.one_time_codes.confirm(researcher_id, code(secret, clock))
    return secret


def code(secret: str, clock: HandClock, later: int = 0) -> str:
    """What the app shows now, or some steps later."""
    return totp.code_of(secret, totp.time_step_of(clock()) + later)


@pytest.mark.parametrize("seconds", RFC_CODES)
def test_codes_are_the_rfcs(seconds: int) -> None:
    """Every authenticator app shows the same."""
    step = totp.time_step_of(datetime.fromtimestamp(seconds, UTC))
    assert totp.code_of(RFC_SECRET, step) == RFC_CODES[seconds]


def test_a_clock_may_be_half_a_minute_off() -> None:
    """One step to either side is taken, and no more; spaces do not matter."""
    now = datetime.fromtimestamp(1111111109, UTC)
    here = totp.time_step_of(now)
    taken = [
        step
        for step in range(here - 3, here + 4)
        if totp.step_of_code(RFC_SECRET, totp.code_of(RFC_SECRET, step), now)
    ]
    assert taken == [here - 1, here, here + 1]
    assert totp.step_of_code(RFC_SECRET, " 081 804 ", now) == here
    for typed in ("", "0818", "081805", "٠٨١٨٠٤", "0081804"):
        assert totp.step_of_code(RFC_SECRET, typed, now) is None


def test_the_address_is_one_that_apps_read() -> None:
    """Whatever the names hold: a colon would end the issuer."""
    address = totp.otpauth_address("ABC", "Ol:ga & Co", "Talk: über?")
    assert address == (
        "otpauth://totp/Talk%20%20%C3%BCber%3F:Ol%20ga%20%26%20Co?secret=ABC&issuer=Talk%20%20%C3%BCber%3F"
    )


async def test_codes_are_on_after_the_first_right_one(
    record: Record, researcher: str, clock: HandClock
) -> None:
    """A wrong one changes nothing, and the secret is shown to nobody once they are on."""
    codes = record.one_time_codes
    assert await codes.waiting_secret(researcher) is None
    await codes.begin(researcher)
    assert not await codes.confirm(researcher, "000000000")
    found = await record.researchers.by_id(researcher)
    assert found is not None
    assert found.codes_since is None
    await turned_on(record, researcher, clock)
    found = await record.researchers.by_id(researcher)
    assert found is not None
    assert found.codes_since is not None
    assert await codes.waiting_secret(researcher) is None


async def test_codes_that_are_on_get_no_other_secret(
    record: Record, researcher: str, clock: HandClock
) -> None:
    """Neither by beginning anew nor by confirming again."""
    secret = await turned_on(record, researcher, clock)
    await record.one_time_codes.begin(researcher)
    clock.forward(30)
    assert not await record.one_time_codes.confirm(researcher, code(secret, clock))
    assert await record.one_time_codes.take(researcher, code(secret, clock))


async def test_a_code_is_taken_once(record: Record, researcher: str, clock: HandClock) -> None:
    """Nor is an earlier one after it, nor one that two browsers send at the same moment."""
    secret = await turned_on(record, researcher, clock)
    codes = record.one_time_codes
    assert not await codes.take(researcher, code(secret, clock))
    clock.forward(60)
    earlier, now = code(secret, clock, -1), code(secret, clock)
    assert sorted(await asyncio.gather(*(codes.take(researcher, now) for _ in range(4)))) == [
        False,
        False,
        False,
        True,
    ]
    assert not await codes.take(researcher, earlier)


async def test_codes_that_are_off_are_taken_no_more(
    record: Record, researcher: str, clock: HandClock
) -> None:
    """And the secret is gone from the database."""
    secret = await turned_on(record, researcher, clock)
    await record.one_time_codes.turn_off(researcher)
    clock.forward(30)
    assert not await record.one_time_codes.take(researcher, code(secret, clock))
    assert await record.one_time_codes.waiting_secret(researcher) is None


async def test_a_ticket_says_who_gave_their_password(
    record: Record, researcher: str, clock: HandClock
) -> None:
    """For five minutes, and not once a sign of it is another."""
    await turned_on(record, researcher, clock)
    codes = record.one_time_codes
    ticket = await codes.ticket(researcher)
    assert await codes.of_ticket(ticket) == researcher
    who, until, signature = ticket.split(".")
    later = base64_encode(int_to_bytes(bytes_to_int(base64_decode(until)) + 600)).decode()
    for forged in (
        f"{who}.{later}.{signature}",
        f"{who}.{until}.{'0' * 64}",
        f"{who}..{signature}",
        f"{who}.ü.ü",
        who,
        "",
        "..",
    ):
        assert await codes.of_ticket(forged) is None
    clock.forward(300)
    assert await codes.of_ticket(ticket) is None


async def test_a_ticket_ends_with_its_password(record: Record, researcher: str, clock: HandClock) -> None:
    """Whoever learned the old one does not come in after it was changed; nor without codes, nor shut out."""
    await turned_on(record, researcher, clock)
    codes = record.one_time_codes
    ticket = await codes.ticket(researcher)
    await record.researchers.give_password(researcher, "another horse battery")
    assert await codes.of_ticket(ticket) is None
    ticket = await codes.ticket(researcher)
    await record.researchers.add("Otto", ResearcherRole.OWNER)
    await record.researchers.disable(researcher)
    assert await codes.of_ticket(ticket) is None
    await record.researchers.enable(researcher)
    assert await codes.of_ticket(ticket) == researcher
    await codes.turn_off(researcher)
    assert await codes.of_ticket(ticket) is None
