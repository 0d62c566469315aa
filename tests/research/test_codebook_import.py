"""A codebook from a file: what would be is shown, done as it was shown, and taken back."""

import asyncio
import base64
import html
import re
from pathlib import Path

import pytest

from data_layer.coding.codebook_import import ImportPlan, plan_of
from data_layer.record import Record
from study.errors import CodingError
from study.vocabulary import CodeColour
from tests.data_layer.rows import new_id
from tests.exports.conftest import export_to
from tests.research.browser import Browser

FILE = "name,definition,parent,colour\nLonely,Says so.,Feeling,pink\nFeeling,Of any kind.,,\nPlan,,,orange\n"


def told(plan: ImportPlan) -> tuple[list[str], list[str], int, list[int]]:
    """Names of what is new and changed, how many are the same, and the lines that are refused."""
    return (
        [line.name for line in plan.added],
        [line.name for line, _ in plan.changed],
        plan.same,
        [number for number, _ in plan.refused],
    )


@pytest.mark.parametrize(
    "content",
    [
        FILE.encode(),
        b"\xef\xbb\xbf" + FILE.encode(),
        FILE.replace(",", ";").replace("\n", "\r\n").encode(),
        FILE.replace(",", "\t").encode(),
    ],
    ids=["commas", "byte order mark", "semicolons", "tabs"],
)
def test_a_file_is_read_however_it_was_saved(content: bytes) -> None:
    """A parent comes before what stands under it."""
    plan = plan_of(content, [])
    assert told(plan) == (["Feeling", "Lonely", "Plan"], [], 0, [])
    assert [line.colour for line in plan.added] == [None, CodeColour.PINK, CodeColour.ORANGE]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("FEELING,,,", "line 2 already"),
        (",no name,,", "name"),
        ("Other,,Nobody,", "no code “Nobody”"),
        ("Other,,,plaid", "“plaid” is none of"),
        ("Other,,other,", "under itself"),
        (f"Other,{'x' * 4001},,", "more than 4,000"),
    ],
)
def test_a_line_that_cannot_be_taken_says_why(line: str, why: str) -> None:
    """By its number, quoted lines before it counted as they stand; the others are taken."""
    plan = plan_of(f'name,definition,parent,colour\nFeeling,"Of\nany",,\n{line}\nPlan,,,\n'.encode(), [])
    assert told(plan) == (["Feeling", "Plan"], [], 0, [4])
    assert why in plan.refused[0][1]


@pytest.mark.parametrize("content", [b"\xff\xfen\x00", b"code,text\na,b\n", b""])
def test_what_is_no_codebook_says_how_to_make_one(content: bytes) -> None:
    """An encoding, or a header that is none."""
    with pytest.raises(CodingError, match=r"UTF-8|name,definition,parent,colour"):
        plan_of(content, [])


def test_the_table_of_an_export_is_read_as_it_last_stood() -> None:
    """Its newest versions, without what was retired; parents by their ids."""
    content = (
        "code_id,codebook_version,name,definition,colour,parent_id,retired_at\n"
        "a,1,Trust,,blue,,\nb,2,Old,,red,a,\nc,3,Deep,,pink,b,\na,4,Reliance,On it.,blue,,\n"
        "b,5,Old,,red,a,2026-01-01T00:00:00.000Z\n"
    )
    plan = plan_of(content.encode(), [])
    assert [(line.name, line.parent) for line in plan.added] == [("Reliance", ""), ("Deep", "Reliance")]


def test_a_forged_table_of_an_export_ends_in_a_sentence() -> None:
    """Retired codes in a circle, and a newest line that ends before its name."""
    head = b"code_id,codebook_version,parent_id,retired_at,name\n"
    with pytest.raises(CodingError, match="circle"):
        plan_of(head + b"a,1,b,2026,A\nb,2,a,2026,B\nc,3,a,,C\n", [])
    plan = plan_of(head + b"a,1,b,2026,A\nb,2\n", [])
    assert told(plan) == ([], [], 0, [3])


@pytest.mark.parametrize("step", [1, -1])
def test_a_tree_as_deep_as_a_file_is_long(step: int) -> None:
    """Whichever end it begins with, each code comes behind the one above it; a circle is refused whole."""
    numbers = range(2000)[::step]
    chain = "".join(f"c{number},{f'c{number - 1}' if number else ''}\n" for number in numbers)
    plan = plan_of(f"name,parent\n{chain}".encode(), [])
    assert [line.name for line in plan.added] == [f"c{number}" for number in range(2000)]
    circle = "".join(f"c{number},c{(number + 1) % 2000}\n" for number in numbers)
    assert len(plan_of(f"name,parent\n{circle}".encode(), []).refused) == 2000


def test_what_stands_under_a_refused_line_says_so() -> None:
    """And not that there is no such code."""
    plan = plan_of(b"name,parent\nUnder,Feeling\nFeeling,Nobody\n", [])
    assert told(plan) == ([], [], 0, [2, 3])
    assert "“Feeling”, which it would stand under, cannot be taken" in plan.refused[0][1]


