"""Codes and notes on the page of a thread: given, changed, taken away, brought back; by whom, and noted."""

import re
from typing import Any

import pytest

from data_layer.coding.annotation_shapes import Annotation, AnnotationPlace
from data_layer.database import schema
from data_layer.record import Record
from data_layer.writing.writes import PatchRow
from study.roles import ResearcherRole
from study.vocabulary import CodeColour
from tests.data_layer.rows import execute, new_id, rows
from tests.exports.seed import id_of
from tests.exports.story import story
from tests.page.asking import ATTACKS
from tests.research.browser import Browser
from tests.research.conftest import PASSWORD

ADAS = id_of("Ada's thread")
BOBS = id_of("Bob's thread")
QUESTION, REPLY = id_of("first question"), id_of("first reply")
HERE = f"/threads/{ADAS}/annotations"


@pytest.fixture(autouse=True)
def everything(sqlite_url: str, record: Record) -> None:
    """The study in which everything happens, without annotations."""
    seed = story()
    seed.rows.pop("annotations")
    seed.rows.pop("codes")
    seed.write(sqlite_url)


async def code(record: Record, name: str = "Trust") -> str:
    """A living code's id."""
    return (await record.codebook.add(name, "", CodeColour.BLUE, new_id(), "Olga")).code_id


async def say(record: Record, step_id: str, words: str) -> None:
    """Let a message read so."""
    await record.writer.submit(PatchRow("steps", {"step_id": step_id}, {"output": words}))


async def standing(record: Record) -> list[Annotation]:
    """What stands in Ada's thread."""
    return await record.annotations.of_thread(ADAS)


async def coder(browser: Browser, record: Record, *threads: str) -> str:
    """Cora is in, and codes these threads."""
    await record.researchers.add("Cora", ResearcherRole.CODER, PASSWORD)
    cora = await record.researchers.find("Cora")
    assert cora is not None
    await record.coding_tasks.given.give(threads, cora.researcher_id, cora.researcher_id)
    await browser.sign_in("Cora", PASSWORD)
    return cora.researcher_id


async def test_a_thread_a_turn_and_words_are_coded(owner: Browser, record: Record) -> None:
    """By forms alone; the page shows code, author and the words, and offers the way back."""
    trust = await code(record)
    await say(record, REPLY, "I am **very** sure.")
    for fields in ({}, {"step_id": QUESTION}, {"step_id": REPLY, "exact": "very sure"}):
        answer = await owner.post(HERE, code_id=trust, **fields)
        assert answer.status_code == 303
    assert [(a.target.value, a.quote) for a in await standing(record)] == [
        ("thread", None),
        ("turn", None),
        ("span", "very** sure"),
    ]
    page = (await owner.client.get(answer.headers["location"])).text
    assert page.count("<bdi>Trust</bdi></span>") >= 3
    assert "<bdi>very sure</bdi></q>" in page
    opened = r'<mark class="blue" data-of="[0-9a-f-]+" title="Code: Trust \(Olga\)" [^>]+>'
    assert re.search(rf"<strong>{opened}very</mark></strong>", page)
    assert f'action="/research{HERE}/remove"' in page
    assert "It is done." in page


async def test_a_script_gets_what_is_another(owner: Browser, record: Record) -> None:
    """The words and what stands beside them, a sentence, and the way back."""
    await say(record, QUESTION, "Is it so?")
    told = (
        await owner.post(
            HERE, code_id=await code(record), step_id=QUESTION, exact="it", start="3", script="yes"
        )
    ).json()
    (made,) = await standing(record)
    assert told["undo"] == ["remove", [made.annotation_id]]
    assert told["said"] == "Coded “Trust”."
    name = made.annotation_id
    assert (
        f'<mark class="blue" data-of="{name}" title="Code: Trust (Olga)" aria-details="a-{name}">it</mark>'
        in told["parts"][f"words-{QUESTION}"]
    )
    assert told["parts"]["legend"].count("<li>") == 1
    assert "Olga" in told["parts"][f"marks-{QUESTION}"]


async def test_a_code_and_a_note_on_the_same_words_stand_both(owner: Browser, record: Record) -> None:
    """The code keeps its colour, the note has its own line; the legend names both."""
    await say(record, QUESTION, "Is it so?")
    words = {"step_id": QUESTION, "exact": "it", "start": "3"}
    await owner.post(HERE, code_id=await code(record), **words)
    told = (await owner.post(HERE, note="Why?", script="yes", **words)).json()["parts"]
    assert re.search(
        r'<mark class="note lane-1"[^>]*><mark class="blue"[^>]*>it</mark></mark>', told[f"words-{QUESTION}"]
    )
    assert 'title="Code: Trust (Olga); A note (Olga)"' in told[f"words-{QUESTION}"]
    assert re.findall(r"<bdi>(.+?)</bdi>", told["legend"]) == ["Trust", "a note"]


