"""Exports in a real browser: choose, look, make, watch, verify, download, and open with pandas."""

import io
import re
import zipfile
from collections.abc import Iterator

import openpyxl
import pandas
import pytest
from playwright.sync_api import Page, expect

from bench.process import ServerProcess, command, verbatim
from tests.browser.axe import grave, rules_of
from tests.browser.conftest import STUDY, TREE, Arrive
from tests.browser.lived import rows
from tests.browser.test_research_room import enter as sign_in
from tests.browser.test_research_room import password
from tests.browser.waiting import comes_to, copied, fits, holds
from tests.exports.seed import id_of
from tests.exports.story import story

pytestmark = pytest.mark.browser
__all__ = ["password"]  # a fixture of these tests too
# Python and pyarrow start in a second; of a busy machine in several.
PATIENCE = 60_000
# Keeps what the page says while it waits for a proof, for then another page takes its place.
HEAR = """new MutationObserver(() => {
  const said = document.querySelector(".verifying span")?.textContent;
  if (said) sessionStorage.setItem("said", said);
}).observe(document, { subtree: true, childList: true, characterData: true });"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The app on a database with the story in it."""
    with verbatim(TREE, tmp_path_factory.mktemp("exports"), STUDY) as running:
        story().write(running.environment["VERBATIM_DATABASE_URL"])
        yield running


def exports_page(arrive: Arrive, password: str, *, phone: bool = False, query: str = "") -> Page:
    """The page, by an owner who has signed in."""
    page = sign_in(arrive(phone=phone), password)
    page.goto(f"/research/exports{query}")
    expect(page.get_by_role("heading", name="Exports", level=1)).to_be_visible()
    return page


def test_from_a_filter_to_the_right_rows(arrive: Arrive, password: str) -> None:
    """What is chosen is counted and shown at once, made, proved, and is what the zip holds."""
    page = exports_page(arrive, password)
    page.get_by_text("Filters").click()
    page.locator("select[name=rating]").select_option("down")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("1 thread is chosen", timeout=PATIENCE)
    expect(preview).to_contain_text("messages 7")
    expect(preview.get_by_role("table")).to_contain_text("first question")
    expect(page.get_by_role("checkbox", name=re.compile("^csv"))).to_have_count(0)
    page.get_by_role("radio", name="another program").check()
    page.get_by_role("checkbox", name=re.compile("^csv")).check()
    page.get_by_role("button", name="Export").click()
    newest = page.locator(".made > li").first
    expect(newest).to_contain_text("rated: down")
    expect(newest.get_by_role("link", name="Download")).to_be_visible(timeout=PATIENCE)
    newest.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("The export is whole: it agrees")).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        page.locator(".made > li").first.get_by_role("link", name="Download").click()
    content = download.value.path().read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        folder = download.value.suggested_filename.removesuffix(".zip")
        messages = pandas.read_parquet(io.BytesIO(archive.read(f"{folder}/messages.parquet")))
        as_csv = pandas.read_csv(io.BytesIO(archive.read(f"{folder}/messages.csv")))
    assert set(messages["thread_id"]) == {id_of("Ada's thread")}
    assert len(messages) == len(as_csv) == 7


