"""How a thread is told to a researcher."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.database.engine import open_database
from data_layer.review.thread import WholeThread, read_whole
from research.markdown import draw_markdown
from research.thread.entries import Day, Happened, OrphanWork, Pause, Said
from research.thread.happenings import WORDS
from research.thread.story import attached_elsewhere, story_of
from research.thread.timeline import legend_of, strip_of
from research.thread.word_diff import word_diff
from tests.browser.conftest import TREE
from tests.exports.seed import BEGIN, id_of
from tests.exports.story import story
from tests.page.asking import ATTACKS

NOTHING: dict[str, Any] = {
    "runs": [], "calls": [], "ratings": [], "elements": [], "events": [], "connections": [], "revisions": [],
}  # fmt: skip


def step(name: str, seconds: float, **columns: Any) -> dict[str, Any]:
    """A message."""
    moment = BEGIN + timedelta(seconds=seconds)
    row = {"step_id": name, "type": "user_message", "run_id": None, "created_at": moment, "ended_at": moment}
    row |= {"seq": int(seconds * 1000), "output": name, "turn": 1, "status": "complete"}
    return row | {"deleted_at": None, "branch": None} | columns


async def adas(sqlite_url: str) -> WholeThread:
    """The thread in which everything happens."""
    story().write(sqlite_url)
    database = open_database(sqlite_url)
    try:
        whole = await read_whole(database, id_of("Ada's thread"))
    finally:
        await database.close()
    assert whole is not None
    return whole


async def test_every_message_is_told_once_and_in_order(sqlite_url: str) -> None:
    """Also what has left the screen."""
    whole = await adas(sqlite_url)
    said = [entry for entry in story_of(whole) if isinstance(entry, Said)]
    messages = [one for one in whole.steps if one["type"].endswith("_message")]
    assert [one.step["step_id"] for one in said] == [one["step_id"] for one in messages]


async def test_every_call_and_every_step_of_work_lies_behind_something(sqlite_url: str) -> None:
    """Behind its reply; where there was none, behind the message that it should have answered."""
    whole = await adas(sqlite_url)
    said = {one.step["step_id"]: one for one in story_of(whole) if isinstance(one, Said)}
    behind = [part for one in said.values() for part in one.behind]
    calls = [call["llm_call_id"] for part in behind for call in part.calls]
    assert sorted(calls) == sorted(call["llm_call_id"] for call in whole.calls)
    work = [one["step_id"] for part in behind for one in part.work]
    assert sorted(work) == sorted([id_of("look up"), id_of("old tool")])
    (failed,) = said[id_of("third question")].behind
    assert failed.run["run_id"] == id_of("failed run")


async def test_what_happened_stands_in_its_place(sqlite_url: str) -> None:
    """Pages that opened, a title that was changed, an agent that failed."""
    kinds = [one.kind for one in story_of(await adas(sqlite_url)) if isinstance(one, Happened)]
    assert kinds[0] == "page_opened"
    assert {"thread_renamed", "agent_failed"} <= set(kinds)


@pytest.mark.parametrize(
    ("seconds", "size"),
    [(29, None), (30, 1), (119, 1), (120, 2), (600, 3), (3600, 4), (18_000, 5), (90_000, 6), (9_000_000, 6)],
)
def test_a_pause_is_told_to_scale(seconds: float, size: int | None) -> None:
    """From half a minute on."""
    whole = WholeThread({}, [step("a", 0), step("b", seconds)], **NOTHING)
    pauses = [entry.size for entry in story_of(whole) if isinstance(entry, Pause)]
    assert pauses == ([] if size is None else [size])


def test_a_reply_that_takes_long_is_no_pause() -> None:
    """The silence begins when its last word has come."""
    ended = BEGIN + timedelta(seconds=50)
    whole = WholeThread({}, [step("a", 0, ended_at=ended), step("b", 60)], **NOTHING)
    assert [type(entry) for entry in story_of(whole)] == [Day, Said, Said]


def test_what_happens_while_a_reply_grows_does_not_end_it() -> None:
    """A page that opens in the middle begins no silence."""
    ended = BEGIN + timedelta(seconds=100)
    opened = {"opened_at": BEGIN + timedelta(seconds=10), "closed_at": None, "close_reason": None}
    opened |= {"connection_id": "c", "session_id": "s"}
    parts = NOTHING | {"connections": [opened]}
    whole = WholeThread({}, [step("a", 0, ended_at=ended), step("b", 105)], **parts)
    assert [type(entry) for entry in story_of(whole)] == [Day, Said, Happened, Said]


def test_work_of_no_message_is_told_as_well() -> None:
    """A step whose run is not kept, and a run that answered nothing."""
    run = {"run_id": "r", "message_id": None, "started_at": BEGIN, "ended_at": None, "error_type": None}
    run |= {"branch": None}
    lone = step("tool", 1, type="tool", run_id="gone")
    whole = WholeThread({}, [lone], **(NOTHING | {"runs": [run]}))
    _, first, second = story_of(whole)
    assert isinstance(first, OrphanWork)
    assert [part.run["run_id"] for part in first.behind] == ["r"]
    assert isinstance(second, OrphanWork)
    assert second.work == [lone]


def test_what_is_attached_to_no_message_is_told_as_well() -> None:
    """To a tool, or to nothing."""
    elements = [{"element_id": name, "message_id": name} for name in ("a", "tool", None)]
    whole = WholeThread(
        {}, [step("a", 0), step("tool", 1, type="tool")], **(NOTHING | {"elements": elements})
    )
    assert [one["element_id"] for one in attached_elsewhere(whole)] == ["tool", None]


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_difference_holds_both_wordings(before: str, after: str) -> None:
    """Without what came it is the one, without what went the other."""
    pieces = word_diff(before, after)
    assert "".join(piece.words for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.words for piece in pieces if piece.kind != "gone") == after


def test_a_difference_is_one_of_words() -> None:
    """A changed word is one that went and one that came."""
    pieces = [(piece.kind, piece.words) for piece in word_diff("He says so.", "She says so.")]
    assert pieces == [("gone", "He"), ("new", "She"), ("same", " says so.")]


@pytest.mark.parametrize("attack", ATTACKS)
def test_markdown_runs_nothing_and_fetches_nothing(attack: str) -> None:
    """No element that an agent wrote as HTML, no picture, no link but to the web."""
    made = str(draw_markdown(attack)).lower()
    assert not any(part in made for part in ("<script", "<img", "<svg", 'href="javascript', 'href="data'))
    assert "onerror=" not in made.replace("onerror=&quot;", "")


def test_markdown_is_drawn() -> None:
    """Tables, code and links, as the chat shows them."""
    made = str(draw_markdown("| a | b |\n|---|--:|\n| 1 | 2 |\n\n`x` [y](https://example.org)"))
    assert '<table dir="auto">' in made
    assert "style=" not in made
    assert '<code dir="ltr">x</code>' in made
    assert 'rel="noopener noreferrer nofollow ugc"' in made


def test_every_event_has_words() -> None:
    """Each type that the source writes is told in a sentence; one of another version, by its name."""
    made = re.compile(r"""\b(?:_?event|event_of|_happened)\((?:[^"()]|\([^()]*\))*"([a-z_]+)"\s*[,)]""")
    written = {
        kind
        for folder in ("data_layer", "page", "stages", "agent")
        for path in (TREE / folder).rglob("*.py")
        for kind in made.findall(path.read_text(encoding="utf-8"))
    }
    assert {"stop_pressed", "branch_shown", "bookmark_put", "share_revoked", "refused"} <= written
    assert written - set(WORDS) == set()


async def test_the_legend_names_what_is_on_the_strip(sqlite_url: str) -> None:
    """Each kind of mark that is there, once; a short thread explains nothing that it does not have."""
    marks = strip_of(story_of(await adas(sqlite_url)))
    named = [kind for kind, _ in legend_of(marks)]
    assert {mark.kind for mark in marks} - {"branch"} == set(named) - ({"edited"} - {m.kind for m in marks})
    assert len(named) == len(set(named))
    assert legend_of([mark for mark in marks if mark.kind == "agent"]) == [("agent", "agent")]
