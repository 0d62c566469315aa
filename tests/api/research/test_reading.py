"""What a program reads: the room's own rows, without identities, each reading in the audit log."""

import json
from typing import Any, Final

import pytest

from api.research.shared import narrowed
from data_layer.coding.annotation_shapes import AnnotationPlace
from data_layer.people.audit import prove_chain
from data_layer.record import Record
from data_layer.review.filter_fields import FIELDS
from study.roles import ResearcherRole, TokenScope
from study.vocabulary import CodeColour
from tests.api.research.conftest import noted
from tests.api.research.program import Program
from tests.data_layer.rows import ADA, BOB, begin_thread, rows
from tests.data_layer.said_by_ada import MARKER, OWN_PROMPT, say_everything

NOBODYS: Final = "00000000-0000-4000-8000-000000000000"


async def test_a_program_reads_a_study_in_few_lines(program: Program, thread_id: str) -> None:
    """The study, a participant, their thread and what was said in it."""
    (study,) = (await program.get("/studies")).json()["studies"]
    assert (study["id"], study["state"]) == ("browser-tests", "open")
    (person,) = (await program.get("/participants")).json()["participants"]
    assert (person["participant_id"], person["threads"]) == (ADA, 1)
    (thread,) = (await program.get("/threads")).json()["threads"]
    assert (thread["thread_id"], thread["participant_id"]) == (thread_id, ADA)
    read = (await program.get(f"/threads/{thread_id}")).json()
    assert [one["content"] for one in read["messages"]] == [f"No, {MARKER} edited", f"So you are {MARKER}"]
    whole = (await program.get(f"/participants/{ADA}")).json()
    assert [one["thread_id"] for one in whole["their_threads"]] == [thread_id]


async def test_what_lay_behind_is_a_scope_of_its_own(program: Program, thread_id: str) -> None:
    """What left the screen, steps, wordings, runs, calls, ratings, events, intents: as the room has them."""
    told = (await program.get(f"/threads/{thread_id}/behind")).json()
    assert [one["content"] for one in told["messages"] if one["deleted_at"]] == [f"deleted {MARKER}"]
    assert [one["name"] for one in told["steps"]] == ["look"]
    (edited,) = [one["step_id"] for one in told["revisions"] if one["revision"] == 2]
    wordings = [one["output"] for one in told["revisions"] if one["step_id"] == edited]
    assert wordings == [f"I am {MARKER}", f"No, {MARKER} edited"]
    empty = [name for name, held in told.items() if isinstance(held, list) and not held]
    assert empty == []
    call = next(one for one in told["calls"] if one["prompt_hash"] == OWN_PROMPT)
    assert "prompt" not in call
    stands = json.dumps((await program.get(f"/threads/{thread_id}")).json())
    assert f"deleted {MARKER}" not in stands


async def test_a_step_is_read_whole(program: Program, record: Record, thread_id: str) -> None:
    """By its id, with all that went into it."""
    (step,) = await rows(record, "steps", thread_id=thread_id, type="tool")
    read = (await program.get(f"/steps/{step['step_id']}")).json()
    assert (read["input"], read["thread_id"]) == (MARKER, thread_id)


async def test_nothing_says_who_a_participant_is(program: Program, record: Record, thread_id: str) -> None:
    """No name, no browser, no sign-in stands in any answer, though the study holds them."""
    secret = f"{MARKER} the first"
    assert secret in json.dumps([row["value"] for row in await rows(record, "identities")])
    calls = [row["llm_call_id"] for row in await rows(record, "llm_calls")]
    paths = ["/studies", "/participants", f"/participants/{ADA}", "/threads", f"/threads/{thread_id}"]
    paths += [f"/threads/{thread_id}/behind", "/annotations", "/codes", f"/messages?q={MARKER}", "/exports"]
    for path in paths:
        answer = await program.http.get(f"/research{path}")
        assert answer.status_code == 200, answer.text
        assert secret not in answer.text
        assert "user_agent" not in answer.text
        assert "session_id" not in answer.text
    assert calls


