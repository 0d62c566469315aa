"""A coder's work in a browser: what is theirs, by keys from one to the next, and what they call done."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.process import ServerProcess, verbatim
from tests.browser.axe import grave, rules_of
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.held import HeldRequest
from tests.browser.lived import add, rows
from tests.browser.test_research_room import enter, password  # noqa: F401  # a fixture
from tests.browser.waiting import comes_to, fits
from tests.exports.conftest import export_to
from tests.exports.seed import Seed, at, id_of

pytestmark = pytest.mark.browser
TALKS = ("A new city", "The exam", "Sleep")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app, with three short talks and a codebook of a few codes."""
    seed = Seed()
    seed.participant("Ada")
    for number, title in enumerate(TALKS):
        begun = 60 * (number + 1)
        seed.thread(
            title, "Ada", begun, title=title, message_count=1, turn_count=1, last_activity_at=at(begun)
        )
        seed.step(f"{title}: said", title, begun, "user_message", output=f"About {title}, then.")
    for version, name in enumerate(("Feeling", "Loneliness", "Hope", "Plan"), 1):
        seed.code(name, version, name, version)
    with verbatim(TREE, tmp_path_factory.mktemp("coders"), STUDY) as running:
        seed.write(running.environment["VERBATIM_DATABASE_URL"])
        yield running


def give_all(server: ServerProcess) -> None:
    """Every talk is the owner's to code."""
    rows(server, "DELETE FROM coding_assignments")
    [owner] = rows(server, "SELECT researcher_id, researcher_id AS assigned_by FROM researchers")
    for title in TALKS:
        ids = {"assignment_id": id_of(f"{title}: task"), "thread_id": id_of(title)}
        add(server, "coding_assignments", created_at="2026-03-02T09:00:00.000Z", **ids, **owner)


def codes_as_seeded(server: ServerProcess) -> None:
    """As if no test before had moved or retired one, and whether or not it came to its end."""
    rows(server, "DELETE FROM codes WHERE codebook_version > 4")
    rows(server, "UPDATE codes SET retired_at = NULL")


def looked_at(page: Page) -> None:
    """Axe finds nothing, by day and by night; nothing is wider than the screen."""
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        assert grave(page, *rules_of(look)) == [], (page.url, look)
    fits(page)


@pytest.mark.parametrize("phone", [False, True])
def test_from_one_to_the_next_by_keys(
    arrive: Arrive,
    password: str,  # noqa: F811
    server: ServerProcess,
    phone: bool,
) -> None:
    """With o to the first, d says that it is done, Ctrl+Z that it is not; o goes on, until all are."""
    give_all(server)
    visit = arrive(phone=phone)
    page = enter(visit, password)
    page.goto("/research/threads")
    looked_at(page)
    page.keyboard.press("o")
    task, line = (
        page.get_by_role("region", name="Your coding of this conversation"),
        page.locator("#task-line"),
    )
    for number, title in enumerate(TALKS, 1):
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        page.wait_for_load_state()
        page.keyboard.press("d")
        expect(task).to_contain_text("You said that you have coded this conversation")
        expect(line).to_contain_text(f"{number} of 3 done")
        if number == 1:
            page.keyboard.press("Control+z")
            expect(line).to_contain_text("0 of 3 done")
            task.get_by_role("button", name="I have coded this conversation").focus()
            page.keyboard.press("Enter")
            expect(line).to_contain_text("1 of 3 done")
            expect(task.get_by_role("link", name="Next open one")).to_be_focused()
            looked_at(page)
        page.keyboard.press("o")
    expect(task).to_contain_text("All that is yours is done.")
    page.goto("/research/coding")
    expect(page.get_by_role("row", name="owner")).to_contain_text("3 of 3 done")
    looked_at(page)
    assert visit.errors == []


def drawn(page: Page) -> list[str]:
    """The codes of the page, a dot a level."""
    found: list[str] = page.locator("#codes > .entry-of").evaluate_all(
        "all => all.map(one => '.'.repeat(/depth-(\\d)/.exec(one.className)?.[1] ?? 0)"
        " + one.querySelector('h3 bdi').textContent)"
    )
    return found


