"""Every route, attacked: by nobody, by a signed-in stranger, from another site, with forged ids."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import httpx2
import pytest

from page.chainlit.request_guard import PACE
from tests.journeys.attacker import EVIL, FORGED_IDS, World
from tests.journeys.border_matrix import CHANGING, FORMS, MATRIX, Line, ids_of
from tests.journeys.border_world import OWNER, Belongings, furnish
from tests.journeys.server import run_beside
from web.guards import LONGEST_BODY

pytestmark = pytest.mark.journey

REFUSALS = (401, 403, 404, 413, 415, 429)


def test_every_route_has_a_line_in_the_matrix(world: World, tmp_path: Path) -> None:
    """What the running app answers at all, and who may have it, stands in one list."""
    # Its own database is served by itself alone.
    elsewhere = [
        f"VERBATIM_DATA_DIR={tmp_path}",
        f"VERBATIM_DATABASE_URL=sqlite+aiosqlite:///{tmp_path}/own.db",
    ]
    command = [sys.executable, "-m", "tests.journeys.border_routes"]
    printed = run_beside(world.server, ["/usr/bin/env", *elsewhere, *command])
    routes = {(method, path) for method, path in json.loads(printed.splitlines()[-1])}
    gets = {("HEAD", path) for method, path in routes if method == "GET"}
    lines = {(line.method, line.path) for line in MATRIX}
    # The researchers' room has doors of its own, tried one by one by tests/research/test_doors.py.
    # At "" stands what is kept of Chainlit's app, whose routes are among those.
    # The API's are tried by tests/api/test_ownership.py and tests/api/research/test_who_comes_in.py.
    mounted = {("MOUNT", path) for path in ("/ws/socket.io", "/research", "/api/v1", "")}
    assert routes - gets - mounted - lines == set()
    assert lines - routes == set()


def wrong(answers: dict[Line, tuple[int, int]]) -> dict[str, str]:
    """The lines whose answer is not the one that they say."""
    return {str(line): f"{got}, not {due}" for line, (got, due) in answers.items() if got != due}


async def test_nobody_gets_what_is_for_participants(world: World, owners: Belongings) -> None:
    """Without having come in there is the way in, what everybody sees, and links that were given away."""
    ids, nobody = ids_of(owners), world.nobody()
    answers = {}
    async with world.nothing_changes():
        for line in MATRIX:
            with world.logged("refused") if line.nobody in REFUSALS else nullcontext():
                answers[line] = (line.request(nobody, ids).status_code, line.nobody)
    assert wrong(answers) == {}


async def test_a_stranger_gets_nothing_of_the_owners(world: World, owners: Belongings) -> None:
    """With a valid sign-in, and every id of the owner's: not read, not changed, not told from what is not."""
    ids, stranger = ids_of(owners), world.somebody()
    answers = {}
    async with world.nothing_changes():
        for line in MATRIX:
            if not line.of_oneself:
                with world.logged("refused") if line.stranger in REFUSALS else nullcontext():
                    answers[line] = (line.request(stranger, ids).status_code, line.stranger)
    assert wrong(answers) == {}


async def test_the_owner_gets_all_of_it(world: World) -> None:
    """So the refusals above are of the stranger, and not of a request that nobody could make."""
    owner = world.somebody("Another Owner")
    ids = ids_of(await furnish(world, "Another Owner"))
    assert wrong({line: (line.request(owner, ids).status_code, line.owner) for line in MATRIX}) == {}


async def test_what_a_stranger_is_told_is_what_is_told_of_nothing(world: World, owners: Belongings) -> None:
    """An id of the owner's and one that is nobody's get the same answer: none tells what exists."""
    theirs, stranger = ids_of(owners), world.somebody()
    nobodys = theirs | dict.fromkeys(owners.ids(), "4b1c1f0e-0000-4000-8000-000000000000")
    for line in MATRIX:
        if line.stranger == 404 and not line.is_closed:
            told = [line.request(stranger, ids) for ids in (theirs, nobodys)]
            assert told[0].status_code == told[1].status_code, str(line)
            assert told[0].text == told[1].text, str(line)


async def test_another_site_changes_nothing(world: World, owners: Belongings) -> None:
    """A page elsewhere can make its visitor's browser send requests; the origin gives it away."""
    ids, owner = ids_of(owners), world.somebody(OWNER)
    async with world.nothing_changes():
        for origin in (EVIL, "null", f"{world.server.url}.evil.example", "http://[", "file://"):
            for line in CHANGING:
                with world.logged("refused") if line.path not in FORMS else nullcontext():
                    answer = line.request(owner, ids, headers={"Origin": origin})
                assert answer.status_code in ((403,) if line.path not in FORMS else (303, 403)), str(line)