async def test_a_new_code_is_made_while_coding(owner: Browser, record: Record) -> None:
    """By its name, in a colour that no other has; it can be given at once, and the log has both."""
    await code(record)
    told = (await owner.post(HERE, new_code="Doubt", step_id=QUESTION, script="yes")).json()
    assert told["said"] == "New in the codebook, and coded “Doubt”."
    trust, doubt = await record.codebook.current()
    assert (doubt.name, doubt.colour) == ("Doubt", CodeColour.ORANGE)
    assert f'data-code="{doubt.code_id}"' in told["parts"]["palette-codes"]
    assert [one.code_id for one in await standing(record)] == [doubt.code_id]
    assert {line["action"] for line in (await record.audit.newest())[:2]} == {"code_added", "annotation_made"}
    await owner.post(HERE, new_code=" TRUST", step_id=QUESTION)
    assert [one.code_id for one in await standing(record)] == [doubt.code_id, trust.code_id]
    assert len(await record.codebook.history()) == 2


async def test_a_coder_makes_no_code(stranger: Browser, record: Record) -> None:
    """Neither is it offered, nor taken when it is sent all the same."""
    await coder(stranger, record, ADAS)
    assert "palette-add" not in (await stranger.get(f"/threads/{ADAS}")).text
    answer = await stranger.post(HERE, new_code="Doubt", step_id=QUESTION, script="yes")
    assert (answer.status_code, "Whoever leads" in answer.json()["problem"]) == (400, True)
    assert await record.codebook.history() == []


async def test_back_and_back_again(owner: Browser, record: Record) -> None:
    """What was put is taken back, and what was taken is brought back; the rows stay."""
    await owner.post(HERE, note="First.", step_id=QUESTION)
    (note,) = await standing(record)
    told = (await owner.post(f"{HERE}/remove", annotation_id=note.annotation_id, script="yes")).json()
    assert told["undo"] == ["bring-back", [note.annotation_id]]
    assert told["parts"][f"marks-{QUESTION}"].strip() == ""
    assert await standing(record) == []
    await owner.post(f"{HERE}/bring-back", annotation_id=note.annotation_id)
    assert [one.note for one in await standing(record)] == ["First."]
    told = (
        await owner.post(f"{HERE}/note", annotation_id=note.annotation_id, note="Second.", script="yes")
    ).json()
    assert told["undo"] == ["bring-back", [note.annotation_id]]
    await owner.post(f"{HERE}/bring-back", annotation_id=note.annotation_id)
    assert [one.note for one in await standing(record)] == ["First."]
    assert len(await rows(record, "annotations")) == 2


async def test_a_code_and_a_note_at_once(owner: Browser, record: Record) -> None:
    """Whoever fills both fields of the form loses neither, and takes both back in one step."""
    told = (await owner.post(HERE, code_id=await code(record), note="Why.", script="yes")).json()
    assert len(told["undo"][1]) == len(await standing(record)) == 2


async def test_a_code_given_twice_is_given_once(owner: Browser, record: Record) -> None:
    """The page says so, and offers nothing to take back: it was there."""
    trust = await code(record)
    await owner.post(HERE, code_id=trust)
    told = (await owner.post(HERE, code_id=trust, script="yes")).json()
    assert told["undo"] is None
    assert len(await standing(record)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"note": "  "},
        {"note": "x", "step_id": QUESTION, "exact": "never said"},
        {"note": "x", "step_id": id_of("Bob's thread: said")},
        {"code_id": id_of("no code")},
        {"note": "x", "step_id": "%00"},
    ],
)
async def test_what_cannot_be_kept_says_why(owner: Browser, record: Record, fields: dict[str, Any]) -> None:
    """A sentence for the script and a page for the form; nothing is written, not even into the log."""
    await record.audit.note("mark", name="test")
    answer = await owner.post(HERE, script="yes", **fields)
    assert answer.status_code == 400
    assert answer.json()["problem"].endswith(".")
    assert (await owner.post(HERE, **fields)).status_code == 400
    assert await rows(record, "annotations") == []
    assert (await record.audit.newest())[0]["action"] == "mark"


async def test_the_log_has_ids_and_no_words(owner: Browser, record: Record) -> None:
    """A note may quote a participant, and a line of the log cannot be erased."""
    await owner.post(HERE, note="They said Rumpelstilzchen.", step_id=QUESTION)
    (note,) = await standing(record)
    await owner.post(f"{HERE}/note", annotation_id=note.annotation_id, note="Rumpelstilzchen!")
    (note,) = await standing(record)
    await owner.post(f"{HERE}/remove", annotation_id=note.annotation_id)
    await owner.post(f"{HERE}/bring-back", annotation_id=note.annotation_id)
    lines = await record.audit.newest()
    assert [(line["action"], line["target"]) for line in lines[:4]] == [
        ("annotation_brought_back", ADAS),
        ("annotation_removed", ADAS),
        ("annotation_changed", ADAS),
        ("annotation_made", ADAS),
    ]
    assert "Rumpelstilzchen" not in str(lines)