async def test_codes_change_places_by_an_import_and_back(owner: Browser, record: Record) -> None:
    """The upper goes under the lower, and by the undo back again, whichever was there first."""
    for order in (("Upper", "Lower"), ("Below", "Above")):
        for name in order:
            await record.codebook.add(name, "", CodeColour.BLUE, new_id(), "Olga")
    ids = {code.name: code.code_id for code in await record.codebook.current()}
    for lower, upper in (("Lower", "Upper"), ("Below", "Above")):
        await record.codebook.change(ids[lower], new_id(), "Olga", parent_id=ids[upper])
    text = "name,parent\nUpper,Lower\nLower,\nAbove,Below\nBelow,\n"
    assert (await owner.post("/codebook/import", text=text, seen="6")).status_code == 303

    async def above() -> dict[str, str | None]:
        return {code.name: code.parent_id for code in await record.codebook.current()}

    assert await above() == {"Upper": ids["Lower"], "Lower": None, "Above": ids["Below"], "Below": None}
    assert (await owner.post("/codebook/import/undo", versions="6-10")).status_code == 303
    assert await above() == {"Upper": None, "Lower": ids["Upper"], "Above": None, "Below": ids["Above"]}


async def test_what_is_drawn_under_a_retired_code_is_planned_as_it_is_drawn(
    owner: Browser, record: Record
) -> None:
    """Under the next above it that lives: neither a change nor, the other way about, a circle half way."""
    top, middle, low = [
        await record.codebook.add(name, "", CodeColour.BLUE, new_id(), "Olga")
        for name in ("Top", "Middle", "Low")
    ]
    await record.codebook.change(middle.code_id, new_id(), "Olga", parent_id=top.code_id)
    await record.codebook.change(low.code_id, new_id(), "Olga", parent_id=middle.code_id)
    await record.codebook.retire(middle.code_id, new_id(), "Olga")
    assert told(plan_of(b"name,parent\nLow,Top\n", await record.codebook.newest())) == ([], [], 1, [])
    page = (await owner.post("/codebook/import", text="name,parent\nNew,\nTop,Low\n")).text
    assert "“Top” would stand under itself" in page


async def test_an_import_is_shown_done_and_taken_back(owner: Browser, record: Record) -> None:
    """Nothing is written before it was seen; the undo leaves the codebook as it read."""
    await record.codebook.add("plan", "As it was.", CodeColour.BLUE, new_id(), "Olga")
    seen = (await owner.post("/codebook/import", text=FILE)).text
    assert ("New: 2" in seen, "Changed: 1" in seen, 'name="seen" value="1"' in seen) == (True, True, True)
    assert len(await record.codebook.history()) == 1
    done = await owner.post("/codebook/import", text=FILE, seen="1")
    assert done.headers["location"] == "/research/codebook?imported=1-4"
    by_name = {code.name: code for code in await record.codebook.current()}
    assert set(by_name) == {"Plan", "Feeling", "Lonely"}
    assert by_name["Lonely"].parent_id == by_name["Feeling"].code_id
    assert (by_name["Plan"].colour, by_name["Plan"].definition) == (CodeColour.ORANGE, "")
    (line, *_) = await record.audit.newest()
    assert (line["action"], line["details"]) == (
        "codebook_imported",
        {"added": 2, "changed": 1, "since_version": 1},
    )
    page = (await owner.client.get(done.headers["location"])).text
    assert 'name="versions" value="1-4"' in page
    await owner.post("/codebook/import/undo", versions="1-4")
    told = [(c.name, c.definition, c.colour) for c in await record.codebook.current()]
    assert told == [("plan", "As it was.", CodeColour.BLUE)]


async def test_what_was_changed_since_is_shown_anew(owner: Browser, record: Record) -> None:
    """What somebody agreed to is what is done, or nothing is."""
    await owner.post("/codebook/import", text=FILE)
    await record.codebook.add("Feeling", "", CodeColour.BLUE, new_id(), "Rosa")
    answer = await owner.post("/codebook/import", text=FILE, seen="0")
    assert (answer.status_code, "Changed: 1" in answer.text) == (200, True)
    assert len(await record.codebook.history()) == 1


async def test_an_undo_leaves_what_was_changed_by_hand_since(owner: Browser, record: Record) -> None:
    """Only what still reads as it was imported goes back."""
    await owner.post("/codebook/import", text=FILE, seen="0")
    feeling = next(code for code in await record.codebook.current() if code.name == "Feeling")
    await record.codebook.change(feeling.code_id, new_id(), "Rosa", definition="Sharper.")
    await owner.post("/codebook/import/undo", versions="0-3")
    assert [(c.name, c.definition) for c in await record.codebook.current()] == [("Feeling", "Sharper.")]


async def test_parquet_is_shown_imported_and_undone(owner: Browser, record: Record, tmp_path: Path) -> None:
    """As a script sends it: what it holds is in the page as text, and that is what is agreed to."""
    code = await record.codebook.add("Trust <i>", "Says so.", CodeColour.PINK, new_id(), "Olga")
    await asyncio.to_thread(export_to, str(record.database.url), tmp_path / "out", formats=("parquet",))
    await record.codebook.retire(code.code_id, new_id(), "Olga")
    packed = base64.b64encode((tmp_path / "out" / "codes.parquet").read_bytes()).decode()
    page = (await owner.post("/codebook/import", packed=packed)).text
    assert "New: 1" in page
    assert "Trust &lt;i&gt;" in page
    text = html.unescape(re.search(r'name="text" hidden>\n(.*?)</textarea>', page, re.DOTALL)[1])  # type: ignore[index]
    answer = await owner.post("/codebook/import", text=text, seen="2")
    assert answer.headers["location"] == "/research/codebook?imported=2-3"
    for wrong in ("no Base64!", base64.b64encode(b"PAR1, as it were").decode()):
        answer = await owner.post("/codebook/import", packed=wrong)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