def test_codes_are_moved_by_keys(
    arrive: Arrive,
    password: str,  # noqa: F811
    server: ServerProcess,
) -> None:
    """Alt and the arrows move the code that is reached by j, which keeps the focus; what is written stays."""
    codes_as_seeded(server)
    visit = arrive()
    page = enter(visit, password)
    page.goto("/research/codebook")
    said = page.locator("#moved-said")
    page.locator("#codes > .entry-of").nth(3).get_by_text("Change").click()
    page.get_by_label("Name").nth(3).fill("Plans, all of them")
    page.locator("h1").click()
    for keys, words, then in (
        (
            "jjAlt+ArrowRight",
            "“Loneliness” is 1 of 1 under “Feeling”.",
            ["Feeling", ".Loneliness", "Hope", "Plan"],
        ),
        ("jAlt+ArrowUp", "“Hope” is 1 of 3.", ["Hope", "Feeling", ".Loneliness", "Plan"]),
        ("Alt+ArrowUp", "It is the first here already.", ["Hope", "Feeling", ".Loneliness", "Plan"]),
        ("Control+z", "Taken back. “Hope” is 2 of 3.", ["Feeling", ".Loneliness", "Hope", "Plan"]),
        ("Control+z", "Taken back. “Loneliness” is 2 of 4.", ["Feeling", "Loneliness", "Hope", "Plan"]),
    ):
        for letter in keys[: keys.find("Alt")] if "Alt" in keys else "":
            page.keyboard.press(letter)
        page.keyboard.press(keys[keys.find("Alt") :] if "Alt" in keys else keys)
        expect(said).to_have_text(words)
        comes_to(page, lambda: drawn(page), then)
        expect(page.locator("#codes > .entry-of:focus")).to_have_count(1)
    expect(page.get_by_label("Name").nth(3)).to_have_value("Plans, all of them")
    assert visit.errors == []


def test_what_is_moved_and_taken_back_in_haste(
    arrive: Arrive,
    password: str,  # noqa: F811
    server: ServerProcess,
) -> None:
    """Taken back is the last move, though its answer has not come yet; what another has retired goes."""
    codes_as_seeded(server)
    page = enter(arrive(), password)
    page.goto("/research/codebook")
    held = HeldRequest(page, "**/move")
    for key in ("k", "Alt+ArrowUp", "Alt+ArrowUp", "Control+z", "Control+z"):
        page.keyboard.press(key)
    held.wait()
    expect(page.locator("#moved-said")).to_be_hidden()
    rows(server, "UPDATE codes SET retired_at = created_at WHERE name = 'Hope'")
    held.let_go()
    expect(page.locator("#moved-said")).to_have_text("Taken back. “Plan” is 3 of 3.")
    comes_to(page, lambda: drawn(page), ["Feeling", "Loneliness", "Plan"])


def test_codes_are_moved_by_touch(
    arrive: Arrive,
    password: str,  # noqa: F811
    server: ServerProcess,
) -> None:
    """A button beside each, which keeps the focus; what it does can be taken back by another."""
    codes_as_seeded(server)
    visit = arrive(phone=True)
    page = enter(visit, password)
    page.goto("/research/codebook")
    moves = page.get_by_role("group", name="Move Plan")
    moves.get_by_role("button", name="Move up").tap()
    expect(page.locator("#moved-said")).to_have_text("“Plan” is 3 of 4.")
    expect(moves.get_by_role("button", name="Move up")).to_be_focused()
    looked_at(page)
    page.get_by_role("button", name="Undo").tap()
    expect(page.locator("#moved-said")).to_have_text("Taken back. “Plan” is 4 of 4.")
    comes_to(page, lambda: drawn(page), ["Feeling", "Loneliness", "Hope", "Plan"])
    assert visit.errors == []


def test_a_codebook_comes_from_a_whole_export(
    arrive: Arrive,
    password: str,  # noqa: F811
    server: ServerProcess,
    tmp_path: Path,
) -> None:
    """Its zip, packed or not; its folder's files, CSV or Parquet; what has no codes says so."""
    codes_as_seeded(server)
    url = server.environment["VERBATIM_DATABASE_URL"]
    export_to(url, tmp_path / "out", formats=("csv", "parquet"))
    for name, how in (("stored", zipfile.ZIP_STORED), ("packed", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w", how) as archive:
            for one in sorted((tmp_path / "out").iterdir()):
                with archive.open(f"study/{one.name}", "w", force_zip64=True) as file:
                    file.write(one.read_bytes())
    rows(server, "UPDATE codes SET name = 'Other', name_key = 'other' WHERE codebook_version = 4")
    visit = arrive()
    page = enter(visit, password)
    folder = sorted((tmp_path / "out").iterdir())
    for chosen in (
        [tmp_path / "stored.zip"],
        [tmp_path / "packed.zip"],
        folder,
        [one for one in folder if one.suffix != ".csv"],
    ):
        page.goto("/research/codebook/import")
        page.get_by_label("File, or files of a folder").set_input_files(chosen)
        expect(page.locator("#file-said")).to_contain_text("is read.")
        page.get_by_role("button", name="Show what it would do").click()
        expect(page.get_by_role("region", name="What it would do")).to_contain_text("New: 1")
    looked_at(page)
    page.get_by_label("File, or files of a folder").set_input_files(tmp_path / "out" / "manifest.json")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_role("alert")).to_contain_text("names no column “name”")
    page.get_by_label("File, or files of a folder").set_input_files(
        [one for one in folder if "codes" not in one.name]
    )
    expect(page.locator("#file-problem")).to_contain_text("There is no codes.csv or codes.parquet in it.")
    rows(server, "UPDATE codes SET name = 'Plan', name_key = 'plan' WHERE codebook_version = 4")
    assert visit.errors == []
