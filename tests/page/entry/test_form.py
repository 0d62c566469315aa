"""The form: what it shows, what it takes, and what other sites may not do with it."""

import re
from pathlib import Path

import pytest

from page.entry.posted import LONGEST_FORM
from study.strings import LANGUAGES, strings_in
from tests.data_layer.rows import count, rows
from tests.page.entry.conftest import ORIGIN, Browser, Front, Open, come, who


def shown(name: str, problem: str, page: str) -> bool:
    """Whether a page shows a problem beside a form that still holds the name."""
    return problem in page and f'name="username" type="text" value="{name}"' in page


async def nobody_came(front: Front) -> bool:
    """Whether the record has stayed as it was."""
    await front.record.writer.flush()
    return not any([await count(front.record, name) for name in ("participants", "identities", "sign_ins")])


async def test_the_form_says_what_the_study_is(client: Browser) -> None:
    """Title, a line about it and whom to ask stand around one field, and no password is asked for."""
    page = (await client.get("/login")).text
    assert '<h1 dir="auto">Everyday talk</h1>' in page
    assert '<p class="about" dir="auto">We study how people chat.</p>' in page
    assert "kim@university.example" in page
    assert len(re.findall("<input", page)) == 1
    assert "password" not in page.partition("</style>")[2].lower()


async def test_a_name_is_enough(client: Browser, front: Front) -> None:
    """A posted name makes the participant, signs in and goes to the page."""
    answer = await come(client, "  Ada\u00a0 Lovelace ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert [row["value"] for row in await rows(front.record, "identities", kind="user_name")] == [
        "Ada Lovelace"
    ]
    assert await who(client) != "nobody"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_speaks_the_browsers_language(client: Browser, language: str) -> None:
    """Texts and refusals; the study may fix one."""
    strings = strings_in(language)
    answer = await client.post(
        "/login", data={"username": "x" * 81}, headers={"accept-language": f"{language},en;q=0.5"}
    )
    assert f'<html lang="{language}">' in answer.text
    assert strings("entry.your_name") in answer.text
    assert strings("entry.name_too_long", length=81, limit=80) in answer.text


async def test_the_study_may_fix_the_language(client: Browser, front: Front) -> None:
    """Then the browser is not asked."""
    front.run("claim", language="de")
    assert "Ihr Name" in (await client.get("/login", headers={"accept-language": "es"})).text


@pytest.mark.parametrize(
    ("name", "kept", "problem"),
    [
        ("", "", "Please write a name"),
        (" \u200b ", "", "Please write a name"),
        ("x" * 81, "x" * 81, "80 or fewer"),
    ],
)
async def test_a_name_that_cannot_be_used_keeps_the_form_filled(
    client: Browser, front: Front, name: str, kept: str, problem: str
) -> None:
    """The page says the repair beside the field, which holds what can be seen, and nobody enters."""
    answer = await come(client, name)
    assert answer.status_code == 422
    assert shown(kept, problem, answer.text)
    assert "set-cookie" not in answer.headers
    assert await nobody_came(front)


@pytest.mark.parametrize("name", ["a\x00b", "a\r\nSet-Cookie: access_token=x", "a\x1b[2Jb", "a\x85\x9fb"])
async def test_a_control_character_is_refused_or_a_space(client: Browser, front: Front, name: str) -> None:
    """It reaches no header, and is not written back into the page."""
    answer = await come(client, name)
    assert not [
        value for value in answer.headers.get_list("set-cookie") if value.startswith("access_token=x")
    ]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", answer.text)
    if answer.status_code != 303:
        assert (answer.status_code, await nobody_came(front)) == (422, True)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"username=%ff%fe", "application/x-www-form-urlencoded", 422),
        (b"email=Ada", "application/x-www-form-urlencoded", 422),
        (b"&".join(b"a=b" for _ in range(50)), "application/x-www-form-urlencoded", 422),
        (b"username=" + b"x" * LONGEST_FORM, "application/x-www-form-urlencoded", 413),
        (b'{"username": "Ada"}', "application/json", 415),
        (b"username=Ada", "", 415),
    ],
)
async def test_what_is_not_the_form_is_refused(
    client: Browser, front: Front, content: bytes, kind: str, status: int
) -> None:
    """No UTF-8, no field, too many fields, too long, another kind: each has its status."""
    answer = await client.post("/login", content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert await nobody_came(front)


async def test_markup_in_a_name_stays_text(client: Browser) -> None:
    """Refused, or shown as who is here: it goes into the page escaped."""
    attack = '"><script>alert(1)</script>'
    pages = [(await come(client, attack + "x" * 80)).text]
    await come(client, attack)
    pages.append((await client.get("/login")).text)
    for page in pages:
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


async def test_markup_in_a_study_stays_text(client: Browser, front: Front) -> None:
    """A study's title and text are text, whatever they hold."""
    front.run("claim", title="<b>Bold</b>", welcome="<img src=x onerror=alert(1)>", contact="<i>x</i>")
    page = (await client.get("/login")).text
    assert "<b>" not in page
    assert "<img src=x" not in page
    assert "<i>" not in page


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://study.test.evil.example"},
        {"origin": "http://study.test:8000"},
        {"origin": "http://study.test@evil.example"},
        {"origin": "http://[study.test"},
        {"referer": "https://evil.example/page"},
        {"referer": "http://[study.test"},
    ],
)
@pytest.mark.parametrize("path", ["/login", "/logout"])
async def test_another_site_signs_nobody_in_or_out(
    client: Browser, front: Front, headers: dict[str, str], path: str
) -> None:
    """A post that names another origin is refused, sets no cookie and ends nothing."""
    await come(client, "Ada")
    ada = await who(client)
    answer = await client.post(path, data={"username": "Mallory"}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert await who(client) == ada
    assert await count(front.record, "participants") == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ORIGIN},
        {"origin": "HTTP://STUDY.TEST"},
        {"referer": f"{ORIGIN}/login"},
        {"origin": "https://study.example.org"},
    ],
)
async def test_our_own_form_is_accepted(client: Browser, headers: dict[str, str]) -> None:
    """The page's own origin, and those that the settings allow, may post."""
    assert (await client.post("/login", data={"username": "Ada"}, headers=headers)).status_code == 303