@pytest.mark.parametrize("attack", ATTACKS)
async def test_script_stays_text(owner: Browser, record: Record, attack: str) -> None:
    """In a note, in the words that it is on, in a code's name."""
    await say(record, QUESTION, f"so {attack} it is")
    await owner.post(HERE, note=attack, step_id=QUESTION, exact="so")
    await owner.post(HERE, code_id=await code(record, attack[:80]))
    page = (await owner.get(f"/threads/{ADAS}")).text
    assert not any(part in page for part in ("<script>", "<img src=x", 'href="javascript', "<svg onload"))


async def test_a_coder_sees_and_removes_only_their_own(stranger: Browser, record: Record) -> None:
    """Two who see each other's codes do not code on their own."""
    trust, hers = await code(record), new_id()
    place = AnnotationPlace(ADAS, QUESTION)
    others = await record.annotations.give_code(place, trust, hers, "Olga")
    cora = await coder(stranger, record, ADAS)
    await stranger.post(HERE, note="Mine.", step_id=QUESTION)
    page = (await stranger.get(f"/threads/{ADAS}")).text
    assert "Mine." in page
    assert others not in page
    assert (await stranger.post(f"{HERE}/remove", annotation_id=others)).status_code == 400
    own = [one for one in await standing(record) if one.researcher_id == cora]
    assert (await stranger.post(f"{HERE}/remove", annotation_id=own[0].annotation_id)).status_code == 303
    # What somebody else has taken away is not theirs to bring back.
    await record.annotations.bring_back([own[0].annotation_id], hers)
    await record.annotations.remove([own[0].annotation_id], hers)
    assert (await stranger.post(f"{HERE}/bring-back", annotation_id=own[0].annotation_id)).status_code == 400


async def test_a_coder_codes_what_is_assigned(stranger: Browser, record: Record) -> None:
    """Another thread is not there for them, nor an annotation of it under the address of theirs."""
    elsewhere = await record.annotations.write_note(AnnotationPlace(BOBS), "x", new_id(), "Olga")
    await coder(stranger, record, ADAS)
    assert (await stranger.get(f"/threads/{BOBS}/annotate")).status_code == 404
    assert (await stranger.post(f"/threads/{BOBS}/annotations", note="x")).status_code == 404
    assert (await stranger.post(f"{HERE}/remove", annotation_id=elsewhere)).status_code == 400
    assert len(await record.annotations.of_thread(BOBS)) == 1


async def test_a_viewer_sees_and_changes_nothing(stranger: Browser, record: Record) -> None:
    """No palette, no link, no button."""
    await record.annotations.write_note(AnnotationPlace(ADAS), "Look.", new_id(), "Olga")
    await record.researchers.add("Vera", ResearcherRole.VIEWER, PASSWORD)
    await stranger.sign_in("Vera", PASSWORD)
    page = (await stranger.get(f"/threads/{ADAS}")).text
    assert "Look." in page
    assert "/annotat" not in page.replace("/research/static/annotate.css", "")
    assert (await stranger.post(HERE, note="x")).status_code == 403


async def test_the_form_without_a_script(owner: Browser, record: Record) -> None:
    """It offers the codes and a note, for a turn and for the thread."""
    await code(record)
    for address in (f"/threads/{ADAS}/annotate", f"/threads/{ADAS}/annotate?step_id={QUESTION}"):
        page = (await owner.get(address)).text
        assert 'name="code_id"' in page
        assert f'action="/research{HERE}"' in page
    assert (await owner.get(f"/threads/{ADAS}/annotate?step_id={new_id()}")).status_code == 404


async def test_an_earlier_wording_is_beside_it_only(owner: Browser, record: Record) -> None:
    """What was marked reads otherwise now: the quote stays, and nothing else is marked in its place."""
    await say(record, QUESTION, "I trust it.")
    await owner.post(HERE, note="Here.", step_id=QUESTION, exact="trust")
    await execute(
        record.database,
        "UPDATE steps SET revision = 2, output = 'Never mind.' WHERE step_id = :id",
        id=QUESTION,
    )
    page = (await owner.get(f"/threads/{ADAS}")).text
    assert "<bdi>trust</bdi></q>" in page
    assert "earlier wording" in page
    assert "<mark" not in page


async def test_nothing_is_put_on_who_has_withdrawn(owner: Browser, record: Record) -> None:
    """The page offers nothing, and a form that was open is refused."""
    await execute(record.database, f"UPDATE {schema.threads.name} SET state = 'withdrawn'")
    assert "/annotate" not in (await owner.get(f"/threads/{ADAS}")).text.replace("static/annotate", "")
    assert (await owner.post(HERE, note="x")).status_code == 400


async def test_a_retired_code_stays_where_it_was_given(owner: Browser, record: Record) -> None:
    """It is shown, and not offered any more."""
    trust = await code(record)
    await owner.post(HERE, code_id=trust)
    await record.codebook.retire(trust, new_id(), "Olga")
    page = (await owner.get(f"/threads/{ADAS}")).text
    assert "code retired since" in page
    assert "data-code" not in page
