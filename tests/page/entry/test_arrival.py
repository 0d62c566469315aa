"""Personal links, and what a recruiting service adds to an address."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from data_layer.people.links import link_token, make_links
from tests.data_layer.rows import count, rows
from tests.page.entry.conftest import ORIGIN, SECRET, Browser, Front, Open, code_of, come, who

PROLIFIC = "/enter?PROLIFIC_PID=5f0a&STUDY_ID=s1&SESSION_ID=one"


@pytest.fixture(autouse=True)
def by_link(front: Front) -> None:
    """The study is entered by links."""
    front.run("link")


def link(study_id: str = "example", secret: str = SECRET) -> str:
    """A new personal link's path."""
    return urlsplit(make_links(1, ORIGIN, secret=secret, study_id=study_id)[0].url).path


async def follow(client: Browser, address: str) -> httpx2.Response:
    """Follow a link to where it leads, as a browser does."""
    answer = await client.get(address)
    while answer.status_code == 303 and answer.headers["location"] != "/":
        answer = await client.get(answer.headers["location"])
    return answer


async def test_a_link_is_a_person(browser: Open, front: Front) -> None:
    """Whoever bears it comes in as the same participant, from any browser."""
    first, second = browser(), browser()
    address = link()
    for client in (first, second):
        assert (await follow(client, address)).headers["location"] == "/"
    assert await who(first) == await who(second) != "nobody"
    other = browser()
    await follow(other, link())
    assert await who(other) != await who(first)
    assert [row["source"] for row in await rows(front.record, "participants")] == ["link", "link"]


def _tampered() -> list[str]:
    good = link_token("K7QM-2RXD-9F4T-0000", secret=SECRET, study_id="example")
    link_id, _, signature = good.rpartition(".")
    return [
        good[:-1],
        good + "A",
        f"{link_id[:-1]}1.{signature}",
        signature,
        f".{signature}",
        link_id,
        link_id + ".",
        f"{link_id}.{signature}.{signature}",
        good.lower(),
        link_token("K7QM-2RXD-9F4T-0000", secret=SECRET, study_id="another"),
        link_token("K7QM-2RXD-9F4T-0000", secret="another secret of thirty-two bytes", study_id="example"),
        link_token("not one of ours", secret=SECRET, study_id="example"),
        "x" * 5000,
        "%00",
        "%F0%9F%92%A3",
        "..%2F..%2Flogin",
        "a/b",
    ]


@pytest.mark.parametrize("token", _tampered())
async def test_a_link_that_we_did_not_sign_leads_nowhere(client: Browser, front: Front, token: str) -> None:
    """A letter less, a letter more, another study's, another secret's: a page that says what to do."""
    answer = await follow(client, f"/enter/{token}")
    assert answer.status_code == 404
    assert "kim@university.example" in answer.text
    assert "<input" not in answer.text
    assert await count(front.record, "identities") == 0


async def test_the_services_parameters_are_kept(client: Browser, front: Front) -> None:
    """The first names the person; each value that comes is kept once, also those of a second visit."""
    await follow(client, PROLIFIC)
    await follow(client, PROLIFIC.replace("one", "two"))
    await follow(client, PROLIFIC)
    await front.record.writer.flush()
    kept = [(row["kind"], row["value"]) for row in await rows(front.record, "identities")]
    assert sorted(pair for pair in kept if pair[0] != "claim") == [
        ("prolific_pid", "5f0a"),
        ("session_id", "one"),
        ("session_id", "two"),
        ("study_id", "s1"),
    ]
    assert [row["source"] for row in await rows(front.record, "participants")] == ["prolific_pid"]


async def test_parameters_survive_every_redirect(browser: Open) -> None:
    """A browser that is new, and one that is in as somebody else, arrive with all of them."""
    client = browser()
    await follow(client, "/enter?PROLIFIC_PID=somebody")
    client.cookies.delete("verbatim_browser")
    answer = await client.get(PROLIFIC)
    assert answer.status_code == 303
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert {name: asked[name] for name in ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")} == {
        "PROLIFIC_PID": ["5f0a"],
        "STUDY_ID": ["s1"],
        "SESSION_ID": ["one"],
    }


async def test_a_link_replaces_who_was_here(client: Browser, front: Front) -> None:
    """The sign-in of before has ended; the same person's goes on."""
    await follow(client, "/enter?PROLIFIC_PID=first")
    first, before = await who(client), client.cookies["access_token"]
    await follow(client, "/enter?PROLIFIC_PID=first")
    assert client.cookies["access_token"] == before
    await follow(client, PROLIFIC)
    assert await who(client) not in (first, "nobody")
    client.cookies.set("access_token", before, domain="study.test")
    assert await who(client) == "nobody"