async def test_who_is_signed_in_may_switch_or_go_back(client: Browser) -> None:
    """The form stays usable, names the participant and links back."""
    await come(client, "Ada & Co")
    answer = await client.get("/login")
    assert answer.status_code == 200
    assert "You are here as <bdi>Ada &amp; Co</bdi>." in answer.text
    assert '<a href="/">' in answer.text


@pytest.mark.parametrize("query", ["?next=//evil.example", "?redirect=https://evil", "?to=%2F%2Fevil"])
async def test_nothing_in_the_address_says_where_to_go(client: Browser, query: str) -> None:
    """Who comes in goes to the page, and to no other site."""
    answer = await client.post(f"/login{query}", data={"username": "Ada"})
    assert answer.headers["location"] == "/"
    assert "evil" not in (await client.get(f"/login{query}")).text


async def test_a_flood_from_one_address_creates_nothing(browser: Open, front: Front) -> None:
    """Beyond the limit: 429, when to come again, and no row; another address still comes in."""
    flood = browser("198.51.100.1")
    statuses = [(await come(flood, f"Name {number}")).status_code for number in range(70)]
    assert statuses == [303] * 60 + [429] * 10
    answer = await come(flood, "One more")
    assert shown("One more", "seconds, then try again", answer.text)
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert await count(front.record, "participants") == 60
    assert (await come(browser("198.51.100.2"), "Somebody else")).status_code == 303


async def test_a_home_in_ipv6_is_one_address(browser: Open) -> None:
    """Its 2^64 addresses are no way around the limit."""
    statuses = [
        (await come(browser(f"2001:db8::{number:x}"), f"Name {number}")).status_code for number in range(61)
    ]
    assert statuses == [303] * 60 + [429]


async def test_nobody_names_their_own_address(browser: Open) -> None:
    """X-Forwarded-For is uvicorn's to read, from proxies that it trusts: a visitor's word changes nothing."""
    client = browser("198.51.100.1")
    for number in range(61):
        data, forged = {"username": f"Name {number}"}, {"x-forwarded-for": f"192.0.2.{number}"}
        answer = await client.post("/login", data=data, headers=forged)
    assert answer.status_code == 429


async def test_a_record_that_is_away_keeps_the_form_filled(client: Browser, front: Front) -> None:
    """A participant reads that it may be tried again, and nobody is signed in without a record."""
    await front.record.database.close()
    answer = await come(client, "Ada")
    assert answer.status_code == 503
    assert shown("Ada", "try again in a minute", answer.text)
    assert "set-cookie" not in answer.headers


async def test_head_answers(client: Browser) -> None:
    """Monitors may ask for the headers alone."""
    answer = await client.head("/login")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_not_allowed(client: Browser, method: str) -> None:
    """Only GET, HEAD and POST mean something here."""
    assert (await client.request(method, "/login")).status_code == 405


@pytest.mark.parametrize("path", ["/login/", "/login/callback", "/login/callback?success=True"])
async def test_chainlits_own_form_is_never_shown(client: Browser, path: str) -> None:
    """The addresses at which Chainlit's page draws a password form lead to ours."""
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


async def test_the_page_may_load_only_from_its_own_origin(client: Browser) -> None:
    """Scripts are fetched ahead from here and none is in the page; its style is named by its hash."""
    answer = await client.get("/login")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "<script" not in answer.text
    assert '<link rel="modulepreload" href="/assets/index-1.js">' in answer.text


async def test_every_colour_of_the_style_is_one_of_the_theme(client: Browser) -> None:
    """The form names variables only, and the theme defines each of them in light and dark."""
    page = (await client.get("/login")).text
    used = set(re.findall(r"var\((--[a-z-]+)\)", page))
    light, dark = page.split("@media screen and (prefers-color-scheme:dark)", 1)
    assert used
    assert all(f"{name}:" in light and f"{name}:" in dark.split("}", 1)[0] for name in used)
    rules = (Path(__file__).parents[3] / "page/inlined/login.css").read_text(encoding="utf-8")
    assert not re.findall(r"#[0-9a-f]{3,8}\b|\brgb", rules)
