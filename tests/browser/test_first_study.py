"""docs/tutorials/your-first-study.md, walked: its commands, its clicks, its code, to the plot."""

import re
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from bench.process import ServerProcess, command, verbatim
from tests.browser.conftest import TREE, Arrive
from tests.browser.lived import STUDY
from tests.browser.visit import Visit

pytestmark = pytest.mark.browser

PAGE: Final = TREE / "docs" / "tutorials" / "your-first-study.md"
TEXT: Final = PAGE.read_text(encoding="utf-8")
SHELL: Final = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
PYTHON: Final = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
BEGIN: Final = ".venv/bin/python "


def named(words: str) -> str:
    """What the tutorial says of a page: in bold what is clicked, as code what is typed."""
    assert f"**{words}**" in TEXT or f"`{words}`" in TEXT, f"{PAGE.name} does not speak of {words}"
    return words


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app, started on the study that the tutorial's own command has written."""
    running = verbatim(TREE, tmp_path_factory.mktemp("first"), STUDY)
    [simulate] = [line for line in SHELL[1].splitlines() if line.startswith(f"{BEGIN}cli.py")]
    command(running, *shlex.split(simulate.removeprefix(f"{BEGIN}cli.py ")))
    with running:
        yield running


@pytest.fixture(scope="module")
def password(server: ServerProcess) -> str:
    """The first account's, as scripts/run shows it."""
    return command(server, "researcher", "first")


def sign_in(visit: Visit, password: str) -> Page:
    """Step 4, its first sentence."""
    page = visit.page
    page.goto("/research")
    page.get_by_label("Name").fill(named("owner"))
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=named("Overview"))).to_be_visible()
    return page


def search(page: Page) -> None:
    """Step 4, its second part."""
    page.get_by_role("link", name=named("Threads"), exact=True).click()
    page.get_by_label(named("Search what was said")).fill(named('"almond milk"'))
    page.get_by_role("button", name=named("Show"), exact=True).click()
    expect(page.locator("mark").first).to_be_visible()


def test_it_leads_through_the_room(arrive: Arrive, password: str) -> None:
    """Steps 4 to 6: what it says to click is there, and does what it says."""
    page = sign_in(arrive(), password)
    search(page)
    page.get_by_role("link", name="Clear", exact=True).click()
    page.get_by_text(named("Filters")).click()
    page.get_by_label(named("Edited message")).select_option(label=named("With"))
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator("td.title a").first.click()
    page.get_by_role("link", name=named("What the model saw")).first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    page.get_by_role("link", name=named("Codebook")).click()
    page.get_by_label("Name", exact=True).last.fill(named("Milk"))
    page.get_by_label("Definition").last.fill("Somebody asks for another milk than the usual one.")
    page.get_by_role("button", name=named("Add the code")).click()
    search(page)
    page.locator(".hits a").first.click()
    page.wait_for_load_state()  # before its script runs, the link leads to a form instead
    page.get_by_role("link", name=named("Code the thread")).click()
    page.get_by_role("option", name="Milk").click()
    expect(page.get_by_label("Codes and notes on the thread").get_by_text("Milk")).to_be_visible()


def test_it_leads_to_a_plot(
    arrive: Arrive, password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps 7 and 8: the export's zip, unpacked by its command, read and drawn by its code."""
    page = sign_in(arrive(), password)
    page.get_by_role("link", name=named("Exports")).click()
    page.get_by_label(named("Only threads in which this was said")).fill('"almond milk"')
    page.get_by_role("button", name=named("Export"), exact=True).click()
    with page.expect_download() as loading:
        page.get_by_role("link", name=named("Download")).click()
    [unpack] = [line for line in SHELL[2].splitlines() if line]
    where = shlex.split(unpack.removeprefix(BEGIN))
    assert loading.value.suggested_filename.startswith(Path(where[-2]).name.partition("*")[0])
    saved = tmp_path / loading.value.suggested_filename
    loading.value.save_as(saved)
    subprocess.run([sys.executable, *where[:-2], saved, where[-1]], cwd=tmp_path, check=True)
    assert zipfile.is_zipfile(saved)

    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in PYTHON:
        exec(compile(block, str(PAGE), "exec"), names)
    said = names["messages"].groupby("thread_id")["content"].agg(" ".join).str.lower()
    assert 0 < len(said) < 1000
    assert all("almond" in words for words in said)
    drawn = names["plot"].to_dict()
    assert drawn["mark"]["type"] == "line"
    assert set(names["by_turn"]["turn"]) <= {1, 2, 3, 4, 5, 6}
    assert (tmp_path / "words.html").stat().st_size > 1000
    page.get_by_role("button", name=named("Verify")).click()
    expect(page.get_by_text("whole").filter(visible=True).first).to_be_visible()


def test_its_other_commands_are_those_of_the_front_door() -> None:
    """Nothing is to be typed that no test has typed."""
    typed = [line for block in SHELL for line in block.splitlines()]
    known = ("git clone ", "cd verbatim", "scripts/run", "export VERBATIM_DATA_DIR=", BEGIN)
    assert [line for line in typed if not line.startswith(known)] == []
    assert sum(line.startswith(BEGIN) for line in typed) == 2
    assert (len(SHELL), len(PYTHON)) == (3, 3)


def test_its_pictures_are_there() -> None:
    """Each is made by tests/browser/screenshots.py, and is no larger than a page may ask for."""
    pictures = [PAGE.parent / name for name in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", TEXT)]
    assert len(pictures) >= 5
    assert [one.name for one in pictures if not one.exists() or one.stat().st_size > 80_000] == []
