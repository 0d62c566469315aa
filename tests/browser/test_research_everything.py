"""Every page of the room: on a desktop and a phone, by day and by night, with and without data."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect
from starlette.routing import Route

from bench.process import ServerProcess, verbatim
from data_layer.database import schema
from data_layer.database.engine import open_database
from data_layer.record import Record
from data_layer.writing.state import ThreadDefaults
from demo.words import LONG_TITLE, MESSAGES, TITLES
from research.app import all_routes
from research.context import RoomContext
from research.throttle import SignInThrottle
from study.loader import load_study
from tests.browser.axe import grave, rules_of
from tests.browser.conftest import TREE, Arrive
from tests.browser.lived import HIT, STUDY, coded, lived, rows
from tests.browser.room import first_password
from tests.browser.test_research_room import enter
from tests.browser.waiting import comes_to, fits, what_stays
from tests.postgres import run

pytestmark = pytest.mark.browser

THREADS: Final = 300
SIZES: Final = ((1280, 800), (390, 844))
LOOKS: Final = ("light", "dark")
# What no route of its own leads to: what was found and what was not, the table in its states.
ALSO: Final = (
    *("threads?q=latte", "threads?q=nothinghasthis", "threads?q=NOT", "threads?error=yes&sort=long"),
    *("threads?participant=ffff", "threads?least=x", "audit?action=searched", "no-such-page", "login"),
)
# The one to be looked at where there are many: what can be in a thread is in this one.
CHOICES: Final = {
    "thread_id": (
        "SELECT t.thread_id FROM threads t JOIN steps s ON s.thread_id = t.thread_id "
        "WHERE s.revision > 1 AND t.message_count < 30 AND t.message_count > 3 ORDER BY t.seq LIMIT 1"
    ),
    "step_id": "SELECT step_id FROM steps WHERE deleted_because = 'edited' ORDER BY seq LIMIT 1",
}
# And one in which a form was answered, and an intent left and offered once more.
ASKED: Final = (
    "SELECT a.thread_id FROM form_answers a JOIN intent_moves m ON m.thread_id = a.thread_id "
    "WHERE m.move IN ('continued', 'declined') LIMIT 1"
)
HTML_OF: Final = """async (path) => {
    const control = new AbortController();
    const answer = await fetch(path, {signal: control.signal});
    const found = [answer.status, answer.headers.get('content-type') || ''];
    control.abort();
    return found;
}"""


@pytest.fixture(scope="module", params=["empty", "lived"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """The app on an empty study, and on one that was simulated and coded."""
    folder = tmp_path_factory.mktemp(request.param)
    is_lived = request.param == "lived"
    with lived(folder, THREADS) if is_lived else verbatim(TREE, folder, STUDY) as running:
        yield running


@pytest.fixture(scope="module")
def password(server: ServerProcess) -> str:
    """The owner's; where there are threads, one is coded."""
    made = first_password(server)
    if found := rows(server, CHOICES["thread_id"]):
        coded(server, found[0]["thread_id"])
    return made


def routes_of(folder: Path) -> list[Route]:
    """All pages of the room, with {parameters}."""
    found: list[Route] = []

    async def ask() -> None:
        database = open_database(f"sqlite+aiosqlite:///{folder / 'none.db'}")
        record = Record(database, folder, ThreadDefaults("s", "0", "0" * 64))
        every = all_routes(RoomContext(record, load_study(STUDY), SignInThrottle()))
        found.extend(route for route in every if isinstance(route, Route) and "GET" in (route.methods or ()))
        await database.close()

    run(ask())
    return [route for route in found if "path" not in route.param_convertors]


def address_of(server: ServerProcess, route: Route) -> str | None:
    """Of a page that is there; None where nothing of the kind is in the study."""
    path = route.path
    for name in route.param_convertors:
        found = rows(server, CHOICES[name] if name in CHOICES else _any(name))
        if not found:
            return None
        path = path.replace(f"{{{name}}}", str(found[0][name]))
    return path.removeprefix("/")