def test_excel_is_asked_for_by_its_name(arrive: Arrive, password: str) -> None:
    """Whoever says where it will be opened need not know the format: Excel gets workbooks, named first."""
    page = exports_page(arrive, password)
    page.get_by_role("radio", name="Excel").check()
    expect(page.get_by_text("is whole in the CSV beside it")).to_be_visible()
    page.get_by_role("button", name="Export").click()
    newest = page.locator(".made > li").first
    expect(newest).to_contain_text("xlsx, csv")
    expect(newest.get_by_role("link", name="Download")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#made")).to_be_focused()
    newest.get_by_text("Open in R, pandas, Excel, SPSS or Stata").click()
    expect(newest.locator("details.open > p").first).to_contain_text("Excel: unpack the zip")
    with page.expect_download() as download:
        newest.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        folder = download.value.suggested_filename.removesuffix(".zip")
        book = openpyxl.load_workbook(io.BytesIO(archive.read(f"{folder}/messages.xlsx")))
        assert f"{folder}/messages.csv" in archive.namelist()
    assert "first question" in [cell.value for row in book.active.iter_rows() for cell in row]


def test_an_export_is_watched_across_a_reload(arrive: Arrive, password: str) -> None:
    """Its line goes on by itself, has words for the bar, and is there after a reload as well."""
    page = exports_page(arrive, password)
    page.get_by_role("button", name="Export").click()
    newest = page.locator(".made > li").first
    expect(newest.get_by_role("progressbar")).to_have_accessible_name(
        re.compile("Waiting|Counting|Writing|Packing")
    )
    page.reload()
    expect(page.locator(".made > li").first.get_by_role("link", name="Download")).to_be_visible(
        timeout=PATIENCE
    )


def test_lines_are_copied(arrive: Arrive, password: str) -> None:
    """A button beside the lines puts them into the clipboard, under the page's policy."""
    page = exports_page(arrive, password)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Export").click()
    newest = page.locator(".made > li").first
    newest.get_by_text("Open in R, pandas, Excel, SPSS or Stata").click(timeout=PATIENCE)
    newest.get_by_role("button", name="Copy the lines for pandas").click()
    holds(page, lambda: copied(page).startswith("import runpy"), "what was copied")
    comes_to(page, lambda: copied(page), newest.locator("pre").first.inner_text())


@pytest.mark.parametrize("phone", [False, True])
def test_everybody_can_use_it(arrive: Arrive, password: str, phone: bool) -> None:
    """Axe finds nothing by day and by night, with a look on it; nothing is wider than the screen."""
    page = exports_page(arrive, password, phone=phone, query="?q=nothing&agent=ELIZA")
    expect(page.locator("#preview")).to_contain_text("take a filter away", timeout=PATIENCE)
    page.get_by_text("Tables (all)").click()
    for look in ("light", "dark"):
        page.emulate_media(color_scheme=look)
        assert grave(page, *rules_of(look)) == [], look
        fits(page)


def test_a_look_needs_no_script(arrive: Arrive, password: str, server: ServerProcess) -> None:
    """The button sends the form, and the page comes back with the form as it was and the look below it."""
    known = sign_in(arrive(), password).context
    without = known.browser
    assert without is not None
    context = without.new_context(
        base_url=server.url, storage_state=known.storage_state(), java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/research/exports?agent=ELIZA")
    page.get_by_role("radio", name="SPSS").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("1 thread is chosen", timeout=PATIENCE)
    expect(page.locator("select[name=agent]")).to_have_value("ELIZA")
    expect(page.get_by_role("radio", name="SPSS")).to_be_checked()
    context.close()


def test_a_proof_says_how_far_it_is_and_leads_to_what_differs(
    arrive: Arrive, password: str, server: ServerProcess
) -> None:
    """While it reads, the page names table and rows; a forged message is a link to where it stands."""
    # Last in this file: the others know each thread. So many rows take longer than the page waits to ask.
    command(server, "simulate", "--offline", "--mix", "--threads", "150")
    page = exports_page(arrive, password)
    page.context.add_init_script(HEAR)
    page.reload()
    page.get_by_role("button", name="Export").click()
    newest = page.locator(".made > li").first
    expect(newest.get_by_role("link", name="Download")).to_be_visible(timeout=PATIENCE)
    chosen = "type = 'user_message' AND run_id IS NULL AND output LIKE '%almond milk%' AND deleted_at IS NULL"
    [forged] = rows(server, f"SELECT step_id FROM steps WHERE {chosen} ORDER BY seq LIMIT 1")
    rows(server, "UPDATE steps SET output = 'I never said this.' WHERE step_id = ?", forged["step_id"])
    newest.get_by_role("button", name="Verify").click(timeout=PATIENCE)
    proof = page.locator("#proof")
    expect(proof).to_contain_text("cannot be trusted", timeout=PATIENCE)
    said = page.evaluate("sessionStorage.getItem('said')")
    assert re.fullmatch(r"Reading \w+: [\d,]+ of [\d,]+ rows", said)
    proof.locator("a[href*='/research/threads/']").first.click()
    expect(page).to_have_url(re.compile(f"#{forged['step_id']}$"))
    expect(page.locator(f"[id='{forged['step_id']}']")).to_be_in_viewport()
    expect(page.get_by_text("I never said this.")).to_be_in_viewport()
