"""Mode `open`, where a name suffices, and mode `password`."""

import asyncio

import pytest

from commands.account_store import Accounts
from data_layer.record import Record
from study.errors import AccountError
from tests.data_layer.rows import count, one, rows
from tests.fakes import HandClock
from tests.page.entry.conftest import Browser, Front, Open, come, who


async def test_in_an_open_study_the_name_alone_suffices(browser: Open, front: Front) -> None:
    """From any browser, however often; there is no code to be shown."""
    front.run("open")
    clients = [browser(f"198.51.100.{number}") for number in range(12)]
    assert [(await come(one, "Grace")).status_code for one in clients] == [303] * 12
    assert len({await who(one) for one in clients}) == 1
    assert (await clients[0].get("/me/identity")).json() == {"name": "Grace", "resume_code": None}


@pytest.fixture
async def password(front: Front) -> str:
    """Ada's, in a study with accounts."""
    front.run("password")
    return await Accounts(front.record).add("Ada Lovelace")


async def test_an_account_comes_in_with_its_password(browser: Open, front: Front, password: str) -> None:
    """In any letters of its name, from any browser, and as the same participant."""
    first, second = browser(), browser()
    assert (await come(first, "ada lovelace", password=password)).status_code == 303
    assert (await come(second, "Ada  Lovelace", password=password)).status_code == 303
    assert await who(first) == await who(second) != "nobody"
    assert await count(front.record, "participants") == 1


@pytest.mark.parametrize("name", ["Ada Lovelace", "Nobody"])
async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(
    browser: Open, front: Front, password: str, name: str
) -> None:
    """The same page, so that nobody learns who has an account."""
    client = browser()
    for wrong in ("", "wrong", password + " ", password.lower()):
        answer = await come(client, name, password=wrong)
        assert answer.status_code == 403
        assert "do not belong together" in answer.text
    assert wrong not in answer.text
    assert await who(client) == "nobody"
    assert await count(front.record, "participants") == 1


async def test_an_unknown_name_costs_as_much_as_a_known_one(front: Front, password: str) -> None:
    """A hash is compared for it too: the time tells nothing."""
    compared: list[str] = []
    passwords = front.record.passwords
    hashing = passwords._hashing
    real = hashing._matches

    def matches(digest: str, given: str) -> bool:
        compared.append(digest)
        return real(digest, given)

    hashing._matches = matches  # type: ignore[method-assign, assignment]
    assert not await passwords.is_right(None, password)
    assert not await passwords.is_right("no such participant", password)
    assert len(compared) == 2
    assert all(digest.startswith("$argon2id$") for digest in compared)


async def test_passwords_cannot_be_tried_one_after_another(browser: Open, password: str) -> None:
    """Five wrong ones in a minute, from however many addresses; also under a name that nobody has."""
    for name in ("Ada Lovelace", "Nobody"):
        tries = [come(browser(f"192.0.2.{n}"), name, password=f"wrong {n}") for n in range(8)]
        statuses = [answer.status_code for answer in await asyncio.gather(*tries)]
        assert (statuses.count(403), statuses.count(429)) == (5, 3)


async def test_a_name_without_an_account_is_not_made(client: Browser, front: Front, password: str) -> None:
    """Accounts are made by whoever runs the study, and by nobody else."""
    await come(client, "Mallory", password="anything at all")
    assert await count(front.record, "participants") == 1


async def test_a_name_of_another_way_is_no_account(browser: Open, front: Front, password: str) -> None:
    """Who was Ada by name alone, before the study asked for passwords, is another Ada."""
    front.run("claim")
    earlier = browser()
    await come(earlier, "Ada Lovelace")
    front.run("password")
    account = browser()
    await come(account, "Ada Lovelace", password=password)
    assert await who(account) != await who(earlier)


async def test_only_a_hash_is_kept(front: Front, password: str) -> None:
    """Argon2id, with its parameters in it."""
    row = await one(front.record, "passwords")
    assert row["password_hash"].startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert password not in str(await rows(front.record, "passwords") + await rows(front.record, "events"))


async def test_a_costlier_hash_is_made_when_it_can_be(front: Front, record: Record, password: str) -> None:
    """An account's next sign-in brings its hash to what the code asks for now."""
    from argon2 import PasswordHasher

    from data_layer.people.passwords import Passwords

    costlier = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    person = (await one(record, "passwords"))["participant_id"]
    passwords = Passwords(record.store, costlier)
    assert await passwords.is_right(person, password)
    await record.writer.flush()
    assert "m=16,t=2" in (await one(record, "passwords"))["password_hash"]
    assert await passwords.is_right(person, password)


async def test_a_reset_password_puts_everybody_out(
    browser: Open, front: Front, password: str, clock: HandClock
) -> None:
    """The old one is worth nothing, and neither is a cookie that was got with it."""
    client = browser()
    await come(client, "Ada Lovelace", password=password)
    other = await Accounts(front.record).reset("ada lovelace")
    clock.forward(11)
    assert await who(client) == "nobody"
    assert (await come(client, "Ada Lovelace", password=password)).status_code == 403
    assert (await come(client, "Ada Lovelace", password=other)).status_code == 303


async def test_accounts_say_what_to_do(front: Front, password: str) -> None:
    """A name that is taken, one that is not there, a short password: each with its repair."""
    accounts = Accounts(front.record)
    with pytest.raises(AccountError, match="accounts reset 'ADA lovelace'"):
        await accounts.add("ADA lovelace")
    with pytest.raises(AccountError, match="accounts add Bob"):
        await accounts.reset("Bob")
    with pytest.raises(AccountError, match="7 characters"):
        await accounts.add("Bob", "1234567")
    assert [account.name for account in await accounts.all()] == ["Ada Lovelace"]
