"""A name belongs to the browser that used it first; a code lets another one in."""

import asyncio
import html
import re
from collections.abc import Callable

import pytest

from study.codes import ALPHABET
from tests.data_layer.rows import count, rows
from tests.page.entry.conftest import Browser, Front, Open, code_of, come, who


async def test_the_same_browser_comes_back_as_the_same_person(client: Browser, front: Front) -> None:
    """Signed out and back, in other letters and with other spaces: one participant, no question asked."""
    await come(client, "Grace Hopper")
    first = await who(client)
    await client.post("/logout")
    assert (await come(client, "  GRACE\u00a0hopper ")).status_code == 303
    assert await who(client) == first != "nobody"
    assert await count(front.record, "participants") == 1


async def test_another_browser_is_asked_for_the_code(browser: Open, front: Front) -> None:
    """It is told that the name is in use and nothing else; the name stays in the field, and nobody enters."""
    await come(browser(), "Grace")
    other = browser()
    answer = await come(other, "grace")
    assert answer.status_code == 409
    assert 'name="username" type="text" value="grace"' in answer.text
    assert 'name="code"' in answer.text
    assert "This name is in use" in answer.text
    assert await who(other) == "nobody"
    assert await count(front.record, "participants") == 1


@pytest.mark.parametrize(
    "name", ["Grace\u00a0Hopper", "\u0645\u06cc\u200c\u062e", "\u4e2d\u3000\u6587", 'a&"<b']
)
async def test_a_name_stays_the_same_while_the_code_is_asked_for(browser: Open, name: str) -> None:
    """What the page puts back into the field is what was typed: odd spaces and joiners too."""
    owner, other = browser(), browser()
    await come(owner, name)
    page = (await come(other, name)).text
    found = re.search(r'name="username" type="text" value="([^"]*)"', page)
    assert found is not None
    await come(other, html.unescape(found[1]), code=await code_of(owner))
    assert await who(other) == await who(owner)


@pytest.mark.parametrize(
    "typed", [str, str.lower, lambda code: f" {code.replace('-', '')} ", lambda code: code.replace("0", "o")]
)
async def test_the_code_lets_another_browser_in(browser: Open, typed: Callable[[str], str]) -> None:
    """However it is typed; and from then on that browser needs it no more."""
    owner, other = browser(), browser()
    await come(owner, "Grace")
    assert (await come(other, "Grace", code=typed(await code_of(owner)))).status_code == 303
    assert await who(other) == await who(owner)
    await other.post("/logout")
    assert (await come(other, "Grace")).status_code == 303


async def test_a_code_is_hard_to_guess_and_stays(client: Browser) -> None:
    """Twelve characters of 32, always the same ones."""
    await come(client, "Grace")
    code = await code_of(client)
    assert len(code.replace("-", "")) == 12
    assert set(code) <= {*ALPHABET, "-"}
    assert await code_of(client) == code


async def test_anothers_code_opens_nothing(browser: Open) -> None:
    """A code is good for its own name alone."""
    owner, other = browser(), browser()
    await come(owner, "Grace")
    await come(other, "Ada")
    stranger = browser()
    answer = await come(stranger, "Grace", code=await code_of(other))
    assert answer.status_code == 403
    assert "not the right resume code" in answer.text
    assert await who(stranger) == "nobody"


async def test_a_name_without_a_code_yet_cannot_be_guessed_open(browser: Open) -> None:
    """Before its owner has looked at the code there is none, and nothing fits."""
    await come(browser(), "Grace")
    for typed in ("None", "-", "0000-0000-0000"):
        assert (await come(browser(), "Grace", code=typed)).status_code == 403


async def test_codes_cannot_be_tried_one_after_another(browser: Open, front: Front) -> None:
    """Five wrong ones in a minute, from however many addresses; then the right one has to wait too."""
    owner = browser()
    await come(owner, "Grace")
    right = await code_of(owner)
    tries = [browser(f"198.51.100.{number}") for number in range(6)]
    answers = [await come(one, "Grace", code=f"AAAA-AAAA-AAA{number}") for number, one in enumerate(tries)]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert (await come(browser(), "Grace", code=right)).status_code == 429
    assert (await come(owner, "Grace")).status_code == 303
    assert len(await rows(front.record, "sign_ins")) == 1


async def test_codes_cannot_be_tried_all_at_once(browser: Open) -> None:
    """What is counted is counted before it is compared."""
    await come(browser(), "Grace")
    tries = [come(browser(), "Grace", code=f"AAAA-AAAA-AA{number:02}") for number in range(20)]
    statuses = [answer.status_code for answer in await asyncio.gather(*tries)]
    assert statuses.count(403) == 5
    assert statuses.count(429) == 15


async def test_the_browsers_secret_is_not_kept(client: Browser, front: Front) -> None:
    """Of the cookie that holds a name the database has a digest alone; and scripts cannot read it."""
    answer = await come(client, "Grace")
    secret = client.cookies["verbatim_browser"]
    kept = await rows(front.record, "identities")
    assert len(secret) == 43
    assert secret not in str(kept)
    mine = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("verbatim_browser"))
    assert "httponly" in mine.lower()
    assert "samesite=lax" in mine.lower()


@pytest.mark.parametrize("forged", ["x", "a" * 44, "a" * 42 + ";", "\u00e4" * 43, ""])
async def test_an_odd_browser_cookie_is_none(browser: Open, forged: str) -> None:
    """It gets one of its own, and holds nobody's name."""
    await come(browser(), "Grace")
    other = browser()
    header = f"verbatim_browser={forged}".encode()
    answer = await other.post("/login", data={"username": "Grace"}, headers={b"cookie": header})
    assert answer.status_code == 409
