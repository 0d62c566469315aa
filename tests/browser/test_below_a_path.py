"""Below a path of a proxy's host, behind a real one: no request leaves the path, and none leads nowhere."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from bench.process import ServerProcess, command, free_port, verbatim
from tests import files_to_attach as files
from tests.browser.conftest import STUDY, TREE
from tests.browser.room import first_password
from tests.browser.test_attachments import attach, payload
from tests.browser.test_share_and_save import open_from_menu
from tests.browser.test_sidebar import choose, in_order
from tests.browser.visit import Visit
from tests.browser.waiting import comes_to
from tests.programs import program

pytestmark = pytest.mark.browser

PATH: Final = "/study"
# Python and pyarrow start in a second; of a busy machine in several.
EXPORT_WITHIN_MS: Final = 60_000
# Beside ours, which takes the path off: a proxy that hands it on.
HANDS_ON: Final = """
http://127.0.0.1:{port} {{
	handle /study* {{
		reverse_proxy {behind}
	}}
	respond 404
}}
"""
SAID: Final = [{"speaker": "user", "text": "Hello."}, {"speaker": "assistant", "text": "Hello."}]
ADDRESSES: Final = """() => ["href", "src", "srcset", "action", "formaction", "hx-get"].flatMap((name) =>
    [...document.querySelectorAll(`[${name}]`)].map((one) => one.getAttribute(name)))
    .filter((address) => address && /^[/]|^http/.test(address))"""


@dataclass(frozen=True)
class Proxies:
    """One server behind two proxies.

    Args:
        server: Verbatim.
        takes_off: The page's address by the proxy that takes the path off; the public one.
        hands_on: By the one that hands it on.
    """

    server: ServerProcess
    takes_off: str
    hands_on: str


@pytest.fixture(scope="module")
def proxies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxies]:
    """Verbatim, and Caddy before it with the file that deploy/ shows."""
    folder, caddy = tmp_path_factory.mktemp("below"), program("caddy")
    first, second = free_port(), free_port()
    server = verbatim(TREE, folder / "data", STUDY)
    server.environment["VERBATIM_PUBLIC_URL"] = f"http://127.0.0.1:{first}{PATH}"
    behind = f"127.0.0.1:{server.port}"
    shown = (TREE / "deploy" / "caddy" / "Caddyfile").read_text(encoding="utf-8")
    shown = shown.replace("lab.example.org {", f"http://127.0.0.1:{first} {{").replace(
        "127.0.0.1:8000", behind
    )
    hands_on = HANDS_ON.format(port=second, behind=behind)
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + shown + hands_on)
    proxy = ServerProcess(
        [caddy, "run", "--config", "Caddyfile"],
        folder=folder,
        environment={"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        log=folder / "caddy.log",
        ready_path=f"{PATH}/login",
        port=first,
    )
    with server, proxy:
        yield Proxies(server, f"{proxy.url}{PATH}/", f"http://127.0.0.1:{second}{PATH}/")
    shutil.rmtree(folder, ignore_errors=True)


class Watched(Visit):
    """A browser of which every request is looked at.

    Attributes:
        outside: What was asked of the host outside the path.
        failed: What was answered with 400 and above.
    """

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.outside: list[str] = []
        self.failed: list[str] = []
        page.context.on("request", lambda request: self._look(request.url))
        page.on("websocket", lambda socket: self._look(socket.url))
        page.context.on("response", self._answered)

    def _look(self, url: str) -> None:
        asked = urlsplit(url)
        if asked.scheme in ("http", "https", "ws", "wss") and not f"{asked.path}/".startswith(f"{PATH}/"):
            self.outside.append(url)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.failed.append(f"{response.status} {response.url}")

    def go(self, path: str) -> None:
        """Open a page, and look at every address that it names."""
        self.page.goto(path)
        self.look_at_addresses()

    def look_at_addresses(self) -> None:
        """Every address of ours in the page is below the path."""
        for address in self.page.evaluate(ADDRESSES):
            asked = urlsplit(address)
            own = asked.netloc in ("", urlsplit(self.page.url).netloc)
            assert not own or asked.path.startswith(f"{PATH}/"), (self.page.url, address)

    def stayed(self) -> None:
        """Nothing went elsewhere, nothing led nowhere, and no script failed."""
        assert (self.outside, self.failed, self.foreign, self.errors) == ([], [], [], [])


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Watched]:
    """A browser that knows nothing yet."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    yield Watched(context.new_page())
    context.close()