READINGS: Final[dict[str, tuple[str, str | None, dict[str, Any]]]] = {
    "/studies": ("study_read", None, {}),
    "/participants?standing=finished": ("participants_listed", None, {"standing": "finished"}),
    "/participants/{ada}": ("participant_read", "ada", {}),
    "/threads?agent=Agent&least=1": ("threads_listed", None, {"agent": "Agent", "least": "1"}),
    "/threads/{thread}": ("thread_read", "thread", {}),
    "/threads/{thread}/behind": ("thread_behind_read", "thread", {}),
    "/messages?q=quokkamarmot": ("searched", None, {"q": "quokkamarmot"}),
    "/annotations?thread={thread}": ("annotations_read", None, {"thread": "thread"}),
    "/codes": ("codebook_read", None, {}),
}


@pytest.mark.parametrize("path", READINGS)
async def test_each_reading_is_in_the_audit_log(
    program: Program, record: Record, thread_id: str, path: str
) -> None:
    """Who, what, and by which token; and the log is whole."""
    names = {"thread": thread_id, "ada": ADA}
    answer = await program.http.get(f"/research{path.format(**names)}")
    assert answer.status_code == 200, answer.text
    action, target, details = READINGS[path]
    (line,) = await noted(record)
    told = {name: names.get(str(value), value) for name, value in details.items()}
    assert (line["name"], line["action"]) == ("Olga", action)
    assert line["target"] == (names[target] if target else None)
    assert line["details"] == {"token": "R"} | told
    assert (await prove_chain(record.database)).wrong == ()


async def test_a_prompt_is_read_and_noted_by_itself(program: Program, record: Record, thread_id: str) -> None:
    """The exact messages that a model was sent, by the call's id; what is no JSON is a fault of ours."""
    call = next(row for row in await rows(record, "llm_calls") if row["prompt_hash"] != OWN_PROMPT)
    async with record.database.engine.begin() as connection:
        await connection.exec_driver_sql(
            """UPDATE prompts SET messages = '[{"role": "user", "content": "Hello"}]'"""
        )
    answer = await program.get(f"/calls/{call['llm_call_id']}")
    assert answer.json()["prompt"] == [{"role": "user", "content": "Hello"}]
    (line,) = await noted(record)
    assert (line["action"], line["target"]) == ("prompt_read", thread_id)
    assert line["details"] == {"token": "R", "llm_call_id": call["llm_call_id"]}


@pytest.mark.parametrize(
    "path", ["/participants/{}", "/threads/{}", "/threads/{}/behind", "/calls/{}", "/steps/{}"]
)
async def test_what_is_not_there_is_not_found(program: Program, record: Record, path: str) -> None:
    """An id that nobody has, and words that are no id; nothing is noted."""
    for name in (NOBODYS, "what", "..%2f..", "%00"):
        answer = await program.get(path.format(name))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), answer.text
    assert await noted(record) == []


async def test_a_coder_reads_what_is_theirs(program: Program, record: Record, thread_id: str) -> None:
    """Threads that are assigned to them, their own annotations, and nobody's participants."""
    await say_everything(record, BOB, "bobsword", "c" * 64)
    carla = await program.researcher("Carla", ResearcherRole.CODER)
    olga = await record.researchers.find("Olga")
    assert olga is not None
    code = await record.codebook.add("Trust", "", CodeColour.BLUE, olga.researcher_id, "Olga")
    await record.annotations.give_code(AnnotationPlace(thread_id), code.code_id, carla, "Carla")
    await program.come_in("Carla", tuple(TokenScope))
    assert (await program.get("/threads")).json()["threads"] == []
    assert (await program.get(f"/threads/{thread_id}")).status_code == 404
    await record.coding_tasks.given.give([thread_id], carla, olga.researcher_id)
    assert [one["thread_id"] for one in (await program.get("/threads")).json()["threads"]] == [thread_id]
    assert (await program.get(f"/threads/{thread_id}")).status_code == 200
    asked = (await program.get("/annotations", by=olga.researcher_id)).json()["annotations"]
    assert [one["coder_id"] for one in asked] == [carla]
    assert (await program.get("/participants")).status_code == 403
    assert (await program.get("/threads", q=MARKER)).status_code == 403


async def test_every_filter_of_the_room_is_there(program: Program) -> None:
    """Under its name, and no other."""
    schema = (await program.http.get("/openapi.json")).json()
    told = schema["paths"]["/research/threads"]["get"]["parameters"]
    assert {one["name"] for one in told} == {*FIELDS, "sort", "cursor", "limit"}
    assert (await program.get("/threads", agnet="Agent")).status_code == 422