def _any(name: str) -> str:
    """A row of the table that such an id is the key of."""
    table, *_ = [t.name for t in schema.metadata.tables.values() if next(iter(t.primary_key)).name == name]
    return f"SELECT {name} FROM {table} LIMIT 1"


def complaints(page: Page, path: str) -> list[str]:
    """What is wrong with a page as it now stands, at each size, by day and by night."""
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for look in LOOKS:
            page.emulate_media(color_scheme=look)
            graves = grave(page, *rules_of(look))
            found += [f"{path}, {width} wide, {look}: {one}" for one in graves]
        beyond = f"document.documentElement.scrollWidth > {width} ? ['wider'] : []"
        found += [f"{path}, {width} wide: {one}" for one in what_stays(page, partial(page.evaluate, beyond))]
    if page.evaluate("window.__hit"):
        found.append(f"{path}: a script ran")
    return found


def test_every_page_is_for_everybody(
    arrive: Arrive, server: ServerProcess, password: str, tmp_path: Path
) -> None:
    """Axe finds nothing, nothing is wider than the screen, no script fails, nobody else is asked."""
    visit = arrive()
    page = enter(visit, password)
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # The browser says of the page itself that it was not found, or was refused: that is meant.
        if message.type == "error" and "Failed to load resource" not in message.text:
            said.append(f"{page.url}: {message.text}")

    page.on("console", hear)
    known = [address_of(server, route) for route in routes_of(tmp_path)]
    asked = [f"threads/{row['thread_id']}" for row in rows(server, ASKED)]
    paths = dict.fromkeys([path for path in known if path is not None] + asked + list(ALSO))
    found: list[str] = []
    seen = 0
    for path in paths:
        status, kind = page.evaluate(HTML_OF, f"/research/{path}")
        if status >= 500:
            found.append(f"{path}: {status}")
        if "text/html" in kind:
            page.goto(f"/research/{path}")
            found += complaints(page, path)
            seen += 1
    assert found == []
    assert said == []
    assert visit.errors == []
    assert visit.foreign == []
    assert seen >= len(ALSO) + 6


@pytest.mark.parametrize("server", ["lived"], indirect=True)
def test_a_very_long_thread_fits(arrive: Arrive, server: ServerProcess, password: str) -> None:
    """500 messages, on a phone: all of them are there, and none is wider than it."""
    page = enter(arrive(phone=True), password)
    [long] = rows(server, "SELECT thread_id FROM threads WHERE title = ?", LONG_TITLE)
    page.goto(f"/research/threads/{long['thread_id']}")
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG_TITLE)
    fits(page)


@pytest.mark.parametrize("server", ["lived"], indirect=True)
def test_script_stays_text(arrive: Arrive, server: ServerProcess, password: str) -> None:
    """In titles, messages, names, tags, comments, codes and notes: it is read as written, and never run."""
    visit = arrive()
    page = enter(visit, password)
    attacks = [title for title in TITLES if "__hit" in title]
    marks = ", ".join("?" * len(attacks))
    odd = rows(server, f"SELECT thread_id, title FROM threads WHERE title IN ({marks})", *attacks)
    assert len(odd) >= len(attacks)
    for thread in odd:
        page.goto(f"/research/threads/{thread['thread_id']}")
        comes_to(page, page.get_by_role("heading", level=1).inner_text, thread["title"])
        assert page.evaluate("window.__hit") is None
    for words in (one for one in MESSAGES if "__hit" in one):
        [message] = rows(server, "SELECT thread_id, step_id FROM steps WHERE output = ? LIMIT 1", words)
        page.goto(f"/research/threads/{message['thread_id']}")
        expect(page.get_by_text(words).first).to_be_visible()
        assert page.evaluate("window.__hit") is None
    for path in ("threads?q=script", "threads?q=onerror", "threads?tag=<i>odd</i>", "codebook", "exports"):
        page.goto(f"/research/{path}")
        assert page.evaluate("window.__hit") is None
    page.goto("/research/codebook")
    expect(page.get_by_text(HIT).first).to_be_visible()
    assert visit.errors == []
