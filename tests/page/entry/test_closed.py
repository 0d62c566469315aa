"""A study that is paused or ended: who comes in, what is read at the way in, what is left behind."""

import pytest

from commands.account_store import Accounts
from study.vocabulary import StudyState
from tests.data_layer.rows import count
from tests.page.entry.conftest import Browser, Front, Open, code_of, come, who
from tests.page.entry.test_arrival import PROLIFIC, follow, link

OWN = {"closing": {"paused": "We have **enough** people.", "ended": "It is over.\n\n<b>Thank you.</b>"}}


async def steer(front: Front, state: StudyState) -> None:
    """A researcher presses."""
    await front.record.controls.change(state, None, "Olga")


@pytest.mark.parametrize("mode", ["claim", "open"])
async def test_nobody_new_comes_in_while_it_is_paused(client: Browser, front: Front, mode: str) -> None:
    """They read the text, and are no participant."""
    front.run(mode)
    await steer(front, StudyState.PAUSED)
    answer = await come(client, "Ada")
    assert answer.status_code == 403
    assert "takes in nobody new" in answer.text
    assert 'value="Ada"' in answer.text  # what was typed stays in the field
    assert await who(client) == "nobody"
    assert await count(front.record, "participants") == 0


async def test_who_has_been_in_comes_back_while_it_is_paused(browser: Open, front: Front) -> None:
    """By their name, with their code from another device; who is in goes on."""
    client, other = browser(), browser("198.51.100.1")
    await come(client, "Ada")
    ada, code = await who(client), await code_of(client)
    await steer(front, StudyState.PAUSED)
    assert await who(client) == ada
    await client.post("/logout")
    assert (await come(client, "Ada")).status_code == 303
    assert (await come(other, "Ada", code=code)).status_code == 303
    assert await who(client) == await who(other) == ada


async def test_an_account_that_never_came_is_new(client: Browser, front: Front) -> None:
    """Also with the right password; once it has been in, it comes back."""
    front.run("password")
    password = await Accounts(front.record).add("Ada")
    await steer(front, StudyState.PAUSED)
    assert (await come(client, "Ada", password=password)).status_code == 403
    await steer(front, StudyState.OPEN)
    assert (await come(client, "Ada", password=password)).status_code == 303
    await client.post("/logout")
    await steer(front, StudyState.PAUSED)
    assert (await come(client, "Ada", password=password)).status_code == 303


async def test_a_link_lets_nobody_new_in_while_it_is_paused(browser: Open, front: Front) -> None:
    """Neither a personal one nor a service's; who came by one before comes by it again."""
    front.run("link")
    known = browser()
    await follow(known, PROLIFIC)
    await steer(front, StudyState.PAUSED)
    assert (await follow(known, PROLIFIC)).status_code == 303
    for address in (link(), PROLIFIC.replace("5f0a", "5f0b")):
        answer = await follow(browser(), address)
        assert (answer.status_code, "takes in nobody new" in answer.text) == (403, True)
    assert await count(front.record, "participants") == 1


@pytest.mark.parametrize("mode", ["claim", "open", "password", "link"])
async def test_nobody_comes_in_once_it_has_ended(browser: Open, front: Front, mode: str) -> None:
    """The page says so in place of its form; whoever sends the form all the same reads it too."""
    front.run("claim")
    known = browser()
    await come(known, "Ada")
    await known.post("/logout")
    front.run(mode)
    await steer(front, StudyState.ENDED)
    shown = await known.get("/login")
    assert (shown.status_code, "<form" in shown.text) == (200, False)
    assert "The study has ended. Thank you for taking part." in shown.text
    answer = await follow(known, link()) if mode == "link" else await come(known, "Ada", password="x")
    assert answer.status_code == 403
    assert await who(known) == "nobody"


async def test_who_is_in_stays_in_once_it_has_ended(client: Browser, front: Front) -> None:
    """They can still read and save."""
    await come(client, "Ada")
    ada = await who(client)
    await steer(front, StudyState.ENDED)
    assert await who(client) == ada
    shown = await client.get("/login")
    assert "Ada" in shown.text
    assert 'href="/"' in shown.text


async def test_the_study_says_it_in_its_own_words(client: Browser, front: Front) -> None:
    """Markdown, with HTML as text, and whom to ask."""
    front.run("claim", **OWN)
    await steer(front, StudyState.PAUSED)
    assert "We have <strong>enough</strong> people." in (await client.get("/login")).text
    await steer(front, StudyState.ENDED)
    page = (await client.get("/login")).text
    assert '<p dir="auto">It is over.</p>' in page
    assert "&lt;b&gt;Thank you.&lt;/b&gt;" in page
    assert "kim@university.example" in page


async def test_it_is_said_in_the_visitors_language(client: Browser, front: Front) -> None:
    """Where the study says nothing itself."""
    await steer(front, StudyState.ENDED)
    page = await client.get("/login", headers={"Accept-Language": "de"})
    assert "Die Studie ist zu Ende. Vielen Dank für Ihre Teilnahme." in page.text


async def test_a_study_that_is_opened_again_takes_people_in(client: Browser, front: Front) -> None:
    """As if nothing had been."""
    await steer(front, StudyState.ENDED)
    await steer(front, StudyState.OPEN)
    assert (await come(client, "Ada")).status_code == 303