async def test_filters_mean_what_they_mean_in_the_room(
    program: Program, record: Record, thread_id: str
) -> None:
    """Each narrows, to ADA's thread or away from it."""
    other = await begin_thread(record, "Something else", BOB)
    narrows: tuple[tuple[str, str], ...] = (
        ("q", MARKER),
        ("participant", ADA[:8]),
        ("edited", "yes"),
        ("rating", "down"),
        ("tag", MARKER),
        ("title", "About"),
        ("model", "m"),
        ("annotated", "yes"),
        ("intent", "active"),
    )
    for name, value in narrows:
        found = (await program.get("/threads", **{name: value})).json()["threads"]
        assert [one["thread_id"] for one in found] == [thread_id], name
    found = (await program.get("/threads", participant=BOB, deleted="no")).json()["threads"]
    assert [one["thread_id"] for one in found] == [other]
    answer = await program.get("/threads", since="yesterday")
    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_filter")


async def test_pages_go_on_by_their_cursor(program: Program, record: Record) -> None:
    """Each thread once, in order; a cursor of another order is told."""
    made = [await begin_thread(record, f"Thread {number}", ADA) for number in range(5)]
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await program.get("/threads", sort="old", limit=2, **cursor)).json()
        found += [one["thread_id"] for one in page["threads"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == made
    answer = await program.get("/threads", sort="long", **cursor)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_such_cursor")


async def test_annotations_go_on_from_where_a_program_left(
    program: Program, record: Record, thread_id: str
) -> None:
    """In pages, and from a moment on: what is new since then."""
    olga = await record.researchers.find("Olga")
    assert olga is not None
    code = await record.codebook.add("Trust", "When.", CodeColour.BLUE, olga.researcher_id, "Olga")
    mine = (olga.researcher_id, "Olga")
    await record.annotations.give_code(AnnotationPlace(thread_id), code.code_id, *mine)
    late = await record.annotations.write_note(AnnotationPlace(thread_id), "A note", *mine)
    page = (await program.get("/annotations", limit=2)).json()
    rest = (await program.get("/annotations", limit=2, cursor=page["next_cursor"])).json()
    ids = [one["annotation_id"] for one in page["annotations"] + rest["annotations"]]
    assert (len(ids), len(set(ids)), rest["next_cursor"]) == (3, 3, None)
    newest = rest["annotations"][-1]
    assert (newest["annotation_id"], newest["note"], newest["coder_id"]) == (late, "A note", mine[0])
    since = (await program.get("/annotations", since=newest["created_at"])).json()["annotations"]
    assert [one["annotation_id"] for one in since] == [late]
    coded = (await program.get("/annotations", code=code.code_id)).json()["annotations"]
    assert [one["code_id"] for one in coded] == [code.code_id]
    (told,) = (await program.get("/codes")).json()["codes"]
    assert (told["name"], told["definition"], told["retired_at"]) == ("Trust", "When.", None)
    assert (await program.get("/annotations", since="2026-03-02T08:00:00")).json()["code"] == "no_zone"


async def test_what_nobody_would_write_is_told(program: Program, thread_id: str) -> None:
    """Moments before all time, numbers beyond a column, bytes that no text has: no fault of the server's."""
    early = "0001-01-01T00:00:00+14:00"
    asked: tuple[tuple[str, dict[str, str]], ...] = (
        ("/threads", {"cursor": f"{early}~{thread_id}"}),
        ("/threads", {"cursor": f"{'9' * 40}~{thread_id}", "sort": "long"}),
        ("/participants", {"cursor": f"{early}~{ADA}"}),
        ("/annotations", {"cursor": f"{early}~{ADA}"}),
        ("/annotations", {"since": early}),
        ("/annotations", {"thread": "a\0b"}),
        ("/annotations", {"code": "a\0b"}),
        ("/threads", {"since": "0000-00-00"}),
        ("/threads", {"least": "9" * 40}),
        ("/threads", {"limit": "0"}),
        (f"/threads/{thread_id}", {"part": "2"}),
        (f"/threads/{thread_id}", {"part": "-1"}),
    )
    for path, query in asked:
        assert (await program.get(path, **query)).status_code == 422, (path, query)
    for words in ("\0", "a\0b", "\u202e", "'; DROP TABLE threads; --", "%", "_" * 500):
        assert (await program.get("/threads", agent=words, tag=words, model=words)).status_code == 200, words
        assert (await program.get("/threads", q=words)).status_code in (200, 422), words
    assert narrowed({"agent": "a\ud800\0", "tag": " ", "model": None})["agent"].encode().startswith(b"a")