async def test_another_site_reads_nothing(world: World, owners: Belongings) -> None:
    """No answer allows a page of another origin to look at it."""
    ids, owner = ids_of(owners), world.somebody(OWNER)
    for line in MATRIX:
        if not line.changes:
            headers = line.request(owner, ids, headers={"Origin": EVIL}).headers
            assert [name for name in headers if name == "access-control-allow-origin"] == [], str(line)
    asked = owner.options(
        "/me/threads", headers={"Origin": EVIL, "Access-Control-Request-Method": "DELETE"}
    ).headers
    assert "access-control-allow-origin" not in asked


@pytest.mark.parametrize("forged", FORGED_IDS, ids=range(len(FORGED_IDS)))
async def test_a_forged_id_leads_nowhere(world: World, owners: Belongings, forged: str) -> None:
    """SQL, paths, markup, zero bytes and 10,000 characters are ids of nothing; none breaks a route."""
    ids = ids_of(owners)
    client = world.somebody()
    quoted = (
        httpx2.URL("http://x/", params={"x": forged}).query.decode().partition("=")[2].replace("+", "%20")
    )
    quoted = quoted.replace("..", "%2e%2e")
    # A form leads back to itself; to name one's own session is nothing that could be another's.
    allowed = {"/enter": {303}, "/set-session-cookie": {200}}
    async with world.nothing_changes():
        for name in (*owners.ids(), "session_id"):
            for line in MATRIX:
                in_path = f"{{{name}" in line.path + line.query
                if in_path or f"{{{name}}}" in str(line.body):
                    answer = line.request(client, ids | {name: quoted if in_path else forged})
                    found = {400, 401, 403, 404, 405, 414, 422} | allowed.get(
                        line.path.partition("/{")[0], set()
                    )
                    assert answer.status_code in found, f"{line}: {answer.status_code} {answer.text[:200]}"


BODIES = (b"", b"[]", b'"x"', b"7", b"null", b"{", b"\xff\xfe", b'{"a":' * 5_000 + b"1" + b"}" * 5_000)


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_a_body_that_is_not_ours_breaks_nothing(world: World, owners: Belongings, body: bytes) -> None:
    """Chainlit's routes and ours say what is wrong with it; none fails."""
    ids, client = ids_of(owners), world.somebody()
    async with world.nothing_changes():
        for line in CHANGING:
            if not line.of_oneself:
                answer = line.request(client, ids, content=body, headers={"Content-Type": "application/json"})
                assert answer.status_code < 500, f"{line}: {answer.status_code}"