def test_a_participant_stays_below_the_path(visit: Watched, proxies: Proxies) -> None:
    """From the bare address through a chat, a file, a rating, a link, a copy, a deletion to the way out."""
    page, address = visit.page, proxies.takes_off
    page.goto(address.rstrip("/"))
    expect(page).to_have_url(f"{address}login")
    visit.look_at_addresses()
    page.get_by_label("Your name").fill("Below")
    page.get_by_role("button", name="Begin").click()
    attach(visit, payload("garden.png", "image/png", files.png(64, 40)))
    visit.talk("I like gardens.")
    page.wait_for_url(f"{address}thread/*")
    expect(page.locator(".ai-message img, [data-step-type=assistant_message] img").first).to_be_visible()
    page.reload()
    expect(visit.questions).to_have_text("I like gardens.")
    picture = page.get_by_role("button", name="Open garden.png")
    expect(picture).to_be_visible()
    width = "image => image.complete && image.naturalWidth"
    comes_to(page, lambda: picture.evaluate(width), 64)
    with page.expect_response(re.compile("/me/ratings/")) as rated:
        page.get_by_role("button", name="Good reply").click()
    assert rated.value.status == 200
    page.keyboard.press("Escape")
    visit.look_at_addresses()

    open_from_menu(visit, "Share")
    dialog = page.get_by_role("dialog", name="Share this conversation")
    dialog.get_by_role("button", name="Make a link").click()
    expect(dialog.get_by_label("The link", exact=True)).to_have_value(re.compile(f"^{address}shared/"))
    link = dialog.get_by_label("The link", exact=True).input_value()
    page.keyboard.press("Escape")
    open_from_menu(visit, "Save")
    dialog = page.get_by_role("dialog", name="Save this conversation")
    with page.expect_download() as downloading:
        dialog.get_by_role("link", name="JSON").click()
    assert "I like gardens." in downloading.value.path().read_text(encoding="utf-8")
    with page.context.expect_page() as opening:
        dialog.get_by_role("link", name="To print").click()
    expect(opening.value.locator("main")).to_contain_text("I like gardens.")
    opening.value.close()
    page.keyboard.press("Escape")

    page.locator("#new-chat-button").click()
    page.wait_for_url(address)
    visit.talk("Another.")
    page.wait_for_url(f"{address}thread/*")
    choose(visit, "Another.", "Delete")
    in_order(visit, "I like gardens.")
    page.wait_for_url(address)
    visit.rows.first.locator("a").click()
    page.wait_for_url(f"{address}thread/*")
    visit.go(link)
    expect(page.locator("main")).to_contain_text("I like gardens.")
    visit.go(address)
    visit.wait_until_ready()
    for _ in range(2):  # away and back: Chainlit keeps in a cookie how the list stands
        page.locator("#sidebar-trigger-button").first.dispatch_event("click")
    page.locator("#you-button").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url(f"{address}login")
    cookies = page.context.cookies()
    assert "sidebar:state" in {cookie["name"] for cookie in cookies}
    assert {cookie["path"] for cookie in cookies} == {PATH}
    visit.stayed()


def test_a_researcher_stays_below_the_path(visit: Watched, proxies: Proxies) -> None:
    """From the way in through every page that is linked, a thread and Live to an export and the way out."""
    page, room = visit.page, f"{proxies.hands_on}research"
    password = first_password(proxies.server)
    with page.context.expect_page() as opening:
        page.evaluate(f"window.open({proxies.hands_on!r})")
    participant = Watched(opening.value)
    participant.page.get_by_label("Your name").fill("Watched")
    participant.page.get_by_role("button", name="Begin").click()
    participant.talk("I am here.")

    page.goto(room)
    page.wait_for_url(f"{room}/login?next=*")
    visit.look_at_addresses()
    page.get_by_label("Name").fill("owner")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{room}/")
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    expect(page.locator("[data-drawn]").first).to_be_visible()
    linked = page.locator("nav a").evaluate_all("links => links.map((link) => link.href)")
    for address in linked:
        visit.go(address)
    visit.go(f"{room}/live")
    expect(page.locator("#told")).to_have_text("This table follows what happens.")
    page.get_by_role("link", name="I am here.").click()
    page.wait_for_url(re.compile(f"{room}/threads/.*watch=yes"))
    visit.look_at_addresses()
    visit.go(f"{room}/threads?q=here")
    page.locator("main a[href*='/threads/']").first.click()
    visit.look_at_addresses()
    page.get_by_role("link", name="Back").first.click()

    visit.go(f"{room}/exports")
    page.get_by_role("button", name="Export").click()
    newest = page.locator(".made > li").first
    expect(newest.get_by_role("link", name="Download")).to_be_visible(timeout=EXPORT_WITHIN_MS)
    visit.look_at_addresses()
    with page.expect_download() as downloading:
        newest.get_by_role("link", name="Download").click()
    assert downloading.value.path().stat().st_size > 0
    assert {cookie["path"] for cookie in page.context.cookies()} == {PATH, f"{PATH}/research"}
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{room}/login")
    visit.stayed()
    assert participant.outside == []


@pytest.mark.parametrize("kind", ["takes_off", "hands_on"])
def test_participants_of_either_proxy_are_answered(proxies: Proxies, kind: str, tmp_path: Path) -> None:
    """Whether a proxy takes the path off or not, forms, cookies and the socket find their way."""
    dialogs = tmp_path / "dialogs.jsonl"
    dialogs.write_text(json.dumps({"conversation_id": kind, "utterances": SAID}), encoding="utf-8")
    command(proxies.server, "simulate", str(dialogs), "--participants", "1", "--url", getattr(proxies, kind))
