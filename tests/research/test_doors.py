"""Each role sees and does only its own: every route is tried by every role, and by nobody."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route
from structlog.testing import capture_logs

from data_layer.record import Record
from research.app import all_routes
from research.context import RoomContext
from research.routing import grown
from research.throttle import SignInThrottle
from study.loader import load_study
from study.roles import ResearcherRole, may
from tests.browser.conftest import STUDY
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD

NOWHERE = "00000000-0000-4000-8000-000000000000"
# The way in is everybody's.
OPEN = {"GET /login", "POST /login", "POST /login/code"}


@pytest.fixture(autouse=True)
def _no_stream_lasts(app: FastAPI) -> None:
    """What is told for as long as somebody listens would never end here: the server is about to."""
    (room,) = (route.app for route in app.routes if isinstance(route, Mount))
    room.state.streams.end()  # type: ignore[attr-defined]  # research.app.research_app puts it there


def doors(record: Record) -> Iterator[Route]:
    """All routes behind a door."""
    for route in all_routes(RoomContext(record, load_study(STUDY), SignInThrottle())):
        if isinstance(route, Route) and route.name not in OPEN:
            yield route
        else:
            assert isinstance(route, Mount | Route)


def address(route: Route) -> str:
    """Of a route, with an id that nothing has."""
    path = route.path
    for name in route.param_convertors:
        path = path.replace(f"{{{name}:path}}", "no/such/page").replace(f"{{{name}}}", NOWHERE)
    return path


async def test_nobody_passes_a_door(stranger: Browser, record: Record) -> None:
    """A page leads to the way in; what would change something is refused."""
    seen = 0
    for route in doors(record):
        for method in sorted((route.methods or set()) - {"HEAD"}):
            answer = await stranger.client.request(method, f"/research{address(route)}")
            expected = 303 if method == "GET" else 401
            assert (route.name, answer.status_code) == (route.name, expected)
            seen += 1
    assert seen > 10


@pytest.mark.parametrize("role", list(ResearcherRole))
async def test_a_role_passes_its_own_doors(stranger: Browser, record: Record, role: ResearcherRole) -> None:
    """What a role has no right to answers 403 and says who can change that; what it has does not."""
    await record.researchers.add("Somebody", role, PASSWORD)
    await record.researchers.add("Spare owner", ResearcherRole.OWNER)
    await stranger.sign_in("Somebody", PASSWORD)
    for route in doors(record):
        if route.path == "/logout":
            continue
        for method in sorted((route.methods or set()) - {"HEAD"}):
            answer = await stranger.client.request(
                method,
                f"/research{address(route)}",
                data={"csrf": stranger.csrf} if method == "POST" else None,
            )
            passed = may(role, route.right)  # type: ignore[attr-defined]  # research/routing.py puts it there
            assert (route.name, answer.status_code != 403) == (route.name, passed)
            assert answer.status_code < 500 or route.path.endswith("/stream")


async def test_a_form_of_another_session_changes_nothing(owner: Browser, record: Record) -> None:
    """Neither without a token nor with another one; the room says how to go on."""
    for forged in ("", "0" * 64, "ü"):
        owner.csrf = forged
        answer = await owner.post("/researchers", name="Mallory", role="owner")
        assert answer.status_code == 403
        assert "try again" in answer.text
    assert await record.researchers.find("Mallory") is None


async def test_every_page_forbids_what_it_does_not_need(owner: Browser) -> None:
    """No inline script or style, no other site, no frame, no cache."""
    for path in ("/login", "/account", "/audit", "/researchers", "/no-such-page"):
        headers = (await owner.get(path)).headers
        assert "'unsafe-inline'" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


async def test_the_room_tells_nothing_of_how_it_is_made(owner: Browser, app: FastAPI) -> None:
    """No schema and no documentation of its routes."""
    for path in ("/openapi.json", "/docs", "/redoc"):
        assert (await owner.get(path)).status_code == 404


async def test_while_the_database_is_away_the_room_says_so(owner: Browser, record: Record) -> None:
    """A sentence, not a traceback."""
    await record.database.engine.dispose()
    async with record.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE researcher_sessions RENAME TO elsewhere")
    answer = await owner.get("/account")
    assert answer.status_code == 503
    assert answer.text == "The database does not answer. Try again in a minute."


def test_a_long_page_that_breaks_off_says_so() -> None:
    """Its status has been sent as if all were well: whoever reads it must not take the half for the whole."""

    def drawing() -> Iterator[str]:
        yield "<p>The first message</p>"
        yield str({}["what nobody gave"])

    with capture_logs() as logs:
        page = "".join(grown(drawing(), "thread.html"))
    assert page.startswith("<p>The first message</p>")
    assert "The page broke off here" in page
    assert [(line["event"], line["error_type"]) for line in logs] == [("page_broke_off", "KeyError")]