async def test_a_known_id_is_no_key(browser: Open, front: Front) -> None:
    """Whoever has read somebody's Prolific id is asked for their code; with it, a second device comes in."""
    owner, other = browser(), browser()
    await follow(owner, PROLIFIC)
    refused = await follow(other, PROLIFIC)
    assert refused.status_code == 409
    assert 'name="code"' in refused.text
    assert 'action="/enter?PROLIFIC_PID=5f0a&amp;STUDY_ID=s1&amp;SESSION_ID=one"' in refused.text
    assert await who(other) == "nobody"
    wrong = await other.post(PROLIFIC, data={"code": "AAAA-AAAA-AAAA"})
    assert wrong.status_code == 403
    foreign = {"origin": "https://evil.example"}
    assert (await other.post(PROLIFIC, data={"code": "x"}, headers=foreign)).status_code == 403
    assert (await other.post(PROLIFIC, data={"code": await code_of(owner)})).status_code == 303
    assert await who(other) == await who(owner)
    assert await count(front.record, "participants") == 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?",
        "?STUDY_ID=s1",
        "?PROLIFIC_PID=",
        "?PROLIFIC_PID=%20",
        "?prolific_pid=5f0a",
        "?PROLIFIC_PID=a&PROLIFIC_PID=b",
        "?PROLIFIC_PID=a&SESSION_ID=1&SESSION_ID=2",
        "?PROLIFIC_PID={{%25PROLIFIC_PID%25}}",
        "?PROLIFIC_PID=%7B%7BPID%7D%7D",
        "?PROLIFIC_PID=" + "x" * 201,
        "?PROLIFIC_PID=a&SESSION_ID=" + "x" * 201,
        "?PROLIFIC_PID=a%00b",
        "?PROLIFIC_PID=a%0d%0aSet-Cookie:%20x=y",
        "?PROLIFIC_PID=%ff",
        "?PROLIFIC_PID=<script>alert(1)</script>",
        "?PROLIFIC_PID=a b",
    ],
)
async def test_a_link_that_names_nobody_leads_nowhere(client: Browser, front: Front, query: str) -> None:
    """Missing, twice, a placeholder that nobody filled in, huge, odd: what to do, and nothing is made."""
    answer = await follow(client, f"/enter{query}")
    assert answer.status_code == 422
    assert "ask the study team" in answer.text
    assert "<script>" not in answer.text
    assert await count(front.record, "identities") == 0


@pytest.mark.parametrize("purpose", ["prefetch", "prefetch;prerender", "Preview"])
async def test_nobody_is_made_before_somebody_clicks(client: Browser, front: Front, purpose: str) -> None:
    """A browser that looks ahead, and HEAD, change nothing."""
    address = link()
    await client.get("/login")
    for path in (address, PROLIFIC):
        assert (await client.get(path, headers={"sec-purpose": purpose})).status_code == 204
        assert (await client.head(path)).status_code == 204
    assert await count(front.record, "participants") == 0
    assert await who(client) == "nobody"


async def test_a_machine_that_reads_e_mails_takes_nobodys_place(browser: Open, front: Front) -> None:
    """It keeps no cookie: it is sent round once, then told; afterwards the person comes in unasked."""
    address = PROLIFIC
    for _ in range(3):
        machine = browser()
        answer = await machine.get(address)
        machine.cookies.clear()
        answer = await machine.get(answer.headers["location"])
        assert answer.status_code == 400
        assert "allow cookies" in answer.text
    assert await count(front.record, "identities") == 0
    assert (await follow(browser(), PROLIFIC)).headers["location"] == "/"


async def test_tabs_that_arrive_together_are_one_person(browser: Open, front: Front) -> None:
    """Ten at once in one browser: one participant, and nobody is asked for a code."""
    client = browser()
    await client.get("/login")
    answers = await asyncio.gather(*(follow(client, PROLIFIC) for _ in range(10)))
    assert {answer.headers.get("location") for answer in answers} == {"/"}
    assert await count(front.record, "participants") == 1


async def test_without_a_link_there_is_no_field(client: Browser, front: Front) -> None:
    """The first screen says what to do and whom to ask; a name that is posted all the same is refused."""
    page = (await client.get("/login")).text
    assert "personal link" in page
    assert "kim@university.example" in page
    assert "<form" not in page
    assert (await come(client, "Ada")).status_code == 403
    assert await count(front.record, "identities") == 0


async def test_other_ways_in_know_no_links(client: Browser, front: Front) -> None:
    """Where names lead in, an address with an id in it leads to the form and makes nobody."""
    front.run("claim")
    for address in (PROLIFIC, link()):
        assert (await client.get(address)).headers["location"] == "/login"
    assert await count(front.record, "identities") == 0


async def test_a_study_may_accept_signed_links_alone(client: Browser, front: Front) -> None:
    """An empty list of parameters: an id in the address is nothing."""
    front.run("link", login={"parameters": []})
    assert (await follow(client, PROLIFIC)).status_code == 422
    assert (await follow(client, link())).headers["location"] == "/"


async def test_ids_cannot_be_tried_one_after_another(browser: Open) -> None:
    """Sixty a minute from this address; then it has to wait."""
    client = browser()
    await client.get("/login")
    statuses = [(await client.get(f"/enter?PROLIFIC_PID=p{number}")).status_code for number in range(61)]
    assert statuses == [303] * 60 + [429]