def in_chunks(size: int) -> Iterator[bytes]:
    """A body that announces no length."""
    yield b'{"a": "'
    for _ in range(size // 10_000):
        yield b"x" * 10_000
    yield b'"}'


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("who", ["nobody", "stranger"])
async def test_a_long_body_is_not_read(world: World, owners: Belongings, who: str, announced: bool) -> None:
    """Chainlit reads bodies to their end, before it asks who sent them."""
    ids = ids_of(owners)
    client = world.nobody() if who == "nobody" else world.somebody()
    async with world.nothing_changes():
        for line in CHANGING:
            if line.files or line.of_oneself:
                continue
            body = b"x" * (LONGEST_BODY + 1) if announced else in_chunks(LONGEST_BODY * 4)
            headers = {"Content-Type": "application/json"}
            try:
                status = line.request(client, ids, content=body, headers=headers).status_code
            except httpx2.WriteError:
                continue  # The server has hung up in the midst of it.
            # Long polling asks who it is, and whose, before it reads at all; its own limit is another.
            asks_first = line.path == "/ws/socket.io/" or not announced
            due = (303, 400, 401, 404, 413, 415) if asks_first else (413,)
            assert status in due, f"{line}: {status}"


async def test_every_answer_says_how_it_may_be_used(world: World, owners: Belongings) -> None:
    """Not sniffed, not framed by others, and what is somebody's own kept by no shared cache."""
    ids = ids_of(owners)
    for client in (world.nobody(), world.somebody(OWNER)):
        for line in MATRIX:
            if line.changes:
                continue
            answer = line.request(client, ids)
            headers = answer.headers
            assert headers["x-content-type-options"] == "nosniff", str(line)
            if line.nobody == 401 or "/files/" in line.path:
                assert {"no-store", "private"} & set(headers["cache-control"].replace(",", "").split()), str(
                    line
                )
            if headers.get("content-type", "").startswith("text/html"):
                assert "frame-ancestors" in headers["content-security-policy"], str(line)
                assert headers["referrer-policy"] in ("same-origin", "no-referrer"), str(line)


CLIMBS = (
    "../secret_key.py",
    "..%2fsecret_key.py",
    "%2e%2e/%2e%2e/secret_key.py",
    "..%5csecret_key.py",
    "....//secret_key.py",
    "%252e%252e/secret_key.py",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "..%00/secret_key.py",
    ".chainlit/config.toml",
    "page/../../secret_key.py",
    "page/..%2f..%2fapp.py",
)


@pytest.mark.parametrize(
    "folder", ["/public", "/assets", "/avatars", "/files", "/shared/x/files", "/thread", ""]
)
def test_no_path_leads_out_of_its_folder(world: World, folder: str) -> None:
    """Neither to the app's own files nor to the machine's."""
    client = world.somebody("Climber")
    for climb in CLIMBS:
        request = client.build_request("GET", "/")
        request.url = request.url.copy_with(raw_path=f"{folder}/{climb}".encode())
        text = client.send(request).text
        assert [
            word for word in ("VERBATIM_", "root:", "session_timeout", "load_settings") if word in text
        ] == []


@pytest.mark.parametrize(
    "language", ["../../secret", "..%2f..%2fsecret", "en-US/../../x", "x" * 10_000, "\u0000", "en'"]
)
def test_a_language_is_no_path(world: World, language: str) -> None:
    """Chainlit opens a file of that name."""
    client = world.somebody("Climber")
    for path in ("/project/translations", "/project/settings"):
        answer = client.get(path, params={"language": language})
        assert answer.status_code < 500
        assert "VERBATIM" not in answer.text


def test_a_flood_of_requests_is_held_back(world: World) -> None:
    """Each may be a row in the record; and others do not wait for them."""
    client, other = world.somebody(), world.somebody()
    statuses = [client.put("/me/threads/x", json={"title": "x"}).status_code for _ in range(PACE[0] + 60)]
    held = client.put("/me/threads/x", json={"title": "x"})
    assert statuses[0] == 404
    assert 429 in statuses
    assert held.status_code == 429
    assert int(held.headers["retry-after"]) >= 1
    assert held.json()["problem"]
    assert other.get("/me/threads").status_code == 200


ODD_SEARCHES = (
    "cat",
    '"',
    "*",
    "cat OR dog",
    "NEAR(cat, 5)",
    "title:cat",
    "cat' OR '1'='1",
    "\u0000",
    "%",
    "_",
    "x" * 10_000,
    "-" * 500,
    "({[",
)


async def test_a_search_finds_ones_own_alone(world: World, owners: Belongings) -> None:
    """However it is asked: by the words of the index, in SQL, or by what means everything."""
    client = world.somebody()
    async with world.nothing_changes():
        for odd in ODD_SEARCHES:
            for path, parameters in (
                ("/me/search", {"q": odd}),
                ("/me/search", {"q": "cat", "cursor": odd}),
                ("/me/threads", {"tag": odd}),
                ("/me/threads", {"cursor": odd}),
                ("/me/threads/archived", {"cursor": odd}),
                ("/me/threads/deleted", {"cursor": odd}),
            ):
                answer = client.get(path, params=parameters)
                assert answer.status_code in (200, 400), f"{path} {parameters}"
                assert owners.thread_id not in answer.text
                assert "Borges" not in answer.text


async def test_a_list_is_ones_own_whatever_is_asked_for(world: World, owners: Belongings) -> None:
    """Chainlit's page names filters and sizes; whose threads they are is not among them."""
    client = world.somebody()
    theirs = world.rows("SELECT participant_id FROM threads WHERE thread_id = ?", owners.thread_id)[0][0]
    async with world.nothing_changes():
        for pagination in ({"first": -1}, {"first": 10**30}, {"first": 20, "cursor": "'"}, {"first": 0}, {}):
            for asked in ({"userId": theirs}, {"search": "cat", "userId": theirs}, {"feedback": 1}, {}):
                body = {"pagination": pagination, "filter": asked}
                answer = client.post("/project/threads", json=body)
                assert answer.status_code in (200, 422), body
                assert owners.thread_id not in answer.text
