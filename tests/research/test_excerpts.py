"""All excerpts of one code: the words and those around them, who sees which, and the file of them."""

import csv
import io

import pytest

from data_layer.coding.annotation_shapes import AnnotationPlace
from data_layer.record import Record
from data_layer.writing.writes import PatchRow
from study.roles import ResearcherRole
from study.vocabulary import CodeColour
from tests.data_layer.rows import new_id
from tests.exports.seed import id_of
from tests.exports.story import story
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD

ADAS, BOBS = id_of("Ada's thread"), id_of("Bob's thread")
QUESTION, REPLY = id_of("first question"), id_of("first reply")
SAID = "Begin " + "word " * 60 + "and here =lonely, “🙂” at last " + "more " * 60 + "end."
AT = SAID.index("=lonely")


@pytest.fixture(autouse=True)
def everything(sqlite_url: str, record: Record) -> None:
    """The study in which everything happens, without annotations."""
    seed = story()
    for name in ("annotations", "codes", "coding_assignments"):
        seed.rows.pop(name)
    seed.write(sqlite_url)


async def given(record: Record, by: str = "", author: str = "Olga") -> tuple[str, str]:
    """A code, and one under it: on words of a reply, on the turn of a question, and on Bob's thread."""
    feeling = await record.codebook.add("Feeling", "Of any kind.", CodeColour.BLUE, new_id(), "Olga")
    lonely = await record.codebook.add(
        "Lonely", "", CodeColour.PINK, new_id(), "Olga", parent_id=feeling.code_id
    )
    await record.writer.submit(PatchRow("steps", {"step_id": REPLY}, {"output": SAID}))
    who = by or new_id()
    span = AnnotationPlace(ADAS, REPLY, (AT, AT + 7), 1)
    await record.annotations.give_code(span, lonely.code_id, who, author)
    await record.annotations.give_code(AnnotationPlace(ADAS, QUESTION), feeling.code_id, who, author)
    await record.annotations.give_code(AnnotationPlace(BOBS), feeling.code_id, new_id(), "Rosa")
    return feeling.code_id, lonely.code_id


def table(text: str) -> list[dict[str, str]]:
    """The rows of a file."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_words_stand_among_those_around_them(owner: Browser, record: Record) -> None:
    """Cut between words, of a code and of those under it; each leads to its message."""
    feeling, lonely = await given(record)
    page = (await owner.get(f"/codebook/{feeling}/excerpts")).text
    assert "… word word" in page.replace("…word", "… word")
    assert '<mark class="pink">=lonely</mark>, “🙂” at last' in page
    assert "3 excerpts" in page
    assert f'href="/research/threads/{ADAS}?at={REPLY}#{REPLY}"' in page
    assert "The whole conversation" in page
    assert "1 excerpt" in (await owner.get(f"/codebook/{lonely}/excerpts")).text
    assert f'href="/research/codebook/{feeling}/excerpts"' in (await owner.get("/codebook")).text
    assert f'href="/research/codebook/{lonely}/excerpts"' in (await owner.get(f"/threads/{ADAS}")).text


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("role=assistant", 1),
        ("role=user", 1),
        ("agent=ELIZA", 1),
        ("agent=Model", 2),
        (f"thread={ADAS[:8]}", 2),
        ("until=2001-01-01", 0),
        ("since=0001-01-01&until=9999-12-31", 3),
        ("since=2001-01-01", 3),
    ],
)
async def test_filters_narrow_page_and_file(
    owner: Browser, record: Record, asked: str, expected: int
) -> None:
    """Alike; where nothing is left the page says what to do."""
    feeling, _ = await given(record)
    page = (await owner.get(f"/codebook/{feeling}/excerpts?{asked}")).text
    assert page.count('<li id="e-') == expected
    assert ("No excerpt is left by these filters" in page) is (expected == 0)
    assert len(table((await owner.get(f"/codebook/{feeling}/excerpts.csv?{asked}")).text)) == expected


async def test_who_gave_it_narrows(owner: Browser, record: Record) -> None:
    """By the annotator."""
    who = new_id()
    feeling, _ = await given(record, who)
    assert (await owner.get(f"/codebook/{feeling}/excerpts?by={who}")).text.count('<li id="e-') == 2


async def test_the_file_holds_what_was_kept(owner: Browser, record: Record) -> None:
    """To the character, without a byte order mark; a missing value is nothing; the log has no word of it."""
    feeling, lonely = await given(record)
    answer = await owner.get(f"/codebook/{feeling}/excerpts.csv")
    assert answer.content.startswith(b'"annotation_id"')
    by_code = {row["code_id"]: row for row in table(answer.content.decode())}
    row = by_code[lonely]
    assert (row["quote"], row["code"], row["role"]) == ("=lonely", "Lonely", "assistant")
    assert SAID[int(row["start"]) : int(row["end"])] == row["quote"]
    assert (row["before"].strip("…") + row["quote"] + row["after"].strip("…")) in SAID
    assert row["link"] == f"http://study.example/research/threads/{ADAS}?at={REPLY}#{REPLY}"
    (line, *_) = await record.audit.newest()
    assert (line["action"], line["target"], line["details"]) == ("excerpts_downloaded", feeling, {"count": 3})


async def test_a_coder_sees_their_own_in_their_own_threads(stranger: Browser, record: Record) -> None:
    """Neither what others gave, nor what stands in a thread that was taken back; on both page and file."""
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    cora = await record.researchers.find("Cora")
    assert cora is not None
    me = cora.researcher_id
    feeling, _ = await given(record, me, "Cora")
    await record.annotations.give_code(AnnotationPlace(BOBS), feeling, me, "Cora")
    await record.coding_tasks.given.give([ADAS, BOBS], me, me)
    await record.coding_tasks.given.end([BOBS], me)
    await stranger.sign_in("Cora", PASSWORD)
    page = (await stranger.get(f"/codebook/{feeling}/excerpts?by={new_id()}")).text
    assert page.count('<li id="e-') == 2
    assert "Rosa" not in page
    rows = table((await stranger.get(f"/codebook/{feeling}/excerpts.csv")).text)
    assert {row["coder_id"] for row in rows} == {me}
    assert {row["thread_id"] for row in rows} == {ADAS}


async def test_many_have_pages(owner: Browser, record: Record) -> None:
    """Each stands on one; a number that is none is the first page."""
    feeling, _ = await given(record)
    for _ in range(26):
        await record.annotations.give_code(AnnotationPlace(ADAS, QUESTION), feeling, new_id(), "Rosa")
    first, second = [(await owner.get(f"/codebook/{feeling}/excerpts?page={n}")).text for n in ("x", 2)]
    assert (first.count('<li id="e-'), second.count('<li id="e-')) == (25, 4)
    assert 'rel="next"' in first
    assert 'rel="prev"' in second


async def test_a_code_that_was_given_to_nothing_says_so(owner: Browser, record: Record) -> None:
    """And an unknown one is not there."""
    code = await record.codebook.add("Plan", "", CodeColour.BLUE, new_id(), "Olga")
    file = (await owner.get(f"/codebook/{code.code_id}/excerpts.csv")).text
    assert (file.count("\n"), table(file)) == (1, [])
    assert "Nothing bears this code yet" in (await owner.get(f"/codebook/{code.code_id}/excerpts")).text
    assert (await owner.get(f"/codebook/{new_id()}/excerpts")).status_code == 404
